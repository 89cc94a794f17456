"""Who may end a broadcast, and who brings news of it: one after the other, so that no news falls between."""

from collections.abc import Collection

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast
from peoplelink.db import is_sqlite

_TURN = 0x706C7072  # "plpr": the first half of our advisory lock on PostgreSQL; the dispatch is the second


def take_turn(session: Session, dispatch_ids: Collection[int]) -> bool:
    """Wait until nobody else has news of these dispatches, or ends their broadcasts; hold it until the commit.

    False when none of them is a broadcast's. The digest at the end is of what is committed. Without turns, a receipt
    that is recorded at that very moment would be in neither the digest nor a link of its own, and look like a forgery.
    An advisory lock, since a release holds the row of its broadcast for seconds, and news must not wait for that.
    """
    theirs = (
        select(Broadcast.dispatch_id).where(Broadcast.dispatch_id.in_(dispatch_ids)).order_by(Broadcast.dispatch_id)
    )
    if is_sqlite(session):
        return bool(session.execute(theirs).all())  # whoever writes has the database to itself
    ordered = theirs.subquery()
    turn = select(func.pg_advisory_xact_lock(bindparam("turn", _TURN), ordered.c.dispatch_id))
    return bool(session.execute(turn).all())
