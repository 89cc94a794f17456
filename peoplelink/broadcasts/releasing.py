"""Release: the audience of a broadcast is frozen into deliveries, a range of addresses at a time."""

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from peoplelink import quiet_hours
from peoplelink.broadcasts import audience, proof, resting, settling, steering
from peoplelink.broadcasts.audience import AudienceCount
from peoplelink.broadcasts.models import Broadcast, BroadcastContent, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.db import Database, is_sqlite, ring_after_commit
from peoplelink.outbound import release, words
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import Purpose, Urgency
from peoplelink.quiet_hours import Hours

SMALL = 200
"""Recipients up to which a broadcast goes ahead of bulk: it is over in seconds."""

RANGE = 20_000
"""Address ids in one transaction: on SQLite a long INSERT makes everybody else wait."""

POSTGRES_RANGE = 250_000
"""Nobody waits there, and fewer, longer statements are quicker; what a killed worker has to do again stays small."""

HANDS = 2
"""How many connections write a range on PostgreSQL: one statement keeps one of the server's processors busy."""


def waiting(session: Session) -> list[int]:
    """Ids of the broadcasts to release, in the order in which they were sent off."""
    return list(
        session.scalars(
            select(Broadcast.id)
            .where(Broadcast.status == BroadcastStatus.RELEASING)
            .order_by(Broadcast.updated_at, Broadcast.id)
        )
    )


def start(session: Session, broadcast_id: int, counted: AudienceCount, *, now: dt.datetime) -> None:
    """Freeze the words and the counts. Harmless twice: only the first makes a dispatch."""
    broadcast = _held(session, broadcast_id)
    if broadcast is None or broadcast.dispatch_id is not None:
        return
    few = sum(counted.recipients.values()) <= SMALL
    broadcast.dispatch = release.start(
        session,
        purpose=Purpose.BROADCAST,
        urgency=Urgency.URGENT if few else Urgency.BULK,
        words=[_words(content) for content in broadcast.contents],
        now=now,
        expires_at=broadcast.expires_at,
    )
    broadcast.recipients = {str(medium): number for medium, number in counted.recipients.items()}
    broadcast.left_out = {str(medium): reasons for medium, reasons in counted.left_out.items()}
    session.flush()
    proof.frozen(session, broadcast, now=now)


def next_range(
    session: Session,
    broadcast_id: int,
    *,
    now: dt.datetime,
    size: int | None = None,
    quiet: Hours = quiet_hours.NONE,
    others: Database | None = None,
) -> bool:
    """Write the deliveries of the next range of addresses, and at last begin to send; whether more is left to do.

    `quiet` are the organisation's quiet hours. `others` gives further connections, for a share of the range each.

    The checkpoint is written in the same transaction, and the row is held meanwhile: a release that is killed goes on
    where it was, and two workers take turns. Nobody is written twice even so, since (dispatch, address) is unique. The
    audience may drift between ranges by those who leave or join meanwhile; whoever leaves is suppressed at the claim.
    """
    if _is_written(session, broadcast_id):
        _begin(session, broadcast_id, now)
        return False
    broadcast = _held(session, broadcast_id)
    if broadcast is None or broadcast.dispatch is None:
        return False
    last = session.scalar(select(func.max(Address.id))) or 0
    up_to = broadcast.released_up_to + (size or (RANGE if is_sqlite(session) else POSTGRES_RANGE))
    hours = resting.columns(broadcast, quiet)
    shares = [
        audience.recipients(broadcast, now=now, after=after, up_to=end, quiet=hours)
        for after, end in _shares(broadcast.released_up_to, up_to, 1 if others is None or is_sqlite(session) else HANDS)
    ]
    _write(session, broadcast.dispatch.id, shares, others, now)
    broadcast.released_up_to = up_to
    if up_to >= last:
        _close(session, broadcast, broadcast.dispatch, now)
    return True


