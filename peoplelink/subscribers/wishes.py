"""What somebody who wants to join has named: zones, a postcode, or something that comes close to a zone.

A wrong zone is never taken: what is not named exactly, or lies in a zone only in part, is offered and no more.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.subscribers import areas, keywords, postcodes
from peoplelink.subscribers.keywords import BETWEEN, FILLERS, squeeze, words_of
from peoplelink.subscribers.models import Zone
from peoplelink.subscribers.postcodes import Postcode

ALIKE = 0.75
"""How alike two words must be to be offered (difflib's ratio) where somebody has said JOIN."""
MUCH_ALIKE = 0.8
"""The same where they have not: a text that is no order must reach a person."""
_SHORTEST_ALONE = 5
_MOST_ALONE = 4
"""Letters and words of a text that is taken for a misspelt zone though it says nothing of joining."""
_LONGEST = 50
"""Letters that are compared: no zone's word has as many, and comparing costs by the length."""
_LONGEST_TEXT = 160
_AROUND = frozenset(
    {
        "MY",
        "POSTCODE",
        "POST",
        "CODE",
        "IS",
        "IM",
        "I",
        "LIVE",
        "IN",
        "AT",
        "TO",
        "FOR",
        "UP",
        "ME",
        "TEXTS",
        "HI",
        "HELLO",
        "HEY",
    }
)
"""Said around a zone or a postcode: "sign me up for New Parks", "my postcode is LE3 6AB"."""


@dataclass(frozen=True)
class Wish:
    """What was named. At most one of the first four is filled."""

    zones: tuple[Zone, ...] = ()
    """Named exactly, or by a postcode that lies in them."""
    close: tuple[Zone, ...] = ()
    """Perhaps meant."""
    nowhere: str | None = None
    """The sector of a postcode that lies in no zone."""
    too_little: bool = False
    """Only the first half of a postcode."""

    @property
    def understood(self) -> bool:
        """Whether it names anything."""
        return bool(self.zones or self.close or self.nowhere or self.too_little)


@dataclass(frozen=True)
class _Split:
    """A text parted into the postcode it holds and the rest of its words."""

    words: tuple[str, ...]
    postcode: Postcode | None = None
    sector: str | None = None
    district: bool = False


def read(session: Session, text: str, *, alike: float = ALIKE, shortest: int = 1) -> Wish:
    """What a text names, which says JOIN or something like it before. See `ALIKE`; `shortest` is a word's length."""
    found = _split(words_of(text)) if len(text) <= _LONGEST_TEXT else _Split(())
    named = keywords.zones_in(session, " ".join(found.words))
    if found.postcode is not None:
        return _by_postcode(session, found, found.postcode, named)
    if found.sector is not None:
        return _by_sector(session, found, found.sector, named)
    if found.district and not found.words:
        return Wish(too_little=True)
    if named:
        return Wish(zones=tuple(named))
    return Wish(close=_close(session, found.words, alike, shortest))


def read_alone(session: Session, text: str) -> Wish:
    """What a text names that says nothing of joining: a postcode and nothing else, or a misspelt zone."""
    words = [word for word in words_of(text) if word not in _AROUND | FILLERS]
    sector = postcodes.read_sector(" ".join(words))
    # "LE3 9" may be one of ours; "B4 5" is when somebody comes.
    known = sector is not None and bool(areas.touching(session, sector))
    if (len("".join(words)) < _SHORTEST_ALONE and not known) or len(words) > _MOST_ALONE:
        return Wish()
    return read(session, text, alike=MUCH_ALIKE, shortest=_SHORTEST_ALONE)


def _by_postcode(session: Session, found: _Split, postcode: Postcode, named: Sequence[Zone]) -> Wish:
    there = areas.covering(session, postcode)
    if not found.words:
        return Wish(zones=tuple(there)) if there else Wish(nowhere=postcode.sector)
    if named and set(named) <= set(there):
        return Wish(zones=tuple(named))
    return _offered(there, named or _close(session, found.words))


def _by_sector(session: Session, found: _Split, sector: str, named: Sequence[Zone]) -> Wish:
    held, touched = areas.holding(session, sector), areas.touching(session, sector)
    if found.words:
        return Wish(zones=tuple(named)) if named and set(named) <= set(held) else _offered(touched, named)
    if held and held == touched:
        return Wish(zones=tuple(held))
    return Wish(close=tuple(touched)) if touched else Wish(nowhere=sector)


def _offered(there: Sequence[Zone], named: Sequence[Zone]) -> Wish:
    """Zones by name and by postcode that do not agree, or whose name is misspelt: the resident says which."""
    return Wish(close=tuple(dict.fromkeys((*named, *there))))


def _split(words: list[str]) -> _Split:
    for start, end in _runs(len(words)):
        text = " ".join(words[start:end])
        rest = tuple(word for word in (*words[:start], *words[end:]) if word not in _AROUND | FILLERS)
        postcode, sector = postcodes.read(text), postcodes.read_sector(text)
        if postcode is not None:
            return _Split(rest, postcode=postcode)
        if sector is not None:
            return _Split(rest, sector=sector)
    rest = tuple(word for word in words if word not in _AROUND)
    spoken = tuple(word for word in rest if word not in FILLERS)
    if len(spoken) == 1 and postcodes.is_district(spoken[0]):
        return _Split((), district=True)
    return _Split(rest)


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Where a postcode may stand among so many words: the longest first, since "LE3 6AB" holds no "LE3 6"."""
    for length in (3, 2, 1):
        yield from ((start, start + length) for start in range(count - length + 1))


def _close(session: Session, words: Sequence[str], alike: float = ALIKE, shortest: int = 1) -> tuple[Zone, ...]:
    """The zones that each part of a text comes close to ("new praks and colville"); none where a part is strange."""
    offered: dict[Zone, None] = {}
    candidates = {word: zones for word, zones in _candidates(session).items() if len(word) >= shortest}
    for part in _parts(words):
        word = squeeze("".join(part))
        matches = difflib.get_close_matches(word[:_LONGEST], list(candidates), n=3, cutoff=alike)
        if not matches:
            return ()
        # An exact match leaves no doubt about this part.
        best = matches[:1] if matches[0] == word else matches
        offered.update(dict.fromkeys(zone for match in best for zone in candidates[match]))
    return tuple(offered)


def _parts(words: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in BETWEEN:
            parts.append([])
        elif word not in FILLERS:
            parts[-1].append(word)
    return [part for part in parts if part]


def _candidates(session: Session) -> dict[str, list[Zone]]:
    """Zones by the words that stand for them, and by the town they are in, which is never enough to join by."""
    stand_for = keywords.by_word(session)
    found = {word: [zone] for word, zone in stand_for.items()}
    for zone in dict.fromkeys(stand_for.values()):
        town = squeeze(zone.place)
        if town and town not in stand_for:
            found.setdefault(town, []).append(zone)
    return found
