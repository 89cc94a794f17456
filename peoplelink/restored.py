"""After a restore from a backup: find out what was sent since and who said STOP, then send again.

Every step may be done twice, and the command may be killed between two: the lanes stay paused until all are done.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.broadcasts import proof
from peoplelink.broadcasts import tasks as broadcast_tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.errors import ConflictError
from peoplelink.inbound import catching_up
from peoplelink.inbound.models import Mark
from peoplelink.outbound import accounting, holding, watch
from peoplelink.outbound.accounting import Account
from peoplelink.outbound.bulk import insert_ignoring
from peoplelink.outbound.states import HoldReason
from peoplelink.runtime import Runtime

Say = Callable[[str], object]
_WORDS = {Medium.SMS: ("text", "texts"), Medium.EMAIL: ("email", "emails")}
CANNOT_KNOW = (
    "What cannot be known: who joined, or left by a link or by email, since the backup, and what officers wrote or "
    "decided. Look through the drafts before you send one: it may have gone out already."
)


class NotYetError(ConflictError):
    """Something is still missing; the lanes stay paused."""


@dataclass
class _Story:
    """What one run found."""

    now: dt.datetime
    since: dt.datetime
    released: list[int] = field(default_factory=list)
    accounts: dict[Medium, Account] = field(default_factory=dict)


def settle(runtime: Runtime, say: Say) -> None:
    """Account for the time since the backup and resume the lanes. Raises NotYetError, SendError, ConflictError."""
    now = clock.now()
    with runtime.database.read() as session:
        since, known_at = watch.since(session), watch.restored_at(session)
    if since is None or known_at is None:
        raise ConflictError(
            "No restore is known, so there is nothing to do. If you have just restored a backup and Redis was lost "
            "too, run: peoplelink restored --begin"
        )
    story = _Story(now, since)
    say(f"The backup is of {since:%Y-%m-%d %H:%M:%S} UTC. Everything sent is paused.")
    _hear_stops(runtime, story)
    say("Every text that residents sent since then has been fetched. A STOP among them holds from now on.")
    _finish_releases(runtime, story)
    for medium in Medium:
        _account(runtime, medium, story, known_at, say)
    _hold_doubtful(runtime, story, say)
    say(CANNOT_KNOW)
    with runtime.database.transaction() as session:
        watch.end(session, now=clock.now())
    say("Sending goes on within half a minute.")


def _hear_stops(runtime: Runtime, story: _Story) -> None:
    with runtime.database.transaction() as session:
        # An installation that never caught up has no mark; the backup's moment serves.
        session.execute(insert_ignoring(session, Mark).values(name=catching_up.MARK, at=story.since))
    catching_up.catch_up(runtime)
    with runtime.database.read() as session:
        heard_up_to = catching_up.mark(session)
    lag = dt.timedelta(seconds=runtime.config.timing.catch_up_settle)
    if heard_up_to is None or heard_up_to < story.now - lag:
        raise NotYetError(
            "Twilio did not say which texts residents have sent, so a STOP may be missing. Everything stays paused. "
            "Try again in a few minutes; `peoplelink doctor` says whether Twilio answers."
        )


def _finish_releases(runtime: Runtime, story: _Story) -> None:
    """Write the deliveries of broadcasts that were being released, so that they can be compared."""
    broadcast_tasks.release_due(runtime)  # those whose hour came since the backup: they may have gone out
    with runtime.database.read() as session:
        story.released = _being_released(session)
    broadcast_tasks.release(runtime)


def _being_released(session: Session) -> list[int]:
    return list(session.scalars(select(Broadcast.id).where(Broadcast.status == BroadcastStatus.RELEASING)))


def _account(runtime: Runtime, medium: Medium, story: _Story, known_at: dt.datetime, say: Say) -> None:
    found = accounting.account(runtime, medium, since=story.since, until=clock.now())
    story.accounts[medium] = found
    one, many = _WORDS[medium]
    say(f"{found.looked_at} {one if found.looked_at == 1 else many} looked unsent; {found.sent} of them had been sent.")
    if found.unknown:
        say(f"{found.unknown} more went out since the backup, of which this database knows nothing.")
    lag = dt.timedelta(seconds=runtime.config.timing.email_logs_lag)
    if medium is Medium.EMAIL and found.looked_at and clock.now() < known_at + lag:
        raise NotYetError(
            f"SendGrid's record runs a few minutes behind. Everything stays paused. "
            f"Run the command again after {known_at + lag:%H:%M:%S} UTC."
        )


def _hold_doubtful(runtime: Runtime, story: _Story, say: Say) -> None:
    """A broadcast that was being released, and of which nobody has got anything, may have been cancelled since."""
    sent = frozenset[int]().union(*(one.dispatches for one in story.accounts.values()))
    with runtime.database.transaction() as session:
        for broadcast in session.scalars(select(Broadcast).where(Broadcast.id.in_(story.released))):
            if broadcast.dispatch_id is None or broadcast.dispatch_id in sent:
                continue
            if holding.hold(session, broadcast.dispatch_id, HoldReason.OFFICER, now=story.now):
                broadcast.status = BroadcastStatus.PAUSED
                facts = {"by": "restore", "because": HoldReason.OFFICER.value}
                proof.add(session, broadcast, proof.Kind.PAUSED, facts, now=story.now)
                say("A broadcast that was about to go out is paused: an officer must decide. It is on the list.")
