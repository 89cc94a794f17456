"""What a channel said, made into moves of deliveries: the one place where an answer is turned into a decision."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.channels.errors import ConfigurationError, PermanentError, SendError, TemporaryError
from peoplelink.channels.messages import EventKind, SendResult
from peoplelink.outbound.advance import Move, Moved, advance
from peoplelink.outbound.claim import Claimed
from peoplelink.outbound.forbid import forbid, why
from peoplelink.outbound.going_back import put_back, requeue
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.publishing import publish
from peoplelink.outbound.services import pause_lane
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a channel said to one call."""

    rows: Sequence[Claimed]
    answer: Sequence[SendResult] | SendError | None
    """None: not called, since too long had passed since the claim."""


def record(
    session: Session,
    outcomes: Sequence[Outcome],
    *,
    lane: str,
    listeners: Listeners,
    timing: Timing,
    now: dt.datetime,
) -> None:
    """Write down what came of each call, in one transaction for all of them, and tell those above."""
    moves = [move for outcome in outcomes for move in _settling(outcome)]
    moved = advance(session, moves, timing=timing, now=now)
    for outcome in outcomes:
        moved += _not_accepted(session, outcome, lane=lane, now=now)
        _suppress_refused(session, outcome, listeners=listeners, now=now)
    publish(session, moved, listeners, now=now)


def _settling(outcome: Outcome) -> Iterable[Move]:
    answer = outcome.answer
    if answer is None or isinstance(answer, TemporaryError | ConfigurationError):
        return []
    if isinstance(answer, SendError):
        status = DeliveryStatus.FAILED if isinstance(answer, PermanentError) else DeliveryStatus.UNCONFIRMED
        return [_refused(row, status, answer) for row in outcome.rows]
    return [
        Move(row.delivery_id, row.attempt, DeliveryStatus.SENT, result.provider_message_id)
        for row, result in zip(outcome.rows, answer, strict=True)
    ]


def _refused(row: Claimed, status: DeliveryStatus, error: SendError) -> Move:
    reason = error.reason if status is not DeliveryStatus.UNCONFIRMED else None
    return Move(row.delivery_id, row.attempt, status, reason=reason, provider_code=error.provider_code or None)


def _not_accepted(session: Session, outcome: Outcome, *, lane: str, now: dt.datetime) -> list[Moved]:
    answer = outcome.answer
    if isinstance(answer, TemporaryError):
        wait = dt.timedelta(seconds=answer.retry_after) if answer.retry_after else None
        back = [_refused(row, DeliveryStatus.QUEUED, answer) for row in outcome.rows]
        return requeue(session, back, now=now, wait=wait)
    if answer is None or isinstance(answer, ConfigurationError):
        put_back(session, not_called(outcome.rows), now=now)
    if isinstance(answer, ConfigurationError):
        log.error("lane_paused", lane=lane, code=answer.provider_code)
        pause_lane(session, lane, because=_what_to_fix(answer), now=now)
    return []


def not_called(rows: Sequence[Claimed]) -> list[Move]:
    """The moves that put these back."""
    return [Move(row.delivery_id, row.attempt, DeliveryStatus.QUEUED) for row in rows]


def _what_to_fix(error: ConfigurationError) -> str:
    code = f" (code {error.provider_code})" if error.provider_code else ""
    return (
        f"The company that carries our messages refused our settings{code}. Run `peoplelink doctor`, put right what it "
        "names, then run `peoplelink lane resume`."
    )


def _suppress_refused(session: Session, outcome: Outcome, *, listeners: Listeners, now: dt.datetime) -> None:
    answer = outcome.answer
    # Of a call with many recipients nobody says which was at fault: none is suppressed for it.
    if not isinstance(answer, SendError) or not answer.permanent or len(outcome.rows) != 1:
        return
    reason = why(EventKind.FAILED, answer.reason, permanent=True)
    address_id = session.scalar(select(Delivery.address_id).where(Delivery.id == outcome.rows[0].delivery_id))
    if reason is not None and address_id is not None:
        forbid(session, address_id, reason, source="refused by the provider", listeners=listeners, now=now)
