"""The claimer of a slice: reserves segments, claims what they cover, says when each may go and what it will say."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.messages import Medium, OutboundMessage
from peoplelink.outbound.claim import MAX_CLAIM, Claim, Claimed, claim
from peoplelink.outbound.going_back import put_back
from peoplelink.outbound.models import Content
from peoplelink.outbound.pacing import Pacer, Reservation
from peoplelink.outbound.render import Renderer, calls_of
from peoplelink.outbound.results import not_called
from peoplelink.outbound.states import Urgency
from peoplelink.outbound.turns import Turns
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """Deliveries for one call of the provider, and from when to when it may begin: monotonic seconds."""

    rows: Sequence[Claimed]
    renderer: Renderer
    moment: float
    not_after: float

    def messages(self) -> list[OutboundMessage]:
        """What the provider is given: made when it is sent, while the next claim waits for the database."""
        now = clock.now()
        return [self.renderer.message(row, now=now, not_after=self.not_after) for row in self.rows]


@dataclass(frozen=True)
class Batch:
    """What one claim brought; `ask_again` is set where the rate allows nothing just now."""

    calls: Sequence[Call]
    looked_at: bool
    ask_again: float | None = None


class Claimer:
    """Claims of one lane. Its methods are called in a thread, one at a time."""

    def __init__(self, runtime: Runtime, lane: str) -> None:
        self._runtime, self._lane = runtime, lane
        self._medium = Medium(lane.partition(":")[0])
        self._channel = runtime.channels[self._medium]
        self._pacer = _pacer(runtime, self._medium, lane)
        self._turns = Turns()
        self._renderers: dict[int, Renderer] = {}
        self._lease = dt.timedelta(seconds=runtime.config.timing.lease)

    def next(self, room: int) -> Batch:
        """Claim at most `room` messages, and no more than the sender's rate allows."""
        reserved = self._pacer.reserve() if self._pacer else None
        if reserved is not None and not reserved.segments:
            return Batch([], looked_at=True, ask_again=reserved.start)
        now = clock.now()
        with self._runtime.database.transaction() as session:
            limit = min(room, MAX_CLAIM, reserved.segments if reserved else room)
            segments = reserved.segments if reserved else None
            claimed = claim(
                session, self._lane, limit=limit, lease=self._lease, now=now, turns=self._turns, segments=segments
            )
            self._publish(session, claimed, now)
            not_after = self._not_after()
        return self._batch(claimed, reserved, not_after)

    def again(self, rows: Sequence[Claimed]) -> list[Call]:
        """Open new attempts for messages whose call was refused as a whole; those still to be sent, in one call."""
        now = clock.now()
        with self._runtime.database.transaction() as session:
            put_back(session, not_called(rows), now=now)
            ids = [row.delivery_id for row in rows]
            claimed = claim(session, self._lane, limit=len(ids), lease=self._lease, now=now, only=ids)
            self._publish(session, claimed, now)
            not_after = self._not_after()
        return list(self._batch(claimed, None, not_after).calls)

    def close(self) -> None:
        """The slice is over: what was reserved and not used is for others."""
        try:
            if self._pacer is not None:
                self._pacer.close()
        except RedisError:
            log.warning("segments_not_settled", lane=self._lane)

    def _not_after(self) -> float:
        # Taken before the commit: a process may be frozen while that is under way. Whoever says STOP waits for our
        # locks, so their answer comes after the commit, and what leaves until this moment leaves within a second of it.
        return time.monotonic() + self._runtime.config.timing.fresh

    def _publish(self, session: Session, claimed: Claim, now: dt.datetime) -> None:
        for listener in self._runtime.listeners.settled if claimed.settled else ():
            listener(session, dict.fromkeys(claimed.settled, ()), now)
        self._learn_contents(session, {row.content_id for row in claimed.rows})

    def _learn_contents(self, session: Session, ids: set[int]) -> None:
        missing = ids - self._renderers.keys()
        for content in session.scalars(select(Content).where(Content.id.in_(missing))) if missing else ():
            self._renderers[content.id] = Renderer(content, self._runtime.config)

    def _batch(self, claimed: Claim, reserved: Reservation | None, not_after: float) -> Batch:
        calls, used = [], 0
        for rows in calls_of(claimed.rows, batch_size=self._channel.batch_size):
            renderer = self._renderers[rows[0].content_id]
            calls.append(Call(rows, renderer, reserved.moment(used) if reserved else 0.0, not_after))
            used += sum(renderer.cost(row) for row in rows) if reserved else 0
        if reserved is not None:
            self._settle(reserved, used)
        return Batch(calls, looked_at=bool(claimed.rows or claimed.settled))

    def _settle(self, reserved: Reservation, used: int) -> None:
        # Whatever happens to Redis now, those who were claimed are to be sent to.
        try:
            if self._pacer is not None:
                self._pacer.settle(reserved, used)
        except RedisError:
            log.warning("segments_not_settled", lane=self._lane, reserved=reserved.segments, used=used)


def _pacer(runtime: Runtime, medium: Medium, lane: str) -> Pacer | None:
    # Only a text's sender is limited by its carrier; SendGrid takes 10,000 requests a second.
    if medium is not Medium.SMS:
        return None
    rate = runtime.config.twilio_segments_per_second
    return Pacer(runtime.redis, medium.value, per_second=rate, urgent=lane.endswith(Urgency.URGENT.value))
