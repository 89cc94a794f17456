"""Unconfirmed deliveries: ask the provider. Only a look-up that worked and found nothing queues one again.

What is found settles the delivery. What fits twice, or cannot be asked, stays unconfirmed and is asked again later.
"""

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import Channel
from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import Medium, Sighting, Sought
from peoplelink.outbound.advance import Move, Moved, advance, lock_in_order
from peoplelink.outbound.claim import call_id_of
from peoplelink.outbound.events import STATUS_OF
from peoplelink.outbound.models import Address, Attempt, Content, Delivery
from peoplelink.outbound.render import said_to
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

_BATCH = 500
_ASK_AGAIN = dt.timedelta(minutes=5)
_EMAIL_LOGS_LAG = dt.timedelta(minutes=10)
"""How long after a call "no such email" is believed. How far SendGrid's logs run behind is not documented; events of
the call come within a minute, and settle it without a look-up."""


@dataclass(frozen=True)
class Doubt:
    """An unconfirmed delivery and what to ask about it."""

    delivery_id: int
    attempt: int
    lane: str
    sought: Sought


def reconcile(runtime: Runtime) -> None:
    """Ask about every unconfirmed delivery that is due. Harmless when two run: what was settled meanwhile stands."""
    for medium, channel in runtime.channels.items():
        doubts = _due(runtime, medium)
        if doubts:
            found = asyncio.run(_ask(channel, doubts))
            _settle(runtime, medium, list(zip(doubts, found, strict=True)))


async def _ask(channel: Channel, doubts: Sequence[Doubt]) -> Sequence[Sequence[Sighting] | SendError]:
    async with channel:
        return await channel.look_up([doubt.sought for doubt in doubts])


def _due(runtime: Runtime, medium: Medium) -> list[Doubt]:
    now = clock.now()
    with runtime.database.read() as session:
        rows = session.execute(
            select(Delivery, Address.value, Content, Attempt)
            .join(Address, Address.id == Delivery.address_id)
            .join(Content, Content.id == Delivery.content_id)
            .join(Attempt, (Attempt.delivery_id == Delivery.id) & (Attempt.number == Delivery.attempt))
            .where(
                Delivery.status == DeliveryStatus.UNCONFIRMED,
                Delivery.lease_until <= now,
                Address.medium == medium,
            )
            .order_by(Delivery.lease_until)
            .limit(_BATCH)
        ).all()
    return [_doubt(delivery, value, content, attempt) for delivery, value, content, attempt in rows]


def _doubt(delivery: Delivery, value: str, content: Content, attempt: Attempt) -> Doubt:
    is_text = content.medium is Medium.SMS
    sought = Sought(
        to=value,
        text=said_to(content, delivery) if is_text else "",
        call_id=call_id_of(attempt.lease_token, content.id),
        opened_at=attempt.opened_at,
        closed_at=attempt.deadline,
    )
    return Doubt(delivery.id, delivery.attempt, delivery.lane, sought)


Answer = tuple[Doubt, Sequence[Sighting] | SendError]


def _settle(runtime: Runtime, medium: Medium, answers: Sequence[Answer]) -> None:
    now = clock.now()
    with runtime.database.transaction() as session:
        taken = _claimed_elsewhere(session, answers) if medium is Medium.SMS else frozenset()
        moves: list[Move] = []
        missing: list[Doubt] = []
        for doubt, sightings in answers:
            if isinstance(sightings, SendError):
                continue
            fitting = [one for one in sightings if (one.provider_message_id, doubt.delivery_id) not in taken]
            if len(fitting) == 1:
                moves.append(_move(doubt, fitting[0]))
            elif not fitting and _believable(medium, doubt, now):
                missing.append(doubt)
        moved = advance(session, moves, now=now) + _put_back(session, missing)
        _ask_later(session, [doubt.delivery_id for doubt, _ in answers], now=now)
        for listener in runtime.listeners.settled if moved else ():
            listener(session, frozenset(one.dispatch_id for one in moved), now)
    log.info("unconfirmed_looked_up", medium=medium, asked=len(answers), found=len(moves), missing=len(missing))
    runtime.jobs.ring({f"lane:{doubt.lane}" for doubt in missing})


def _claimed_elsewhere(session: Session, answers: Sequence[Answer]) -> Collection[tuple[str, int]]:
    """Which sightings are known to be another delivery's: the same words may go to one number twice."""
    ids = {one.provider_message_id for _, found in answers if not isinstance(found, SendError) for one in found}
    if not ids:
        return frozenset()
    rows = session.execute(
        select(Delivery.provider_message_id, Delivery.id).where(Delivery.provider_message_id.in_(ids))
    )
    owners = {message_id: delivery_id for message_id, delivery_id in rows if message_id}
    return {
        (message_id, doubt.delivery_id)
        for doubt, _ in answers
        for message_id, owner in owners.items()
        if owner != doubt.delivery_id
    }


def _move(doubt: Doubt, found: Sighting) -> Move:
    return Move(
        doubt.delivery_id,
        doubt.attempt,
        STATUS_OF.get(found.kind, DeliveryStatus.SENT),
        found.provider_message_id,
        reason=found.reason,
        provider_code=found.provider_code or None,
    )


def _believable(medium: Medium, doubt: Doubt, now: dt.datetime) -> bool:
    return medium is not Medium.EMAIL or now >= doubt.sought.closed_at + _EMAIL_LOGS_LAG


def _put_back(session: Session, doubts: Sequence[Doubt]) -> list[Moved]:
    """Queue again what the provider never took; the next claim opens a new attempt. Rows settled meanwhile stay."""
    moved: list[Moved] = []
    lock_in_order(session, [doubt.delivery_id for doubt in doubts])
    for doubt in doubts:
        row = session.execute(
            update(Delivery)
            .where(
                Delivery.id == doubt.delivery_id,
                Delivery.attempt == doubt.attempt,
                Delivery.status == DeliveryStatus.UNCONFIRMED,
            )
            .values(status=DeliveryStatus.QUEUED, rank=0, lease_until=None, not_before=None)
            .returning(Delivery.id, Delivery.dispatch_id)
            .execution_options(synchronize_session=False)
        ).first()
        if row is not None:
            moved.append(Moved(*row))
    return moved


def _ask_later(session: Session, ids: Sequence[int], *, now: dt.datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.UNCONFIRMED)
        .values(lease_until=now + _ASK_AGAIN)
        .execution_options(synchronize_session=False)
    )
