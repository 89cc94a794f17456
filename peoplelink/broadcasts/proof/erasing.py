"""Retention and erasure take deliveries away, and the proof says so: it does not break, and hides nothing."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus, ProofKind
from peoplelink.broadcasts.proof import kept, rows
from peoplelink.broadcasts.proof.chain import add, digest, hold
from peoplelink.broadcasts.proof.comparing import Noted, differences, noted
from peoplelink.broadcasts.proof.kept import Kept
from peoplelink.broadcasts.proof.rows import Row, Stretch
from peoplelink.broadcasts.proof.trusting import trusted
from peoplelink.broadcasts.proof.turns import take_turn
from peoplelink.outbound.advance import lock_in_order

_NAMED = 20
"""How many differences that were there before are named in the link; the rest are counted."""


@contextmanager
def rows_changing(
    session: Session, broadcast: Broadcast, delivery_ids: Collection[int], *, because: str, now: dt.datetime
) -> Iterator[None]:
    """Around whatever deletes these deliveries of a broadcast, or changes their addresses: a link says what was done.

        with proof.rows_changing(session, broadcast, ids, because="erased at the resident's wish", now=now):
            session.execute(delete(Delivery).where(Delivery.id.in_(ids)))

    The stretches they lie in are compared with the proof first, and what differed is put on record: nobody can change
    a delivery and then have its traces erased. Costs a look at a thousand deliveries for each stretch that is touched,
    so give many neighbours at once rather than one at a time.
    """
    lock_in_order(session, delivery_ids)
    take_turn(session, [broadcast.dispatch_id] if broadcast.dispatch_id else [])
    number = hold(session, broadcast)
    ends = kept.ends(session, broadcast.id)
    touched = sorted({min(bisect_left(ends, id_) + 1, len(ends)) for id_ in delivery_ids}) if ends else []
    before = _before(session, broadcast, touched, len(ends))
    yield
    session.flush()
    facts: dict[str, Any] = {"because": because, **before}
    if touched:
        after = _now(session, broadcast, touched, len(ends))
        final = broadcast.status is BroadcastStatus.FINISHED
        total = kept.write(session, broadcast.id, number, after, with_states=final)
        facts |= {"stretches": total.stretches, "digest": total.digest, "after": total.rows}
    add(session, broadcast, ProofKind.ROWS_CHANGED, facts, now=now)


def _before(session: Session, broadcast: Broadcast, numbers: Sequence[int], last: int) -> dict[str, Any]:
    proof = trusted(session, broadcast)
    history = noted(proof.sound)
    count, digests, differed = 0, list[str](), list(proof.problems)
    for proven in kept.in_force(session, broadcast.id, numbers):
        found = _rows(session, broadcast, proven, last)
        count += len(found)
        digests.append(digest([[row.who, row.state] for row in found]))
        if proof.lists_hold:
            differed += _differences(proven, found, history)
    said = {"before": count, "digest_before": digest(digests)}
    return said | {"differed": len(differed), "differences": differed[:_NAMED]} if differed else said


def _differences(proven: Kept, found: Sequence[Row], history: Noted) -> list[str]:
    return [" ".join(filter(None, one)) for one in _in_words(proven, found, history)]


def _in_words(proven: Kept, found: Sequence[Row], history: Noted) -> Iterator[tuple[str, str, str, str]]:
    for one in differences(proven, found, history):
        yield one.change, one.delivery, one.was, one.now


def _now(session: Session, broadcast: Broadcast, numbers: Sequence[int], last: int) -> Iterator[Stretch]:
    for proven in kept.in_force(session, broadcast.id, numbers):
        yield Stretch(proven.number, proven.after, proven.up_to, _rows(session, broadcast, proven, last))


def _rows(session: Session, broadcast: Broadcast, proven: Kept, last: int) -> list[Row]:
    assert broadcast.dispatch_id is not None, "what has stretches has been released"
    up_to = proven.up_to if proven.number < last else None
    return list(rows.read(session, broadcast.dispatch_id, after=proven.after, up_to=up_to))
