"""What outbound learns is told to those above it, in the same transaction."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from peoplelink.outbound import health
from peoplelink.outbound.advance import Moved
from peoplelink.runtime import Listeners


def publish(session: Session, moved: Sequence[Moved], listeners: Listeners, *, now: dt.datetime) -> None:
    """Tell which dispatches moved, and which were paused because too many of their messages failed."""
    failing = health.note(session, moved, now=now)
    for listener in listeners.failing if failing else ():
        listener(session, failing, now)
    dispatches = frozenset(one.dispatch_id for one in moved)
    for listener in listeners.settled if dispatches else ():
        listener(session, dispatches, now)
