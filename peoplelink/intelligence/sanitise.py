"""What in a text may say who somebody is: found, blotted out of a first draft, marked. The officer decides."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NUMBER, MAILBOX, POSTCODE, PLATE, NAME, HOUSE = (
    "[number]",
    "[mailbox]",
    "[postcode]",
    "[registration]",
    "[name]",
    "[house number]",
)

LOOKS_LIKE = {
    NUMBER: "a phone number or another long number",
    MAILBOX: "an email address",
    POSTCODE: "a postcode",
    PLATE: "a car registration",
    NAME: "the name of the resident",
    HOUSE: "a house number",
}

_MAILBOX = re.compile(r"[^\s@<>\"'=,;:()]+@[^\s@<>\"'=,;:()]+\.[a-z]{2,}", re.IGNORECASE)
# Any run of six digits or more, however it is spaced: telephone numbers, accounts, references.
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[ ().-]{0,2}\d){5,15}(?!\w)")
# Such a run too, but it says when: 10.30-11.30, 14.03.2026, 2024-2025. An older date may be somebody's birthday.
_WHEN = re.compile(r"\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d|\d{1,2}[-.]\d{1,2}[-.]202\d|20[12]\d ?- ?20[12]\d")
_POSTCODE = re.compile(r"\b(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})\b", re.IGNORECASE)
# The style since 2001 in any case; older ones in capitals only, or "M1 and" would be one.
_PLATE = re.compile(r"\b[a-z]{2}\d{2} ?[a-z]{3}\b", re.IGNORECASE)
_OLD_PLATE = re.compile(r"\b(?:[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z])\b")
_STREET = r"(?:road|rd|street|st|avenue|ave|close|drive|lane|way|crescent|court|place|walk|grove|gardens|terrace|hill)"
_HOUSE = re.compile(rf"\b\d{{1,4}}[a-z]?(?=,? (?:[a-z']+ ){{1,3}}{_STREET}\b)", re.IGNORECASE)
_PATTERNS = (
    (MAILBOX, _MAILBOX),
    (POSTCODE, _POSTCODE),
    (PLATE, _PLATE),
    (PLATE, _OLD_PLATE),
    (NUMBER, _NUMBER),
    (HOUSE, _HOUSE),
)
_SHORTEST_NAME = 2  # letters
_TAKEN = "\x00"  # is part of no pattern, and ends a word


@dataclass(frozen=True)
class Mark:
    """A stretch of a text that may say who somebody is."""

    start: int
    end: int
    kind: str
    """NUMBER, MAILBOX, ...: also what stands in its place when it is blotted out."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, or is marked."""

    text: str
    changed: bool


def marks(text: str, *, names: Iterable[str] = ()) -> list[Mark]:
    """What most often says who somebody is, in the order it stands: numbers, mailboxes, postcodes, plates, these names.

    It cannot know other people's names, or what only one person could know: the page reminds the officer of those.
    """
    found: list[Mark] = []
    for kind, pattern in (*_PATTERNS, *_name_patterns(names)):
        new = [Mark(*match.span(), kind) for match in pattern.finditer(text) if not _WHEN.fullmatch(match[0])]
        for mark in new:
            text = text[: mark.start] + _TAKEN * (mark.end - mark.start) + text[mark.end :]
        found += new
    return sorted(found, key=lambda mark: mark.start)


def blot(text: str, *, names: Iterable[str] = ()) -> str:
    """`text` with each of its marks replaced by what it is."""
    parts, at = [], 0
    for mark in marks(text, names=names):
        parts += [text[at : mark.start], mark.kind]
        at = mark.end
    return "".join([*parts, text[at:]])


def pieces(text: str, found: Iterable[Mark]) -> Iterator[Piece]:
    """`text` in pieces, those that are marked told apart."""
    at = 0
    for mark in found:
        if at < mark.start:
            yield Piece(text[at : mark.start], changed=False)
        yield Piece(text[mark.start : mark.end], changed=True)
        at = mark.end
    if at < len(text):
        yield Piece(text[at:], changed=False)


def _name_patterns(names: Iterable[str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Whole names before their parts, so that a full name becomes one mark."""
    whole = [" ".join(name.split()) for name in names]
    parts = {part for name in whole for part in (name, *name.split()) if len(part) >= _SHORTEST_NAME}
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        yield NAME, re.compile(rf"\b{re.escape(part)}\b", re.IGNORECASE)
