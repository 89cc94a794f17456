"""What keeps a resident from getting a broadcast although they match: said stop, paused, wants less, wants it later.

Conditions over the rows of a resident, an address and the link between them, cheap at a million of them: columns of the
resident before look-ups in other tables.
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, select

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Delivery, Dispatch, Suppression
from peoplelink.outbound.states import NOT_SENT, Purpose
from peoplelink.subscribers.models import Importance, LinkStatus, Subscriber, SubscriberAddress

WEEK = dt.timedelta(days=7)
_COUNTED = (Purpose.BROADCAST, Purpose.DIGEST)


def usable(importance: Importance, now: dt.datetime) -> list[ColumnElement[bool]]:
    """Nothing keeps them from getting a broadcast of this importance just now."""
    return [*reachable(importance, now), not_(in_digest(importance)), not_(over_limit(now))]


def reachable(importance: Importance, now: dt.datetime) -> list[ColumnElement[bool]]:
    """They want it, at once or in a digest, as far as they have said; how many they have had does not matter."""
    return [
        SubscriberAddress.status == LinkStatus.LIVE,
        not_(suppressed()),
        not_(paused(now)),
        not_(only_important(importance)),
    ]


def suppressed() -> ColumnElement[bool]:
    """The address may not be written to."""
    return exists().where(Suppression.hash == Address.hash, Suppression.lifted_at.is_(None))


def paused(now: dt.datetime) -> ColumnElement[bool]:
    """They want nothing for a while."""
    return and_(Subscriber.paused_until.is_not(None), Subscriber.paused_until > now)


def only_important(importance: Importance) -> ColumnElement[bool]:
    """It matters less than what they want to hear of."""
    if not importance.above:
        return false()
    least = Subscriber.least_importance
    return and_(least.is_not(None), least.in_(importance.above))


def in_digest(importance: Importance) -> ColumnElement[bool]:
    """They get it by email together with others later; what is urgent waits for nothing."""
    if importance is Importance.URGENT:
        return false()
    return and_(Subscriber.digest.is_not(None), Address.medium == Medium.EMAIL)


def over_limit(now: dt.datetime) -> ColumnElement[bool]:
    """They have had as many in a week, at this address, as they want."""
    # What we chose not to send does not use up anybody's week; what failed at the provider does, for we cannot know
    # that nothing was seen of it.
    had = (
        select(func.count())
        .select_from(Delivery)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(
            Delivery.address_id == Address.id,
            Delivery.created_at > now - WEEK,
            Delivery.status.not_in(NOT_SENT),
            Dispatch.purpose.in_(_COUNTED),
        )
        .scalar_subquery()
    )
    return and_(Subscriber.weekly_limit.is_not(None), had >= Subscriber.weekly_limit)
