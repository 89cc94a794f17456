"""Deliveries as they stand against deliveries as they were proven: what differs, delivery by delivery."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from peoplelink.broadcasts.models import ProofKind, ProofLink
from peoplelink.broadcasts.proof.kept import Kept
from peoplelink.broadcasts.proof.rows import TAG, Row, people_digest
from peoplelink.outbound.states import NOT_SENT, DeliveryStatus

_WAITS = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.HELD, DeliveryStatus.SENDING})


class Change(StrEnum):
    """What may have been done to deliveries."""

    ADDED = "added"
    REMOVED = "removed"
    REPLACED = "replaced"  # another address, other words, or another id
    MOVED = "moved"  # another state
    BEFORE_END = "before_end"  # added, removed or replaced between release and end


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was."""

    change: Change
    delivery: str
    """The public id; "" where the delivery is gone."""
    was: str = ""
    now: str = ""
    """States, of one that was moved."""


@dataclass(frozen=True)
class Noted:
    """The newest states by links after the end: of a delivery, (the number of the link, its state)."""

    states: Mapping[str, tuple[int, str]]
    reopened: int = 0
    """The number of the newest link that let failed ones be tried again; 0 without one. States before it are past."""

    def sealed(self, kept: Kept) -> bool:
        """Whether the states of a stretch are final."""
        return kept.states is not None and kept.states_link > self.reopened


def noted(chain: Iterable[ProofLink]) -> Noted:
    """What the links after the end say of single deliveries."""
    states: dict[str, tuple[int, str]] = {}
    reopened = 0
    for link in chain:
        if link.kind is ProofKind.LATE:
            states |= {delivery: (link.number, state) for delivery, state in link.facts["deliveries"].items()}
        elif link.kind is ProofKind.RETRIED:
            reopened = link.number
    return Noted(states, reopened)


def differences(kept: Kept, rows: Sequence[Row], noted: Noted) -> Iterator[Difference]:
    """What differs in one stretch."""
    people = people_digest(rows)
    if people != kept.people:
        yield from _other_people(kept, rows)
    if not noted.sealed(kept):
        return
    if kept.people_at_end != kept.people:
        yield Difference(Change.BEFORE_END, "")
    if people in {kept.people, kept.people_at_end}:
        if len(rows) == _length(kept):
            yield from _moved(zip(rows, _states(kept), strict=True), kept, noted)
    elif kept.people_at_end == kept.people:
        by_tag = dict(zip(_tags(kept), _states(kept), strict=True))
        known = ((row, by_tag[row.tag]) for row in rows if row.tag in by_tag)
        yield from _moved(known, kept, noted)


def _moved(pairs: Iterable[tuple[Row, str]], kept: Kept, noted: Noted) -> Iterator[Difference]:
    for row, state in pairs:
        if row.state == state and not noted.states:
            continue
        number, later = noted.states.get(row.public_id, (0, ""))
        expected = later if number > kept.states_link else state
        if row.state != expected and not _may_follow(expected, row.state):
            yield Difference(Change.MOVED, row.public_id, was=expected, now=row.state)


def _may_follow(noted: str, state: str) -> bool:
    # What nobody has handed over yet goes to and fro, and may be taken back, without news; from there on every step is
    # news, and has a link.
    return noted in _WAITS and state in _WAITS | NOT_SENT


def _other_people(kept: Kept, rows: Sequence[Row]) -> Iterator[Difference]:
    tags = _tags(kept)
    gone = Counter(tags) - Counter(row.tag for row in rows)
    strange = [row for row in rows if row.tag not in set(tags)]
    replaced = min(gone.total(), len(strange))
    for row in strange[:replaced]:
        yield Difference(Change.REPLACED, row.public_id)
    for row in strange[replaced:]:
        yield Difference(Change.ADDED, row.public_id)
    for _ in range(gone.total() - replaced):
        yield Difference(Change.REMOVED, "")


def _tags(kept: Kept) -> list[str]:
    return [kept.tags[at : at + TAG] for at in range(0, len(kept.tags), TAG)]


def _states(kept: Kept) -> list[str]:
    return [state for state, times in kept.states or [] for _ in range(times)]


def _length(kept: Kept) -> int:
    return sum(times for _, times in kept.states or [])
