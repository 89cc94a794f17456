"""News from providers: stored once each, then applied to the deliveries they are about."""

import datetime as dt
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy import Row, false, literal, select, true, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import EventKind, StatusEvent
from peoplelink.db import UTCDateTime
from peoplelink.outbound.advance import Move, Moved, advance
from peoplelink.outbound.bulk import insert_ignoring, is_one_of, rows_from
from peoplelink.outbound.claim import call_id_of, lease_token_of
from peoplelink.outbound.forbid import forbid, why
from peoplelink.outbound.models import Delivery, StatusNews
from peoplelink.outbound.publishing import publish
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)

STATUS_OF = {
    EventKind.ACCEPTED: DeliveryStatus.SENT,
    EventKind.SENT: DeliveryStatus.SENT,
    EventKind.DELIVERED: DeliveryStatus.DELIVERED,
    EventKind.FAILED: DeliveryStatus.FAILED,
}

_AT_ONCE = 1000
"""What is locked and written together."""

Known = Mapping[str | None, Row[int, str, int, int]]


def record(
    session: Session,
    provider: str,
    events: Sequence[StatusEvent],
    *,
    now: dt.datetime,
    listeners: Listeners,
    timing: Timing,
) -> None:
    """Store each event once and apply the new ones. Events of deliveries we do not know are stored and counted."""
    moved: list[Moved] = []
    for start in range(0, len(events), _AT_ONCE):
        part = events[start : start + _AT_ONCE]
        moved += _record(session, provider, part, now=now, listeners=listeners, timing=timing)
    publish(session, moved, listeners, now=now)


def _record(
    session: Session,
    provider: str,
    events: Sequence[StatusEvent],
    *,
    now: dt.datetime,
    listeners: Listeners,
    timing: Timing,
) -> list[Moved]:
    # In one order, as every other writer of the same rows takes them: events by id, deliveries, addresses.
    events = sorted(events, key=lambda event: event.event_id)
    known = _deliveries(session, events)
    new = _store(session, provider, events, known, now=now)
    moves = [move for event in new for move in _moves(event, known)]
    moves += _of_the_same_calls(session, new)
    moved = advance(session, moves, timing=timing, now=now)
    _mark_changed(session, provider, new, {one.delivery_id for one in moved}, known)
    for event in sorted(new, key=lambda event: _address_of(event, known)):
        _suppress(session, event, known, listeners=listeners, now=now)
    strangers = sum(1 for event in new if event.delivery not in known)
    if strangers:
        log.info("status_events_of_unknown_deliveries", provider=provider, count=strangers)
    return moved


def _deliveries(session: Session, events: Sequence[StatusEvent]) -> Known:
    ids = {event.delivery for event in events if event.delivery}
    if not ids:
        return {}
    rows = session.execute(
        select(Delivery.id, Delivery.public_id, Delivery.attempt, Delivery.address_id).where(
            is_one_of(session, Delivery.public_id, ids)
        )
    )
    return {row.public_id: row for row in rows}


_COLUMNS = {
    "event_id": str,
    "delivery_id": int,
    "attempt": int,
    "kind": str,
    "reason": str,
    "provider_word": str,
    "provider_code": str,
    "occurred_at": dt.datetime,
}


def _store(
    session: Session, provider: str, events: Sequence[StatusEvent], known: Known, *, now: dt.datetime
) -> list[StatusEvent]:
    """Store those that are new, in one statement that is the same however many there are; the new ones."""
    once = {event.event_id: event for event in events}
    if not once:
        return []
    news = rows_from(session, [_row(event, known) for event in once.values()], _COLUMNS)
    rows = select(literal(provider), *news.c, literal(now, UTCDateTime), false()).where(
        true()
    )  # SQLite cannot tell a join's ON from an upsert's without a WHERE
    names = ["provider", *_COLUMNS, "received_at", "changed"]
    table = StatusNews.__table__
    stored = insert_ignoring(session, table).from_select(names, rows).returning(table.c.event_id)
    fresh = set(session.connection().scalars(stored))
    return [event for event_id, event in once.items() if event_id in fresh]


def _row(event: StatusEvent, known: Known) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "delivery_id": known[event.delivery].id if event.delivery in known else None,
        "attempt": event.attempt,
        "kind": event.kind.value,
        "reason": event.reason.value if event.reason else None,
        "provider_word": event.provider_word,
        "provider_code": event.provider_code,
        "occurred_at": event.occurred_at,
    }


def _moves(event: StatusEvent, known: Known) -> list[Move]:
    status = STATUS_OF.get(event.kind)
    if status is None or event.delivery not in known:
        return []
    row = known[event.delivery]
    return [
        Move(
            row.id,
            event.attempt or row.attempt,
            status,
            event.provider_message_id,
            event.reason if status is DeliveryStatus.FAILED else None,
            event.provider_code if status is DeliveryStatus.FAILED else None,
        )
    ]


def _of_the_same_calls(session: Session, events: Sequence[StatusEvent]) -> list[Move]:
    """A call is accepted or refused as a whole: one event of it says that all its messages were accepted."""
    tokens = {lease_token_of(event.call_id) for event in events if event.call_id and event.kind in STATUS_OF}
    if not tokens:
        return []
    unconfirmed = select(Delivery.id, Delivery.attempt, Delivery.lease_token, Delivery.content_id).where(
        stands_at(DeliveryStatus.UNCONFIRMED), Delivery.lease_token.in_(tokens)
    )
    calls = {event.call_id for event in events}
    return [
        Move(row.id, row.attempt, DeliveryStatus.SENT)
        for row in session.execute(unconfirmed)
        if call_id_of(row.lease_token, row.content_id) in calls
    ]


def _mark_changed(
    session: Session, provider: str, events: Sequence[StatusEvent], moved: set[int], known: Known
) -> None:
    ids = [event.event_id for event in events if event.delivery in known and known[event.delivery].id in moved]
    if ids:
        theirs = update(StatusNews).where(StatusNews.provider == provider, is_one_of(session, StatusNews.event_id, ids))
        session.execute(theirs.values(changed=True).execution_options(synchronize_session=False))


def _address_of(event: StatusEvent, known: Known) -> int:
    return known[event.delivery].address_id if event.delivery in known else 0


def _suppress(session: Session, event: StatusEvent, known: Known, *, listeners: Listeners, now: dt.datetime) -> None:
    reason = why(event.kind, event.reason, permanent=event.permanent)
    if reason is not None and event.delivery in known:
        address_id = known[event.delivery].address_id
        forbid(session, address_id, reason, source="provider event", listeners=listeners, now=now)
