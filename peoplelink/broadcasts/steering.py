"""What officers do to a broadcast under way: pause, resume, cancel the rest, try again, decide what is in doubt.

Whoever changes a broadcast and its dispatch locks the deliveries first, then the dispatch, then the broadcast: so do
the workers that record results, and nobody waits in a circle.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.broadcasts import proof, settling
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.db import ring_after_commit
from peoplelink.errors import ConflictError, ForbiddenError
from peoplelink.officers.models import Officer
from peoplelink.outbound import holding, retrying
from peoplelink.outbound.models import Dispatch
from peoplelink.outbound.states import HoldReason

PAUSABLE = frozenset({BroadcastStatus.RELEASING, BroadcastStatus.SENDING})
CANCELLABLE = PAUSABLE | {BroadcastStatus.PAUSED}
OVER = frozenset({BroadcastStatus.SENT_OUT, BroadcastStatus.FINISHED})
RETRIABLE = OVER | {BroadcastStatus.SENDING, BroadcastStatus.PAUSED}

_QUICKER = "Somebody else was quicker: nothing was changed. Look at how it stands now."


class NotNowError(ConflictError):
    """It is not in a state in which this can be done: somebody else was quicker, or it is over."""


def pause(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> None:
    """Let nothing more go out; what is on its way goes on. Raises NotNowError, ForbiddenError."""
    _take(session, broadcast, PAUSABLE, by)
    if broadcast.dispatch_id is not None:
        holding.hold(session, broadcast.dispatch_id, HoldReason.OFFICER, now=now)
    broadcast.status = BroadcastStatus.PAUSED
    _note(session, broadcast, proof.Kind.PAUSED, by=by, now=now, because=HoldReason.OFFICER.value)


def resume(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> None:
    """Go on where it stopped, and count failures anew. Raises NotNowError, ForbiddenError."""
    _take(session, broadcast, {BroadcastStatus.PAUSED}, by)
    if broadcast.dispatch_id is not None:
        holding.resume(session, broadcast.dispatch_id)
    if broadcast.dispatch is None or broadcast.dispatch.released_at is None:
        broadcast.status = BroadcastStatus.RELEASING
        ring_after_commit(session, "release")
    else:
        broadcast.status = BroadcastStatus.SENDING
    _note(session, broadcast, proof.Kind.RESUMED, by=by, now=now)
    settling.move_on(session, broadcast, now=now, count_receipts=False)


def cancel(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> None:
    """Send nothing more of it, ever. Workers then take back what waits. Raises NotNowError, ForbiddenError."""
    _take(session, broadcast, CANCELLABLE, by)
    if broadcast.dispatch_id is not None:
        holding.cancel(session, broadcast.dispatch_id, now=now)
    broadcast.status = BroadcastStatus.CANCELLED
    _note(session, broadcast, proof.Kind.CANCELLED, by=by, now=now)
    ring_after_commit(session, "cancel")


def retry(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> int:
    """Try again what failed, where that can help; how many messages. Pressed twice it tries once.

    Raises NotNowError, also where there is nothing to try again; ForbiddenError.
    """
    _check(broadcast, RETRIABLE, by)
    moved = retrying.retry_failed(session, _dispatch_id(broadcast), now=now)
    _go_on(session, broadcast, moved, by=by, now=now, what="failed")
    return moved


def send_unconfirmed_again(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> int:
    """Send again what we are not sure about: it may arrive twice. How many messages; raises as `retry` does."""
    _check(broadcast, RETRIABLE, by)
    moved = retrying.send_unconfirmed_again(session, _dispatch_id(broadcast), now=now)
    _go_on(session, broadcast, moved, by=by, now=now, what="unconfirmed")
    return moved


def leave_unconfirmed(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> int:
    """Ask no more about what we are not sure about; how many messages. Raises NotNowError, ForbiddenError."""
    _check(broadcast, RETRIABLE | {BroadcastStatus.CANCELLED}, by)
    left = retrying.leave_unconfirmed(session, _dispatch_id(broadcast), now=now)
    if not left:
        raise NotNowError(_QUICKER)
    proof.take_turn(session, [_dispatch_id(broadcast)])
    session.refresh(broadcast, with_for_update=True)
    _record(session, broadcast, "broadcast.unconfirmed_left", by.actor, now, messages=left)
    settling.move_on(session, broadcast, now=now)
    return left


def failing(session: Session, dispatch_ids: Collection[int], now: dt.datetime) -> None:
    """These dispatches were paused because too many of their messages failed: show it on their broadcasts.

    One of which everything has gone out has nothing to pause: its dispatch is let go on, so that what a look-up puts
    back is sent. One that is being released is shown as paused when everybody is written (see `releasing`).
    """
    found = select(Broadcast).where(Broadcast.dispatch_id.in_(dispatch_ids)).order_by(Broadcast.dispatch_id)
    for broadcast in session.scalars(found.execution_options(populate_existing=True)).all():
        if broadcast.status is BroadcastStatus.SENDING:
            note_failing(session, broadcast, now=now)
        elif broadcast.status in OVER:
            holding.resume(session, _dispatch_id(broadcast))


def note_failing(session: Session, broadcast: Broadcast, *, now: dt.datetime) -> None:
    """Show a broadcast as paused, whose dispatch is held; the caller holds the dispatch."""
    if not settling.change(session, broadcast, BroadcastStatus.PAUSED):
        return
    because = broadcast.dispatch.held_because if broadcast.dispatch else None
    words = str(because or HoldReason.FAILURES)
    _record(session, broadcast, "broadcast.paused", "system", now, because=words)
    proof.add(session, broadcast, proof.Kind.PAUSED, {"by": "system", "because": words}, now=now)


def take_hold(session: Session, broadcast: Broadcast) -> None:
    """Lock the dispatch, then the broadcast, and read both anew. Raises NotNowError when they changed meanwhile."""
    dispatch_id = broadcast.dispatch_id
    _lock_dispatch(session, dispatch_id)
    session.refresh(broadcast, with_for_update=True)
    if broadcast.dispatch_id != dispatch_id:
        raise NotNowError("It has just moved on. Look at it, and press again.")


def _lock_dispatch(session: Session, dispatch_id: int | None) -> None:
    if dispatch_id is not None:
        locked = select(Dispatch).where(Dispatch.id == dispatch_id).with_for_update(key_share=True)
        session.execute(locked.execution_options(populate_existing=True))


def _take(session: Session, broadcast: Broadcast, statuses: Collection[BroadcastStatus], by: Officer) -> None:
    take_hold(session, broadcast)
    _check(broadcast, statuses, by)


def _check(broadcast: Broadcast, statuses: Collection[BroadcastStatus], by: Officer) -> None:
    if not by.allows("broadcasts.send", [zone.id for zone in broadcast.zones]):
        raise ForbiddenError("You may not send to all of these zones.")
    if broadcast.status not in statuses:
        raise NotNowError(_QUICKER)


def _go_on(session: Session, broadcast: Broadcast, moved: int, *, by: Officer, now: dt.datetime, what: str) -> None:
    """Messages were put back: the broadcast is sending again, unless it is paused."""
    if not moved:
        raise NotNowError("There is nothing to send again: somebody was quicker, or it could not help.")
    _lock_dispatch(session, broadcast.dispatch_id)
    proof.take_turn(session, [_dispatch_id(broadcast)])
    _take(session, broadcast, RETRIABLE, by)
    if broadcast.status is not BroadcastStatus.PAUSED:
        holding.resume(session, _dispatch_id(broadcast))
        broadcast.status = BroadcastStatus.SENDING
        broadcast.sent_out_at = broadcast.finished_at = None
    holding.ring(session, _dispatch_id(broadcast))
    _note(session, broadcast, proof.Kind.RETRIED, by=by, now=now, what=what, messages=moved)


def _note(
    session: Session, broadcast: Broadcast, kind: proof.Kind, *, by: Officer, now: dt.datetime, **facts: Any
) -> None:
    broadcast.updated_at = now
    session.flush()
    _record(session, broadcast, f"broadcast.{kind.value}", by.actor, now, **facts)
    proof.add(session, broadcast, kind, {"by": by.public_id, **facts}, now=now)


def _record(session: Session, broadcast: Broadcast, action: str, actor: str, now: dt.datetime, **detail: Any) -> None:
    it = broadcast.public_id
    audit.record(session, action, actor=actor, subject_kind="broadcast", subject_id=it, now=now, **detail)


def _dispatch_id(broadcast: Broadcast) -> int:
    if broadcast.dispatch_id is None:
        raise NotNowError(_QUICKER)
    return broadcast.dispatch_id
