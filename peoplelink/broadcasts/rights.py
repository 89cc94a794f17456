"""What a broadcast holds of a person: that it went to them. Taken away with a link in its proof."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from peoplelink.broadcasts import proof
from peoplelink.broadcasts.models import Broadcast, DigestIssue, DigestItem
from peoplelink.outbound.models import Address, Delivery, DeliveryCount, Dispatch
from peoplelink.outbound.rights import open_now
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.persons import Due, Erasing, Part, Person, Purger, RecordClass, purger
from peoplelink.subscribers.models import Subscriber

_AT_ONCE = 10
"""Broadcasts in one transaction of an erasure: each reads a thousand deliveries for its proof."""
WISH = "erased at the resident's wish"
TIME = "kept for their time"
_WAITS = (DeliveryStatus.SENDING, DeliveryStatus.QUEUED, DeliveryStatus.HELD)


def erase(session: Session, person: Person, erasing: Erasing) -> bool:
    """Their deliveries; at a shared address, which others of the household have had too, only their name in it."""
    if open_now(session, person.own):
        return False
    _forget_name(session, person)
    found = _broadcasts_to(session, person)
    for broadcast in found:
        ids = list(
            session.scalars(
                select(Delivery.id)
                .where(Delivery.dispatch_id == broadcast.dispatch_id, Delivery.address_id.in_(person.own))
                .order_by(Delivery.id)
            )
        )
        with proof.rows_changing(session, broadcast, ids, because=WISH, now=erasing.now):
            session.execute(delete(Delivery).where(Delivery.id.in_(ids)))
        erasing.count("deliveries of broadcasts", len(ids))
    if len(found) == _AT_ONCE:
        return False
    _forget_others(session, person, erasing)
    session.execute(delete(DigestItem).where(DigestItem.address_id.in_(person.own)))
    session.execute(delete(DigestIssue).where(DigestIssue.subscriber_id == person.subscriber_id))
    session.expire_all()
    return True


def _broadcasts_to(session: Session, person: Person) -> Sequence[Broadcast]:
    theirs = select(Delivery.dispatch_id).where(Delivery.address_id.in_(person.own))
    wanted = select(Broadcast).where(Broadcast.dispatch_id.in_(theirs)).order_by(Broadcast.dispatch_id).limit(_AT_ONCE)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def _forget_others(session: Session, person: Person, erasing: Erasing) -> None:
    # A dispatch of this purpose without its broadcast is nobody's, and has no proof.
    alone = select(Dispatch.id).where(Dispatch.purpose == Purpose.BROADCAST)
    gone = session.execute(
        delete(Delivery)
        .where(Delivery.address_id.in_(person.own), Delivery.dispatch_id.in_(alone))
        .returning(Delivery.id)
    ).all()
    erasing.count("deliveries of broadcasts", len(gone))


def _forget_name(session: Session, person: Person) -> None:
    """Take their name out of what went to an address they shared; the proof does not speak of names."""
    resident = session.get(Subscriber, person.subscriber_id) if person.subscriber_id and person.shared else None
    if resident is None or not resident.name:
        return
    found = session.execute(select(Delivery.id, Delivery.merge).where(Delivery.address_id.in_(person.shared)))
    named = [id_ for id_, merge in found if merge.get("name") == resident.name]
    session.execute(update(Delivery).where(Delivery.id.in_(named)).values(merge={}))


def _due(due: Due) -> list[ColumnElement[bool]]:
    return [Delivery.created_at < due.before, Delivery.address_id.not_in(due.held.addresses)]


def _over(due: Due) -> list[ColumnElement[bool]]:
    """Broadcasts that are over, with nothing under way, and were made before the moment."""
    of_it = aliased(Delivery)
    waits = exists().where(of_it.dispatch_id == Broadcast.dispatch_id, of_it.status.in_(_WAITS))
    return [Broadcast.created_at < due.before, Broadcast.finished_at.is_not(None), ~waits]


def _count(session: Session, due: Due) -> int:
    wanted = select(func.count(Delivery.id)).join(Broadcast, Broadcast.dispatch_id == Delivery.dispatch_id)
    return session.scalar(wanted.where(*_over(due), *_due(due))) or 0


def _purge(session: Session, due: Due, limit: int) -> int:
    """Neighbours of one broadcast at a time, so that its proof is read once for all of them; counts stay."""
    some = exists().where(Delivery.dispatch_id == Broadcast.dispatch_id, *_due(due))
    broadcast = session.scalar(select(Broadcast).where(*_over(due), some).order_by(Broadcast.id).limit(1))
    if broadcast is None:
        return 0
    ids = list(
        session.scalars(
            select(Delivery.id)
            .where(Delivery.dispatch_id == broadcast.dispatch_id, *_due(due))
            .order_by(Delivery.id)
            .limit(limit)
        )
    )
    with proof.rows_changing(session, broadcast, ids, because=TIME, now=due.now):
        _keep_counts(session, ids)
        session.execute(delete(Delivery).where(Delivery.id.in_(ids)))
    return len(ids)


def _told(due: Due) -> list[ColumnElement[bool]]:
    """Digests: that there was one, and what it told of, goes with them."""
    of_it = DigestItem.issue_id == DigestIssue.id
    held = exists().where(of_it, DigestItem.address_id.in_(due.held.addresses))
    return [DigestIssue.ends_at < due.before, DigestIssue.subscriber_id.not_in(due.held.subscribers), ~held]


def _keep_counts(session: Session, ids: Sequence[int]) -> None:
    found = session.execute(
        select(Delivery.dispatch_id, Address.medium, Delivery.status, Delivery.reason)
        .join(Address, Address.id == Delivery.address_id)
        .where(Delivery.id.in_(ids))
    )
    counts = Counter((row[0], row[1].value, row[2].value, row[3].value if row[3] else "") for row in found)
    for key, number in counts.items():
        kept = session.get(DeliveryCount, key)
        if kept is None:
            names = ("dispatch_id", "medium", "status", "reason")
            kept = DeliveryCount(**dict(zip(names, key, strict=True)), number=0)
            session.add(kept)
        kept.number += number
    session.flush()


PART = Part(
    name="broadcasts",
    tables=frozenset({"digest_issues", "digest_items"}),
    impersonal={
        "broadcasts": "what officers wrote to many",
        "broadcast_contents": "what officers wrote to many",
        "broadcast_zones": "what officers wrote to many",
        "broadcast_topics": "what officers wrote to many",
        "broadcast_proofs": "ids, counts and digests; officers by their public id",
        "broadcast_proof_stretches": "digests that tell nobody apart without the address key",
    },
    erase=erase,
    purgers=(
        Purger(RecordClass.DELIVERIES, "deliveries of broadcasts", _count, _purge),
        purger(RecordClass.DELIVERIES, "records of digests", DigestIssue, _told),
    ),
)
