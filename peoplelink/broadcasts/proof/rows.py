"""Deliveries as a proof sees them: read in the order of their ids, a thousand at a time, whatever their number."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, func, literal, select, text, type_coerce
from sqlalchemy.orm import Session

from peoplelink.broadcasts.audience import plan_for_many
from peoplelink.db import is_sqlite
from peoplelink.outbound.models import Address, Delivery

SIZE = 1000
"""Deliveries in a stretch: what is read again when one of them is erased."""
TAG = 10
"""Hex digits of a delivery's digest that are kept: among a thousand, two alike are one in two million."""


class Row(NamedTuple):
    """A delivery: the two things a proof says of it."""

    id: int
    who: str
    """Public id, address hash and content, parted by lines."""
    state: str
    """Its status, with the reason after a colon where there is one."""

    @property
    def public_id(self) -> str:
        """What officers see of it."""
        return self.who.partition("|")[0]

    @property
    def tag(self) -> str:
        """The first digits of its digest."""
        return hashlib.sha256(self.who.encode()).hexdigest()[:TAG]


@dataclass(frozen=True)
class Stretch:
    """Neighbouring deliveries, by their ids in (after, up_to]."""

    number: int
    after: int
    up_to: int
    rows: Sequence[Row]

    @property
    def people(self) -> str:
        """Digest over who gets what."""
        return people_digest(self.rows)

    @property
    def tags(self) -> str:
        """A tag for each delivery."""
        return "".join([row.tag for row in self.rows])

    @property
    def states(self) -> list[list[Any]]:
        """What became of them: [state, how many in a row]."""
        return [[state, sum(1 for _ in run)] for state, run in groupby(row.state for row in self.rows)]


def people_digest(rows: Iterable[Row]) -> str:
    """SHA-256 over who gets what, in hex."""
    return hashlib.sha256("\n".join([row.who for row in rows]).encode()).hexdigest()


def read(session: Session, dispatch_id: int, *, after: int = 0, up_to: int | None = None) -> Iterator[Row]:
    """The deliveries of a dispatch by id, streamed: a million take no more memory than a thousand."""
    plan_for_many(session)
    if not is_sqlite(session):
        # All of them are wanted: otherwise the planner looks for the quickest first row of a cursor.
        session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
    # As plain text: turning a million words into enum members would take longer than everything else.
    who = Delivery.public_id + "|" + Address.hash + "|" + cast(Delivery.content_id, Text)
    reason = literal(":") + type_coerce(Delivery.reason, Text)
    state = type_coerce(Delivery.status, Text) + func.coalesce(reason, "")
    wanted = (
        select(Delivery.id, who, state)
        .join(Address, Address.id == Delivery.address_id)
        .where(Delivery.dispatch_id == dispatch_id, Delivery.id > after)
        .order_by(Delivery.id)
    )
    if up_to is not None:
        wanted = wanted.where(Delivery.id <= up_to)
    found = session.execute(wanted, execution_options={"yield_per": SIZE})
    for part in found.partitions():
        yield from map(Row._make, part)


def stretches(rows: Iterable[Row], ends: Sequence[int] | None = None) -> Iterator[Stretch]:
    """Rows in stretches: those that end at `ends` (what follows belongs to the last), or of SIZE each."""
    number, after, part = 1, 0, list[Row]()
    for row in rows:
        if ends is None and len(part) == SIZE:
            yield Stretch(number, after, part[-1].id, part)
            number, after, part = number + 1, part[-1].id, []
        while ends and number < len(ends) and row.id > ends[number - 1]:
            yield Stretch(number, after, ends[number - 1], part)
            number, after, part = number + 1, ends[number - 1], []
        part.append(row)
    while ends and number < len(ends):
        yield Stretch(number, after, ends[number - 1], part)
        number, after, part = number + 1, ends[number - 1], []
    if part or ends:
        yield Stretch(number, after, max(part[-1].id if part else 0, ends[-1] if ends else 0), part)