def _shares(after: int, up_to: int, number: int) -> list[tuple[int, int]]:
    """A range of ids in so many parts of nearly one length."""
    ends = [after + (up_to - after) * part // number for part in range(number + 1)]
    return list(pairwise(ends))


def _write(
    session: Session, dispatch_id: int, shares: Sequence[Select[Any]], others: Database | None, now: dt.datetime
) -> None:
    """Write the first share here and each other in a transaction of its own; all are written when this returns.

    What another has committed stays if this transaction fails: then the range is written again, which adds nothing.
    """
    mine, *theirs = shares
    with ThreadPoolExecutor(max(1, len(theirs))) as hands:
        under_way = [hands.submit(_write_apart, others, dispatch_id, share, now) for share in theirs if others]
        _write_share(session, dispatch_id, mine, now)
        for one in under_way:
            one.result()


def _write_apart(database: Database, dispatch_id: int, share: Select[Any], now: dt.datetime) -> None:
    with database.transaction() as session:
        _write_share(session, dispatch_id, share, now)


def _write_share(session: Session, dispatch_id: int, share: Select[Any], now: dt.datetime) -> None:
    audience.plan_for_many(session)
    release.add_recipients(session, session.get_one(Dispatch, dispatch_id), share, now=now)


def ring_if_left_behind(session: Session) -> None:
    """Ring again for a release that nobody works on any more (Redis was flushed, a worker died)."""
    if waiting(session):
        ring_after_commit(session, "release")


def _close(session: Session, broadcast: Broadcast, dispatch: Dispatch, now: dt.datetime) -> None:
    # What was written is the truth; the count before it may have drifted.
    broadcast.recipients = dict.fromkeys(broadcast.recipients, 0) | _written(session, dispatch)
    broadcast.released_at = now
    session.flush()
    proof.released(session, broadcast, now=now)


def _is_written(session: Session, broadcast_id: int) -> bool:
    released_at = select(Broadcast.released_at).where(Broadcast.id == broadcast_id)
    return session.scalar(released_at) is not None


def _begin(session: Session, broadcast_id: int, now: dt.datetime) -> None:
    """Everybody is written: it is sending now, or paused where too many failed, or an officer said so, meanwhile.

    A transaction of its own: the dispatch is locked before the broadcast, as everybody does who changes both, and the
    last range holds the broadcast.
    """
    broadcast = session.get_one(Broadcast, broadcast_id)
    steering.take_hold(session, broadcast)
    if broadcast.status is not BroadcastStatus.RELEASING or broadcast.dispatch is None:
        return
    release.close(session, broadcast.dispatch, now=now)
    broadcast.status = BroadcastStatus.SENDING
    session.flush()
    if broadcast.dispatch.held_at is not None:
        steering.note_failing(session, broadcast, now=now)
        return
    # Quick lanes may have finished before the last range: then no more news will come. Receipts are left to the next
    # look: this transaction holds the row of the broadcast, and has not taken its turn among those who bring news.
    settling.move_on(session, broadcast, now=now, count_receipts=not any(broadcast.recipients.values()))


def _written(session: Session, dispatch: Dispatch) -> dict[str, int]:
    rows = session.execute(
        select(Address.medium, func.count())
        .select_from(Delivery)
        .join(Address, Address.id == Delivery.address_id)
        .where(Delivery.dispatch_id == dispatch.id)
        .group_by(Address.medium)
    )
    return {str(medium): number for medium, number in rows}


def _held(session: Session, broadcast_id: int) -> Broadcast | None:
    """The broadcast, locked for this transaction, if it is still to be released."""
    return session.scalar(
        select(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.status == BroadcastStatus.RELEASING)
        .with_for_update(of=Broadcast)
        .execution_options(populate_existing=True)
    )


def _words(content: BroadcastContent) -> words.Words:
    body = words.frame_sms(content.body) if content.medium is Medium.SMS else content.body
    return words.Words(content.medium, body, content.subject, content.language)
