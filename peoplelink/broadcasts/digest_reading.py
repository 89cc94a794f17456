"""Who reads a digest, at which mailbox, and which broadcasts it tells them of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from peoplelink.broadcasts import wishes
from peoplelink.broadcasts.models import (
    Broadcast,
    BroadcastContent,
    BroadcastStatus,
    BroadcastTopic,
    BroadcastZone,
    DigestItem,
    ProofKind,
    ProofLink,
)
from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import (
    Importance,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    TopicSubscription,
    ZoneSubscription,
)

_TOLD = (BroadcastStatus.SENDING, BroadcastStatus.SENT_OUT, BroadcastStatus.FINISHED)
"""Not what an officer has paused or cancelled."""


@dataclass(frozen=True)
class Reader:
    """A resident at one of their mailboxes."""

    person: Subscriber = field(repr=False)
    address_id: int
    over_limit: bool
    """They have had as many emails this week as they want."""


def readers(session: Session, people: Sequence[Subscriber], *, now: dt.datetime) -> list[Reader]:
    """Those of them who may be written to, at each of their mailboxes; not who has paused."""
    by_id = {person.id: person for person in people}
    rows = session.execute(
        select(Subscriber.id, Address.id, wishes.over_limit(now))
        .join(SubscriberAddress, SubscriberAddress.subscriber_id == Subscriber.id)
        .join(Address, Address.id == SubscriberAddress.address_id)
        .where(Subscriber.id.in_(by_id), Address.medium == Medium.EMAIL, *wishes.reachable(Importance.URGENT, now))
        .order_by(Subscriber.id, Address.id)
    )
    return [Reader(by_id[subscriber_id], address_id, bool(over)) for subscriber_id, address_id, over in rows]


def broadcasts(session: Session, reader: Reader, *, ends_at: dt.datetime, now: dt.datetime) -> list[int]:
    """The ids of the broadcasts of the period that are for this resident as they have chosen now, oldest first.

    Not those that reached the mailbox otherwise: at once, being urgent, or for somebody who shares it.
    """
    least = reader.person.least_importance or Importance.ORDINARY
    return list(
        session.scalars(
            select(Broadcast.id)
            .where(
                Broadcast.status.in_(_TOLD),
                Broadcast.released_at <= ends_at,
                _is_new(reader.person.digest_up_to),
                or_(Broadcast.expires_at.is_(None), Broadcast.expires_at > now),
                Broadcast.importance.in_((least, *least.above)),
                exists().where(
                    BroadcastContent.broadcast_id == Broadcast.id,
                    BroadcastContent.medium == Medium.EMAIL,
                    BroadcastContent.body != "",
                ),
                *_for(reader.person.id),
                not_(_had(reader.address_id)),
            )
            .order_by(Broadcast.released_at, Broadcast.id)
        )
    )


def recipients(group: Sequence[Reader], organisation: Hours) -> Select[Any]:
    """What `release.add_recipients` asks for: a row for each reader, named only where nobody shares the mailbox."""
    living = aliased(SubscriberAddress)
    behind = (
        select(func.count())
        .select_from(living)
        .where(living.address_id == Address.id, living.status == LinkStatus.LIVE)
        .scalar_subquery()
    )
    own = and_(Subscriber.quiet_from.is_not(None), Subscriber.quiet_until.is_not(None))
    pairs = [(reader.person.id, reader.address_id) for reader in group]
    return (
        select(
            Address.id.label("address_id"),
            Address.medium.label("medium"),
            case((behind == 1, Subscriber.name)).label("name"),
            Subscriber.language.label("language"),
            case((own, Subscriber.quiet_from), else_=literal(organisation.start)).label("quiet_from"),
            case((own, Subscriber.quiet_until), else_=literal(organisation.end)).label("quiet_until"),
        )
        .select_from(SubscriberAddress)
        .join(Address, Address.id == SubscriberAddress.address_id)
        .join(Subscriber, Subscriber.id == SubscriberAddress.subscriber_id)
        .where(tuple_(SubscriberAddress.subscriber_id, SubscriberAddress.address_id).in_(pairs))
    )


def _is_new(since: dt.datetime | None) -> ColumnElement[bool]:
    """Released since then; or paused then, and resumed since."""
    resumed = exists().where(
        ProofLink.broadcast_id == Broadcast.id, ProofLink.kind == ProofKind.RESUMED, ProofLink.made_at > since
    )
    return or_(Broadcast.released_at > since, resumed)


def _for(person_id: int) -> list[ColumnElement[bool]]:
    """The rule of the audience, asked from the side of the resident."""
    in_zone = exists().where(
        BroadcastZone.broadcast_id == Broadcast.id,
        BroadcastZone.zone_id == ZoneSubscription.zone_id,
        ZoneSubscription.subscriber_id == person_id,
    )
    of_broadcast, theirs = (
        BroadcastTopic.broadcast_id == Broadcast.id,
        TopicSubscription.subscriber_id == person_id,
    )
    shared = exists().where(of_broadcast, BroadcastTopic.topic_id == TopicSubscription.topic_id, theirs)
    return [in_zone, or_(not_(exists().where(of_broadcast)), not_(exists().where(theirs)), shared)]


def _had(address_id: int) -> ColumnElement[bool]:
    at_once = exists().where(
        Delivery.dispatch_id == Broadcast.dispatch_id,
        Delivery.address_id == address_id,
        Delivery.status != DeliveryStatus.CANCELLED,
    )
    in_another = exists().where(DigestItem.address_id == address_id, DigestItem.broadcast_id == Broadcast.id)
    return or_(at_once, in_another)
