"""What a broadcast under way waits for, what went wrong with it, and what an officer may do about it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.broadcasts import steering
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import FailureReason
from peoplelink.officers.models import Officer
from peoplelink.outbound import progress, retrying
from peoplelink.outbound.states import REASON_WORDS, DeliveryStatus, HoldReason

_WAITS = (DeliveryStatus.QUEUED, DeliveryStatus.HELD)


@dataclass(frozen=True)
class Condition:
    """As it stands at this moment; counts are messages."""

    status: BroadcastStatus
    totals: Mapping[DeliveryStatus, int]
    because: HoldReason | None
    """Why it is paused, if it is."""
    held: Mapping[dt.datetime, int]
    """How many wait for the end of quiet hours, by when that is."""
    reasons: Mapping[FailureReason, int]
    """Why messages failed, the most common reason first."""
    retriable: int
    in_doubt: int
    twice: int
    """People who may have had it twice."""
    may_steer: bool
    expired_unsent: bool

    @property
    def on_their_way(self) -> int:
        """Messages that were handed to a worker before it was paused or cancelled."""
        return self.totals.get(DeliveryStatus.SENDING, 0)

    @property
    def to_take_back(self) -> int:
        """Messages of a cancelled broadcast that a worker has yet to take back."""
        cancelled = self.status is BroadcastStatus.CANCELLED
        return sum(self.totals.get(status, 0) for status in _WAITS) if cancelled else 0

    @property
    def held_until(self) -> dt.datetime | None:
        """When the first of it goes out, while quiet hours hold all that has not gone out; None otherwise."""
        moving = any(self.totals.get(status, 0) for status in (DeliveryStatus.QUEUED, DeliveryStatus.SENDING))
        return min(self.held) if self.status is BroadcastStatus.SENDING and self.held and not moving else None

    @property
    def reason_lines(self) -> list[tuple[str, str, int]]:
        """Each reason by name, in words, and how many failed for it."""
        return [(reason.value, REASON_WORDS[reason], number) for reason, number in self.reasons.items()]

    @property
    def can_pause(self) -> bool:
        """Whether there is something to stop."""
        return self.may_steer and self.status in steering.PAUSABLE

    @property
    def can_resume(self) -> bool:
        """Whether it is paused."""
        return self.may_steer and self.status is BroadcastStatus.PAUSED

    @property
    def can_cancel(self) -> bool:
        """Whether there may be messages to take back."""
        return self.may_steer and self.status in steering.CANCELLABLE

    @property
    def can_retry(self) -> bool:
        """Whether another try can help somebody."""
        return self.may_steer and self.retriable > 0 and self.status in steering.RETRIABLE

    @property
    def can_decide(self) -> bool:
        """Whether messages are in doubt."""
        return self.may_steer and self.in_doubt > 0

    @property
    def changing(self) -> bool:
        """Whether a pause or a cancellation is still being carried out."""
        stopped = self.status in {BroadcastStatus.PAUSED, BroadcastStatus.CANCELLED}
        return stopped and bool(self.on_their_way or self.to_take_back)


def of(session: Session, broadcast: Broadcast, *, officer: Officer, now: dt.datetime) -> Condition:
    """The condition of a broadcast, and what this officer may do."""
    it, dispatch = broadcast.dispatch_id or 0, broadcast.dispatch
    counted = progress.counts(session, it).values()
    totals = {status: sum(of.get(status, 0) for of in counted) for status in DeliveryStatus}
    paused = broadcast.status is BroadcastStatus.PAUSED or (
        broadcast.status is BroadcastStatus.RELEASING and dispatch is not None and dispatch.held_at is not None
    )
    return Condition(
        status=broadcast.status,
        totals=totals,
        because=((dispatch.held_because if dispatch else None) or HoldReason.OFFICER) if paused else None,
        held=progress.held_until(session, it) if totals[DeliveryStatus.HELD] else {},
        reasons=retrying.reasons(session, it) if totals[DeliveryStatus.FAILED] else {},
        retriable=retrying.count_retriable(session, it, now=now) if totals[DeliveryStatus.FAILED] else 0,
        in_doubt=retrying.count_in_doubt(session, it) if totals[DeliveryStatus.UNCONFIRMED] else 0,
        twice=progress.accepted_twice(session, it),
        may_steer=officer.allows("broadcasts.send", [zone.id for zone in broadcast.zones]),
        expired_unsent=broadcast.expired_unsent,
    )
