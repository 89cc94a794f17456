"""Deliveries that were accepted and of which no receipt has come: the provider is asked what became of them.

Its events may be lost: Twilio tries one for 15 seconds. What it answers goes the way of an event, by the same rules. A
message is asked after at 15 minutes and then at doubling distances, until 72 hours have passed (see `Timing`).
"""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import Channel
from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import Awaited, Medium, StatusEvent
from peoplelink.outbound import events
from peoplelink.outbound.claim import call_id_of
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Runtime
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)

BELL = "receipts"
_BATCH = 500
_LONG_ENOUGH = 5.0
"""Seconds after which it rings again, so that other work has its turn."""


@dataclass(frozen=True)
class Missing:
    """A delivery without a receipt, and what to ask about it."""

    delivery_id: int
    awaited: Awaited


def ring(runtime: Runtime) -> None:
    """Have a worker ask, if there is anything to ask after."""
    with runtime.database.read() as session:
        due = session.scalar(select(exists(_due(clock.now()))))
    if due:
        runtime.jobs.ring([BELL])


def ask(runtime: Runtime) -> None:
    """Ask after what is due, for one slice; rings again while there is more.

    Harmless when two run: each takes its own by moving the time at which they are asked after next.
    """
    until = time.monotonic() + _LONG_ENOUGH
    for medium, channel in runtime.channels.items():
        while missing := _take(runtime, medium):
            answers = asyncio.run(_ask(channel, missing))
            _record(runtime, channel, missing, answers)
            if time.monotonic() > until:
                runtime.jobs.ring([BELL])
                return


async def _ask(channel: Channel, missing: Sequence[Missing]) -> Sequence[StatusEvent | SendError | None]:
    async with channel:
        return await channel.ask_after([one.awaited for one in missing])


def _due(now: dt.datetime) -> Select[int]:
    return select(Delivery.id).where(stands_at(DeliveryStatus.SENT), Delivery.look_up_at <= now)


def _take(runtime: Runtime, medium: Medium) -> list[Missing]:
    """Some that are due, their next time set already: a worker that dies now costs them one question."""
    now, timing = clock.now(), runtime.config.timing
    with runtime.database.transaction() as session:
        rows = session.execute(
            select(Delivery, Address.value)
            .join(Address, Address.id == Delivery.address_id)
            .where(Delivery.id.in_(_due(now)), Address.medium == medium)
            .order_by(Delivery.look_up_at)
            .limit(_BATCH)
            .with_for_update(of=Delivery, skip_locked=True, key_share=True)
        ).all()
        missing = [_missing(delivery, value) for delivery, value in rows]
        for delivery, _ in rows:
            delivery.look_up_at = next_time(delivery.sent_at or delivery.created_at, timing, now)
    return missing


def next_time(sent_at: dt.datetime, timing: Timing, now: dt.datetime) -> dt.datetime | None:
    """When a message is asked after again: twice as long after it was sent as now, but last when "sent" is final."""
    final = sent_at + dt.timedelta(seconds=timing.receipt_final)
    distance = max(now - sent_at, dt.timedelta(seconds=timing.receipt))
    return min(now + distance, final) if now < final else None


def _missing(delivery: Delivery, value: str) -> Missing:
    awaited = Awaited(
        delivery=delivery.public_id,
        attempt=delivery.attempt,
        to=value,
        provider_message_id=delivery.provider_message_id or "",
        call_id=call_id_of(delivery.lease_token or "", delivery.content_id),
    )
    return Missing(delivery.id, awaited)


def _record(
    runtime: Runtime, channel: Channel, missing: Sequence[Missing], answers: Sequence[StatusEvent | SendError | None]
) -> None:
    now, timing = clock.now(), runtime.config.timing
    news = [answer for answer in answers if isinstance(answer, StatusEvent)]
    unknown = [one.delivery_id for one, answer in zip(missing, answers, strict=True) if isinstance(answer, SendError)]
    with runtime.database.transaction() as session:
        events.record(session, channel.provider, news, now=now, listeners=runtime.listeners, timing=timing)
        _ask_again(session, unknown, now + dt.timedelta(seconds=timing.look_up_again))
    gone = len(missing) - len(news) - len(unknown)
    log.info("receipts_asked_for", medium=channel.medium, asked=len(missing), unknown=len(unknown), gone=gone)


def _ask_again(session: Session, ids: Sequence[int], moment: dt.datetime) -> None:
    """The provider failed to answer: sooner than the next distance, unless it is sooner than that."""
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.SENT, Delivery.look_up_at > moment)
        .values(look_up_at=moment)
        .execution_options(synchronize_session=False)
    )
