"""Words in an answer that ask a resident to gather information for us.

A resident who tells us something of their own accord is no covert source. One who is asked to find out, watch or note
may become one (Covert Human Intelligence Sources Code of Practice 2022; facts on UK rules, R27): the officer must take
advice first. This finds the usual phrases, not every way of asking: it is a reminder, not a safeguard.
"""

import re

_WHOM = r"(?:him|her|them|it|that|the)"
_PATTERNS = (
    r"find out",
    r"keep (?:on )?watch(?:ing)?",
    r"keep (?:an|your) eyes? (?:on|out|open)",
    r"keep (?:a )?(?:note|record|diary|log)",
    r"(?:get|take|note|write|jot) (?:down )?(?:the |its |their |his |her )?(?:registration|reg|number ?plate|plate)",
    r"(?:take|get|send) (?:us |me )?(?:some |any |a )?(?:photo|picture|video|footage)s?",
    rf"follow {_WHOM}",
    rf"(?:watch|film|record|photograph) {_WHOM}",
    r"ask (?:around|your|his|her|their)",
    r"(?:find|get) (?:us |me )?(?:a |his|her|their|the) names?",
    r"(?:let|tell) (?:us|me) (?:know )?(?:if|when|who) (?:you see|they|he|she)",
    r"see what (?:you|they|he|she) (?:can|do|does|are|is)",
    r"next time (?:you see|they|he|she|it)",
)
_TASKING = re.compile(rf"\b(?:{'|'.join(_PATTERNS)})\b", re.IGNORECASE)


def phrases(text: str) -> list[str]:
    """The phrases in `text` that may set a resident a task, in the order they come, each once."""
    spaced = " ".join(text.split())
    return list(dict.fromkeys(match[0] for match in _TASKING.finditer(spaced)))
