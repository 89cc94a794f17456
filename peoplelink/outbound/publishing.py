"""What outbound learns is told to those above it, in the same transaction."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from peoplelink.outbound import health
from peoplelink.outbound.advance import Moved
from peoplelink.runtime import Listeners


def publish(session: Session, moved: Sequence[Moved], listeners: Listeners, *, now: dt.datetime) -> None:
    """Tell which dispatches moved, and which were paused because too many of their messages failed.

    In this order: who hears of what moved takes their turn before they hold any row of a broadcast (see
    `broadcasts.proof.take_turn`). Once a transaction, after its last delivery: a turn is held until the commit.
    """
    failing = health.note(session, moved, now=now)
    for settled in listeners.settled if moved else ():
        settled(session, by_dispatch(moved), now)
    for paused in listeners.failing if failing else ():
        paused(session, failing, now)


def by_dispatch(moved: Sequence[Moved]) -> dict[int, list[int]]:
    """The ids of deliveries that moved, for each dispatch."""
    found: dict[int, list[int]] = defaultdict(list)
    for one in moved:
        found[one.dispatch_id].append(one.delivery_id)
    return dict(found)
