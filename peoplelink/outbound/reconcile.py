"""Unconfirmed deliveries: ask the provider. Only a look-up that worked and found nothing queues one again.

What is found settles the delivery. What fits twice, or cannot be asked, stays unconfirmed and is asked again later.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import Channel
from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import Medium, Sighting, Sought
from peoplelink.db import ring_after_commit
from peoplelink.outbound.advance import Move, advance
from peoplelink.outbound.claim import call_id_of
from peoplelink.outbound.events import STATUS_OF
from peoplelink.outbound.going_back import send_again
from peoplelink.outbound.models import Address, Content, Delivery
from peoplelink.outbound.publishing import publish
from peoplelink.outbound.render import said_to
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Runtime
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)

_BATCH = 500
_LONG_ENOUGH = 25.0
"""Seconds after which the rest is left to the next sweep, so that other work has its turn."""


@dataclass(frozen=True)
class Doubt:
    """An unconfirmed delivery and what to ask about it."""

    delivery_id: int
    attempt: int
    address_id: int
    lane: str
    sought: Sought


def reconcile(runtime: Runtime) -> None:
    """Ask about every unconfirmed delivery that is due. Harmless when two run: what was settled meanwhile stands."""
    until = time.monotonic() + _LONG_ENOUGH
    for medium, channel in runtime.channels.items():
        while doubts := _due(runtime, medium):
            found = asyncio.run(_ask(channel, doubts))
            _settle(runtime, medium, list(zip(doubts, found, strict=True)))
            if len(doubts) < _BATCH or time.monotonic() > until:
                break


async def _ask(channel: Channel, doubts: Sequence[Doubt]) -> Sequence[Sequence[Sighting] | SendError]:
    async with channel:
        return await channel.look_up([doubt.sought for doubt in doubts])


def _due(runtime: Runtime, medium: Medium) -> list[Doubt]:
    now = clock.now()
    with runtime.database.read() as session:
        rows = session.execute(
            select(Delivery, Address.value, Content)
            .join(Address, Address.id == Delivery.address_id)
            .join(Content, Content.id == Delivery.content_id)
            .where(
                stands_at(DeliveryStatus.UNCONFIRMED),
                Delivery.look_up_at <= now,
                Address.medium == medium,
            )
            .order_by(Delivery.look_up_at)
            .limit(_BATCH)
        ).all()
    lease = dt.timedelta(seconds=runtime.config.timing.lease)
    return [_doubt(delivery, value, content, lease) for delivery, value, content in rows]


def _doubt(delivery: Delivery, value: str, content: Content, lease: dt.timedelta) -> Doubt:
    is_text = content.medium is Medium.SMS
    opened_at = delivery.claimed_at or delivery.created_at
    sought = Sought(
        to=value,
        text=said_to(content, delivery) if is_text else "",
        call_id=call_id_of(delivery.lease_token or "", content.id),
        opened_at=opened_at,
        closed_at=opened_at + lease,
    )
    return Doubt(delivery.id, delivery.attempt, delivery.address_id, delivery.lane, sought)


Answer = tuple[Doubt, Sequence[Sighting] | SendError]


def _settle(runtime: Runtime, medium: Medium, answers: Sequence[Answer]) -> None:
    now, timing = clock.now(), runtime.config.timing
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
            elif not fitting and _believable(medium, doubt, timing, now):
                missing.append(doubt)
        moved = advance(session, moves, timing=timing, now=now) + send_again(session, _back(missing), now=now)
        later = now + dt.timedelta(seconds=timing.look_up_again)
        _ask_later(session, [doubt.delivery_id for doubt, _ in answers], later)
        publish(session, moved, runtime.listeners, now=now)
        for doubt in missing:
            ring_after_commit(session, f"lane:{doubt.lane}")
    log.info("unconfirmed_looked_up", medium=medium, asked=len(answers), found=len(moves), missing=len(missing))


def _back(doubts: Sequence[Doubt]) -> list[Move]:
    return [Move(doubt.delivery_id, doubt.attempt, DeliveryStatus.QUEUED) for doubt in doubts]


def _claimed_elsewhere(session: Session, answers: Sequence[Answer]) -> Collection[tuple[str, int]]:
    """Which sightings are known to be another delivery's: the same words may go to one number twice."""
    ids = {one.provider_message_id for _, found in answers if not isinstance(found, SendError) for one in found}
    if not ids:
        return frozenset()
    rows = session.execute(
        select(Delivery.provider_message_id, Delivery.id).where(
            Delivery.address_id.in_({doubt.address_id for doubt, _ in answers}), Delivery.provider_message_id.in_(ids)
        )
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


def _believable(medium: Medium, doubt: Doubt, timing: Timing, now: dt.datetime) -> bool:
    return medium is not Medium.EMAIL or now >= doubt.sought.closed_at + dt.timedelta(seconds=timing.email_logs_lag)


def _ask_later(session: Session, ids: Sequence[int], moment: dt.datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.UNCONFIRMED)
        .values(look_up_at=moment)
        .execution_options(synchronize_session=False)
    )
