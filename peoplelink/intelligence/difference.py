"""How a sanitised text differs from its original, word by word."""

import difflib
import re
from dataclasses import dataclass

from peoplelink.intelligence.sanitise import Piece

_TOKENS = re.compile(r"\s+|[^\s]+")
_MOST_TOKENS = 6000
"""Words and spaces compared; beyond that a comparison takes seconds, and nobody reads it."""


@dataclass(frozen=True)
class Difference:
    """An original and its sanitised text, each in pieces."""

    original: list[Piece]
    sanitised: list[Piece]


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
