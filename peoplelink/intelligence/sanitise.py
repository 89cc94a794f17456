"""A first draft of the sanitised text, and what was changed, word by word. The officer decides; this only helps."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

NUMBER, MAILBOX, POSTCODE, PLATE, NAME, HOUSE = (
    "[number]",
    "[mailbox]",
    "[postcode]",
    "[registration]",
    "[name]",
    "[house number]",
)

_MAILBOX = re.compile(r"[^\s@<>\"'=,;:()]+@[^\s@<>\"'=,;:()]+\.[a-z]{2,}", re.IGNORECASE)
# Any run of six digits or more, however it is spaced: telephone numbers, accounts, references.
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[ ().-]{0,2}\d){5,15}(?!\w)")
_POSTCODE = re.compile(r"\b(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})\b", re.IGNORECASE)
# The style since 2001 in any case; older ones in capitals only, or "M1 and" would be one.
_PLATES = (
    re.compile(r"\b[a-z]{2}\d{2} ?[a-z]{3}\b", re.IGNORECASE),
    re.compile(r"\b(?:[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z])\b"),
)
_STREET = r"(?:road|rd|street|st|avenue|ave|close|drive|lane|way|crescent|court|place|walk|grove|gardens|terrace|hill)"
_HOUSE = re.compile(rf"\b\d{{1,4}}[a-z]?(?=,? (?:[a-z']+ ){{1,3}}{_STREET}\b)", re.IGNORECASE)
_SHORTEST_NAME = 2  # letters

_TOKENS = re.compile(r"\s+|[^\s]+")
_MOST_TOKENS = 6000
"""Words and spaces compared; beyond that a comparison takes seconds, and nobody reads it."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, or went, or is new."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Difference:
    """An original and its sanitised text, each in pieces."""

    original: list[Piece]
    sanitised: list[Piece]


def blot(text: str, *, names: Iterable[str] = ()) -> str:
    """`text` without what most often says who somebody is: numbers, mailboxes, postcodes, plates and these names.

    It cannot know other people's names, or what only one person could know: the page reminds the officer of those.
    """
    text = _MAILBOX.sub(MAILBOX, text)
    text = _POSTCODE.sub(POSTCODE, text)
    for plate in _PLATES:
        text = plate.sub(PLATE, text)
    text = _NUMBER.sub(NUMBER, text)
    text = _HOUSE.sub(HOUSE, text)
    for part in _parts(names):
        text = re.sub(rf"\b{re.escape(part)}\b", NAME, text, flags=re.IGNORECASE)
    return text


def difference(original: str, sanitised: str) -> Difference:
    """Both texts in pieces, with what differs marked, word by word."""
    before, after = _TOKENS.findall(original), _TOKENS.findall(sanitised)
    if len(before) + len(after) > _MOST_TOKENS:
        return Difference([Piece(original, changed=False)], [Piece(sanitised, changed=False)])
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        _put(left, "".join(before[start:end]), changed=tag != "equal")
        _put(right, "".join(after[other_start:other_end]), changed=tag != "equal")
    return Difference(left, right)


def _put(pieces: list[Piece], text: str, *, changed: bool) -> None:
    if text:
        pieces.append(Piece(text, changed))


def _parts(names: Iterable[str]) -> list[str]:
    """Whole names before their parts, so that a full name becomes one mark."""
    whole = [" ".join(name.split()) for name in names]
    parts = {part for name in whole for part in (name, *name.split()) if len(part) >= _SHORTEST_NAME}
    return sorted(parts, key=lambda part: (-len(part), part))
