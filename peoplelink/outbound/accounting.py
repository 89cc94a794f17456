"""After a restore: which of the messages that look unsent were sent since the backup, by what the providers hold."""

import asyncio
import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import Channel
from peoplelink.channels.messages import Medium, Taken
from peoplelink.ids import new_public_id
from peoplelink.outbound.advance import Move, advance
from peoplelink.outbound.bulk import is_one_of
from peoplelink.outbound.events import STATUS_OF
from peoplelink.outbound.models import Address, Content, Delivery
from peoplelink.outbound.publishing import publish
from peoplelink.outbound.states import RANK, DeliveryStatus
from peoplelink.outbound.words import fill
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

EARLIER = dt.timedelta(minutes=10)
"""How far before the backup the providers are asked: what was in flight then was taken a little before or after."""
_OPEN = (DeliveryStatus.QUEUED, DeliveryStatus.HELD, DeliveryStatus.SENDING, DeliveryStatus.UNCONFIRMED)
_BATCH = 500


@dataclass(frozen=True)
class Account:
    """What came of the question, for one medium."""

    looked_at: int
    """Deliveries that looked unsent."""
    sent: int
    """Those among them that had been sent."""
    unknown: int
    """Messages at the provider of which this database knows nothing."""
    dispatches: frozenset[int] = frozenset()
    """Ids of the dispatches that the sent ones belong to."""


@dataclass(frozen=True)
class _Open:
    delivery_id: int
    attempt: int
    status: DeliveryStatus
    key: tuple[str, str]


def account(runtime: Runtime, medium: Medium, *, since: dt.datetime, until: dt.datetime) -> Account:
    """Ask the provider, and mark as sent what was. Running it twice finds nothing new. Raises SendError."""
    with runtime.database.read() as session:
        waiting = [one for part in _open_deliveries(session, medium) for one in part]
    mailboxes = list(dict.fromkeys(one.key[0] for one in waiting))
    taken = asyncio.run(_ask(runtime.channels[medium], since - EARLIER, until, mailboxes))
    with runtime.database.read() as session:
        new = _unknown_here(session, medium, taken)
    pairs, left = _match(waiting, new)
    dispatches: set[int] = set()
    for start in range(0, len(pairs), _BATCH):
        dispatches |= _mark_sent(runtime, pairs[start : start + _BATCH])
    log.info("restore_accounted", medium=medium, looked_at=len(waiting), sent=len(pairs), unknown=left)
    return Account(len(waiting), len(pairs), left, frozenset(dispatches))


async def _ask(channel: Channel, since: dt.datetime, until: dt.datetime, to: Sequence[str]) -> Sequence[Taken]:
    async with channel:
        return await channel.taken_since(since, until, to)


def _open_deliveries(session: Session, medium: Medium) -> Iterator[list[_Open]]:
    """All that may go out yet, oldest first, part by part."""
    for status in _OPEN:
        after = 0
        while True:
            rows = session.execute(
                select(Delivery.id, Delivery.attempt, Delivery.merge, Address.value, Content)
                .join(Address, Address.id == Delivery.address_id)
                .join(Content, Content.id == Delivery.content_id)
                .where(Delivery.status == status, Delivery.id > after, Address.medium == medium)
                .order_by(Delivery.id)
                .limit(_BATCH)
            ).all()
            if not rows:
                break
            after = rows[-1].id
            yield [_Open(row.id, row.attempt, status, (row.value, _said(row.Content, row.merge))) for row in rows]


def _said(content: Content, merge: dict[str, str]) -> str:
    words = content.text if content.medium is Medium.SMS else content.subject
    return fill(words, merge.get("name")) if content.personal else words


def _unknown_here(session: Session, medium: Medium, taken: Sequence[Taken]) -> list[Taken]:
    """Without those that a delivery to the same address is known by: two may say the same words."""
    known: set[tuple[str, str]] = set()
    for start in range(0, len(taken), _BATCH):
        addresses = {one.to for one in taken[start : start + _BATCH]}
        known |= {
            (value, message_id)
            for value, message_id in session.execute(
                select(Address.value, Delivery.provider_message_id)
                .join(Delivery, Delivery.address_id == Address.id)
                .where(
                    Address.medium == medium, Address.value.in_(addresses), Delivery.provider_message_id.is_not(None)
                )
            )
            if message_id
        }
    return [one for one in taken if (one.to, one.sighting.provider_message_id) not in known]


def _match(waiting: Sequence[_Open], taken: Sequence[Taken]) -> tuple[list[tuple[_Open, Taken]], int]:
    """Each message with the oldest delivery of the same words to the same address; how many have none."""
    by_key: defaultdict[tuple[str, str], deque[_Open]] = defaultdict(deque)
    for one in sorted(waiting, key=lambda one: one.delivery_id):
        by_key[one.key].append(one)
    pairs, left = [], 0
    for message in taken:
        fitting = by_key.get((message.to, message.words))
        if fitting:
            pairs.append((fitting.popleft(), message))
        else:
            left += 1
    return pairs, left


def _mark_sent(runtime: Runtime, pairs: Sequence[tuple[_Open, Taken]]) -> set[int]:
    """Open the attempt that this database has forgotten, where it has, and close it with what the provider says."""
    now = clock.now()
    with runtime.database.transaction() as session:
        waiting = [one for one, _ in pairs if one.status in {DeliveryStatus.QUEUED, DeliveryStatus.HELD}]
        _open_attempts(session, [one.delivery_id for one in waiting], now)
        moves = [_move(one, message, opened=one in waiting) for one, message in pairs]
        moved = advance(session, moves, timing=runtime.config.timing, now=now)
        publish(session, moved, runtime.listeners, now=now)
    return {one.dispatch_id for one in moved}


def _open_attempts(session: Session, ids: Sequence[int], now: dt.datetime) -> None:
    session.execute(
        update(Delivery)
        .where(
            is_one_of(session, Delivery.id, ids),
            Delivery.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.HELD]),
        )
        .values(
            status=DeliveryStatus.SENDING,
            rank=RANK[DeliveryStatus.SENDING],
            attempt=Delivery.attempt + 1,
            held_because=None,
            claimed_at=now,
            lease_token=new_public_id(),
        )
        .execution_options(synchronize_session=False)
    )


def _move(one: _Open, message: Taken, *, opened: bool) -> Move:
    seen = message.sighting
    return Move(
        one.delivery_id,
        one.attempt + opened,
        STATUS_OF.get(seen.kind, DeliveryStatus.SENT),
        seen.provider_message_id,
        reason=seen.reason,
        provider_code=seen.provider_code or None,
    )
