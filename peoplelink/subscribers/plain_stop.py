"""A STOP in plain language: "please stop texting me", "take me off the list", "proszę przestać pisać".

Rules and nothing learnt, so that it can be said of every text why it was taken for a STOP. First what says the contrary
is struck out ("please don't stop these"), then a wish is looked for in what is left. A wish is only one where it is
about our messages, or about nothing else at all: "we have to STOP this" is not. How well it does is in
docs/measurements.md; the phrases are in tests/subscribers/phrases, the rules in `plain_english` and `plain_polish`.
"""

import re
from types import ModuleType

from peoplelink.subscribers import plain_english, plain_polish
from peoplelink.subscribers.keywords import words_of

_LONGEST = 320
"""Characters of the longest text that is looked at: two segments. More is a letter, and a person reads letters."""
_SENTENCE_ENDS = re.compile(r"[.!?;:\n]+| [-\u2013] ")
_STRUCK_OUT = " | "
_RULES = {"en": plain_english, "pl": plain_polish}


def asks_to_stop(text: str) -> bool:
    """Whether a text asks, in English or Polish, that we write no more. Looks at nothing but its words."""
    if len(text) > _LONGEST:
        return False
    plain = _plain(text)
    return any(_asks(rules, plain) for rules in _RULES.values())


def language_of(text: str) -> str | None:
    """The language, other than English, in which a text asks to stop; None where it does not."""
    asked = len(text) <= _LONGEST and _asks(plain_polish, _plain(text))
    return "pl" if asked and not _asks(plain_english, _plain(text)) else None


def _asks(rules: ModuleType, plain: str) -> bool:
    wish = rules.CONTRARY.sub(_STRUCK_OUT, plain)
    return bool(rules.STOP_SENTENCE.search(plain) or rules.WISH.search(wish))


def _plain(text: str) -> str:
    """Words in small letters without accents, "." where a sentence ends: "Nie chcę! OK" is "nie chce . ok"."""
    sentences = (words_of(part) for part in _SENTENCE_ENDS.split(text))
    # The Polish l with a stroke is a letter of its own to Unicode, and has no accent to lose.
    return " . ".join(" ".join(words) for words in sentences if words).lower().replace("\u0142", "l")
