"""How long the names in an audience are: a text that greets people by name costs more for some of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.audience import Rule, plan_for_many
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import GSM_BASIC
from peoplelink.db import is_sqlite
from peoplelink.outbound.models import Address, Suppression
from peoplelink.subscribers.models import (
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    TopicSubscription,
    ZoneSubscription,
)


@dataclass(frozen=True)
class Longest:
    """The longest names of an audience, in characters; 0 where nobody has such a name."""

    plain: int = 0
    """Of those in letters of which 160 fit in a text."""
    odd: int = 0
    """Of those with any other character: one is enough to make the whole text dearer."""


def longest(session: Session, rule: Rule) -> Longest:
    """The longest names of the residents whom a broadcast could text.

    A bound: who is paused, over their limit, or shares a phone counts too. It is one pass over those who match, and
    what is left out here would need a look at each of them.
    """
    plan_for_many(session)
    odd = _has_odd_letters(session)
    plain, other = session.execute(
        select(_longest_where(not_(odd)), _longest_where(odd)).where(Subscriber.name.is_not(None), *_texted(rule))
    ).one()
    return Longest(plain or 0, other or 0)


def _longest_where(which: ColumnElement[bool]) -> ColumnElement[int | None]:
    return func.max(func.length(Subscriber.name)).filter(which)


def _texted(rule: Rule) -> list[ColumnElement[bool]]:
    stopped = exists().where(Suppression.hash == Address.hash, Suppression.lifted_at.is_(None))
    live = (
        select(SubscriberAddress.subscriber_id)
        .join(Address, Address.id == SubscriberAddress.address_id)
        .where(SubscriberAddress.status == LinkStatus.LIVE, Address.medium == Medium.SMS, not_(stopped))
    )
    return [*_matches(rule), Subscriber.id.in_(live)]


def _matches(rule: Rule) -> list[ColumnElement[bool]]:
    # As the audience matches: a zone in common, and a topic in common or none chosen.
    in_zone = select(ZoneSubscription.subscriber_id).where(ZoneSubscription.zone_id.in_(rule.zone_ids))
    choosers = select(TopicSubscription.subscriber_id)
    sharers = choosers.where(TopicSubscription.topic_id.in_(rule.topic_ids))
    topics = [or_(Subscriber.id.in_(sharers), Subscriber.id.not_in(choosers))] if rule.topic_ids else []
    return [Subscriber.id.in_(in_zone), *topics]


def _has_odd_letters(session: Session) -> ColumnElement[bool]:
    """Whether a name holds a character outside the basic alphabet of texts.

    A class of characters in the database's own kind of pattern: both take milliseconds where trimming takes seconds.
    """
    letters = "".join(sorted(GSM_BASIC - {"-"}))
    if is_sqlite(session):
        return Subscriber.name.op("GLOB", is_comparison=True)(f"*[^{letters}-]*")
    return Subscriber.name.op("~", is_comparison=True)(f"[^{letters}-]")
