"""From plain questions to a 3x5x2 grade (facts on UK rules, section 4.6, after the College of Policing)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from peoplelink.errors import InvalidInputError
from peoplelink.intelligence.models import Handling, InformationGrade, SourceGrade


class Source(StrEnum):
    """How far do we know this person?"""

    PROVED = "proved"
    FIRST = "first"
    DOUBTED = "doubted"


class Knows(StrEnum):
    """How do they know it?"""

    SAW = "saw"
    TOLD = "told"
    TOLD_BACKED = "told-backed"
    UNCLEAR = "unclear"
    FALSE = "false"


class Sharing(StrEnum):
    """May it be passed on?"""

    YES = "yes"
    CONDITIONS = "conditions"


LONGEST_REASON = 2_000
"""Characters: it is read in a table, by people who share the report."""


@dataclass(frozen=True)
class Grade:
    """A source, an information and a handling grade, such as 2 C P."""

    source: SourceGrade
    information: InformationGrade
    handling: Handling

    def __str__(self) -> str:
        return f"{self.source.value}{self.information.value}{self.handling.value}"


_SOURCE = {
    Source.PROVED: SourceGrade.RELIABLE,
    Source.FIRST: SourceGrade.UNTESTED,
    Source.DOUBTED: SourceGrade.NOT_RELIABLE,
}
_INFORMATION = {
    Knows.SAW: InformationGrade.KNOWN_DIRECTLY,
    Knows.TOLD_BACKED: InformationGrade.CORROBORATED,
    Knows.TOLD: InformationGrade.KNOWN_INDIRECTLY,
    Knows.UNCLEAR: InformationGrade.NOT_KNOWN,
    Knows.FALSE: InformationGrade.SUSPECTED_FALSE,
}
_HANDLING = {Sharing.YES: Handling.SHARE, Sharing.CONDITIONS: Handling.CONDITIONS}

QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "source": (
        "How far do we know this person?",
        {
            Source.FIRST: "We cannot say: nothing they told us has been tested yet",
            Source.PROVED: "They told us things before that proved right",
            Source.DOUBTED: "There is a reason to doubt them",
        },
    ),
    "knows": (
        "Did they see or hear it themselves?",
        {
            Knows.SAW: "Yes, themselves",
            Knows.TOLD: "No, somebody told them",
            Knows.TOLD_BACKED: "No, but somebody else who saw or heard it has told us the same",
            Knows.UNCLEAR: "We cannot tell",
            Knows.FALSE: "There is a reason to think it is not true",
        },
    ),
    "sharing": (
        "May it be passed on to a partner who needs it?",
        {
            Sharing.YES: "Yes, for policing, where the law and our agreements allow",
            Sharing.CONDITIONS: "Only on conditions",
        },
    ),
}
"""What the page asks; a choice not made is taken as the first of its list where nothing is known, "We cannot tell"."""

SOURCE_WORDS = {
    SourceGrade.RELIABLE: "Reliable",
    SourceGrade.UNTESTED: "Untested",
    SourceGrade.NOT_RELIABLE: "Not reliable",
}
INFORMATION_WORDS = {
    InformationGrade.KNOWN_DIRECTLY: "Known directly: they saw or heard it",
    InformationGrade.CORROBORATED: "Known indirectly, and somebody who knows directly says the same",
    InformationGrade.KNOWN_INDIRECTLY: "Known indirectly: they were told",
    InformationGrade.NOT_KNOWN: "Not known how they know",
    InformationGrade.SUSPECTED_FALSE: "Suspected to be false",
}
HANDLING_WORDS = {
    Handling.SHARE: "May be shared where the law allows",
    Handling.CONDITIONS: "May be shared on conditions only",
}


def propose(source: str, knows: str, sharing: str) -> Grade:
    """The grade that the answers come to: untested, not known and shareable where nothing was chosen."""
    return Grade(
        _SOURCE[Source(source) if source in set(Source) else Source.FIRST],
        _INFORMATION[Knows(knows) if knows in set(Knows) else Knows.UNCLEAR],
        _HANDLING[Sharing(sharing) if sharing in set(Sharing) else Sharing.YES],
    )


def check_reason(grade: Grade, reason: str) -> None:
    """Raises InvalidInputError where a reason is needed (source 3, information E, handling C), or endless."""
    if len(reason) > LONGEST_REASON:
        raise InvalidInputError(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer")
    wanted = list(_wanted(grade))
    if wanted and not reason.strip():
        sentence = " and ".join(wanted)
        raise InvalidInputError(sentence[0].upper() + sentence[1:])


def _wanted(grade: Grade) -> Iterator[str]:
    # Compared part by part: information C and handling C are equal as text, and would be one key of a dictionary.
    if grade.source is SourceGrade.NOT_RELIABLE:
        yield "say why the source is not reliable"
    if grade.information is InformationGrade.SUSPECTED_FALSE:
        yield "say why you think it is false"
    if grade.handling is Handling.CONDITIONS:
        yield "write the conditions"
