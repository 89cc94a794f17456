"""Stretches as they are kept under links: written once, and read back as those that are in force."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import ProofStretch
from peoplelink.broadcasts.proof.chain import canonical, digest
from peoplelink.broadcasts.proof.rows import Stretch

_WRITTEN_AT_ONCE = 20  # at 10 KB each
_READ_AT_ONCE = 50

_COLUMNS = (
    ProofStretch.link,
    ProofStretch.number,
    ProofStretch.after,
    ProofStretch.up_to,
    ProofStretch.rows,
    ProofStretch.people,
    ProofStretch.tags,
    ProofStretch.states,
)


@dataclass(frozen=True)
class Total:
    """All stretches of a link, in short: what the link says of them."""

    rows: int
    stretches: int
    digest: str


@dataclass(frozen=True)
class Kept:
    """What holds for a stretch: who gets what by the newest link that says so, and what became of it by another."""

    number: int
    after: int
    up_to: int
    people: str
    tags: str
    states: list[list[Any]] | None
    """Empty before the end."""
    people_at_end: str
    """The people by the link that holds the states; other than `people` only if somebody changed them in between."""
    states_link: int
    """The number of the link that holds the states; 0 before the end."""


def write(
    session: Session,
    broadcast_id: int,
    link: int,
    stretches: Iterable[Stretch],
    *,
    with_states: bool,
    known: Collection[int] = (),
) -> Total:
    """Write stretches down for the link with this number; what the link is to say of them.

    `known` are the stretches of which an older link keeps the tags: they are not kept again, so that what was changed
    since then goes on being compared with that link.
    """
    total, waiting = _Totals(), list[dict[str, Any]]()
    for stretch in stretches:
        people = stretch.people
        values = {
            "link": link,
            "number": stretch.number,
            "after": stretch.after,
            "up_to": stretch.up_to,
            "rows": len(stretch.rows),
            "people": people,
            "tags": None if stretch.number in known else stretch.tags,
            "states": stretch.states if with_states else None,
        }
        total.count(values)
        waiting.append({"broadcast_id": broadcast_id} | values)
        if len(waiting) == _WRITTEN_AT_ONCE:
            session.execute(insert(ProofStretch), waiting)
            waiting = []
    if waiting:
        session.execute(insert(ProofStretch), waiting)
    return total.total()


def total(session: Session, broadcast_id: int, link: int) -> Total:
    """What a link ought to say of the stretches that are kept under its number now."""
    found = _Totals()
    wanted = _all(broadcast_id).where(ProofStretch.link == link)
    for row in session.execute(wanted, execution_options={"yield_per": _READ_AT_ONCE}).mappings():
        found.count({str(name): value for name, value in row.items()})
    return found.total()


def in_force(session: Session, broadcast_id: int, numbers: Sequence[int] | None = None) -> Iterator[Kept]:
    """What holds for each stretch, or for those with these numbers, in order."""
    wanted = _all(broadcast_id)
    if numbers is not None:
        wanted = wanted.where(ProofStretch.number.in_(numbers))
    found = session.execute(wanted, execution_options={"yield_per": _READ_AT_ONCE})
    for _, versions in groupby(found, key=lambda row: row.number):
        yield _newest(list(versions))


def ends(session: Session, broadcast_id: int) -> list[int]:
    """The delivery id at which each stretch ends, in order; empty before the release."""
    wanted = (
        select(ProofStretch.number, func.max(ProofStretch.up_to))
        .where(ProofStretch.broadcast_id == broadcast_id)
        .group_by(ProofStretch.number)
        .order_by(ProofStretch.number)
    )
    return [up_to for _, up_to in session.execute(wanted)]


def _all(broadcast_id: int) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(ProofStretch.broadcast_id == broadcast_id)
        .order_by(ProofStretch.number, ProofStretch.link)
    )


def _newest(versions: Sequence[Any]) -> Kept:
    people = next((row for row in reversed(versions) if row.tags is not None), versions[-1])
    end = next((row for row in reversed(versions) if row.states is not None), None)
    return Kept(
        number=people.number,
        after=people.after,
        up_to=people.up_to,
        people=people.people,
        tags=people.tags or "",
        states=end.states if end else None,
        people_at_end=end.people if end else "",
        states_link=end.link if end else 0,
    )


class _Totals:
    def __init__(self) -> None:
        self._rows = self._stretches = 0
        self._digest = hashlib.sha256()

    def count(self, values: Mapping[str, Any]) -> None:
        self._rows += values["rows"]
        self._stretches += 1
        said = [values[name] for name in ("number", "after", "up_to", "rows", "people", "states")]
        self._digest.update(canonical([*said, digest(values["tags"])]))

    def total(self) -> Total:
        return Total(self._rows, self._stretches, self._digest.hexdigest())
