"""Whose turn it is in a lane, so that a small dispatch need not wait for a large one to end."""

import time
from collections.abc import Sequence
from itertools import cycle, islice

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy.orm import Session, aliased

from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus, Urgency

AT_ONCE = 10
"""How many dispatches share one claim; more take part by turns."""
LOOKED_AT = 200
"""How many dispatches of a lane are looked at for a claim; those paused among them count."""
LOOK_AGAIN = 0.5  # seconds
"""How long it is remembered which dispatches wait, while there is enough to claim of them. Finding out steps over every
row that was claimed since the index was last cleaned: late in a drain of 100,000 that took longer than all the rest."""


class Turns:
    """What one drain of a lane remembers between its claims."""

    def __init__(self) -> None:
        self._last = 0
        self._read_up_to: dict[int, int] = {}
        self._waiting: list[int] = []
        self._look_at = 0.0
        self.remembered = False
        """Whether the latest answer was a memory: if nothing is left there, others may wait all the same."""

    def of(self, session: Session, lane: str) -> list[list[int]]:
        """The dispatches that wait, in groups that share the next claim evenly.

        In an urgent lane people wait for single answers, so it is one group: first come, first served.
        """
        waiting = self._known(session, lane)
        if lane.endswith(Urgency.URGENT.value):
            return [waiting] if waiting else []
        served = sum(1 for dispatch_id in waiting if dispatch_id <= self._last)
        return [[dispatch_id] for dispatch_id in islice(cycle(waiting), served, served + min(AT_ONCE, len(waiting)))]

    def _known(self, session: Session, lane: str) -> list[int]:
        self.remembered = time.monotonic() < self._look_at
        if not self.remembered:
            self._waiting = list(session.scalars(_waiting(lane)))
            self._look_at = time.monotonic() + LOOK_AGAIN
        return self._waiting

    def forget(self) -> None:
        """Look again at the next question."""
        self._look_at = 0.0

    def start_of(self, group: Sequence[int]) -> int:
        """The delivery id to read on from: what lies below is gone, and need not be stepped over again."""
        return self._read_up_to.get(group[0], 0) if len(group) == 1 else 0

    def served(self, group: Sequence[int], last_id: int | None) -> None:
        """Note how far a group was read; None when its end was reached.

        The next look is then from the start, where rows lie that were put back.
        """
        self._last = group[-1]
        self._read_up_to[group[0]] = last_id or 0
        if last_id is None:
            self.forget()


def _waiting(lane: str) -> Select[int]:
    """The dispatches with waiting rows: a step from each to the next, however many rows each has.

    PostgreSQL and SQLite have no such "loose" scan of an index; the recursion is the usual way to write it.
    """
    first = select(_first_after(lane, literal(0)).label("id"), literal(1).label("number"))
    steps = first.cte("waiting", recursive=True)
    before = aliased(steps)
    steps = steps.union_all(
        select(_first_after(lane, before.c.id), before.c.number + 1).where(
            before.c.id.is_not(None), before.c.number < LOOKED_AT
        )
    )
    return (
        select(steps.c.id)
        .join(Dispatch, Dispatch.id == steps.c.id)
        .where(Dispatch.held_at.is_(None))
        .order_by(steps.c.id)
    )


def _first_after(lane: str, dispatch_id: ColumnElement[int]) -> ColumnElement[int]:
    waits = and_(Delivery.lane == lane, stands_at(DeliveryStatus.QUEUED), Delivery.dispatch_id > dispatch_id)
    return select(func.min(Delivery.dispatch_id)).where(waits).scalar_subquery()
