"""When residents want no broadcast: their own quiet hours, else their zone's, else the organisation's."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, select

from peoplelink.broadcasts.models import Broadcast
from peoplelink.outbound.quiet import quiet_until
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import Subscriber, Zone, ZoneSubscription

_DAY = 24 * 60


def columns(broadcast: Broadcast, organisation: Hours) -> list[ColumnElement[Any]]:
    """The columns quiet_from and quiet_until for `audience.recipients`; none where the broadcast ignores them.

    The most specific that is set holds. Where several are equally specific (a phone that two residents share, a
    resident in two of the zones) the longest of them holds. The same moment twice means no quiet hours.
    """
    if broadcast.ignores_quiet_hours:
        return []
    theirs = func.max(_one_number(Subscriber.quiet_from, Subscriber.quiet_until))
    candidates: list[ColumnElement[Any]] = [theirs]
    if zone_hours(broadcast.zones):
        candidates.append(func.max(_of_zones([zone.id for zone in broadcast.zones])))
    candidates.append(literal(organisation.minutes * _DAY + organisation.start))
    found = func.coalesce(*candidates)
    start = cast(found % _DAY, Integer)
    return [start.label("quiet_from"), ((start + cast(found // _DAY, Integer)) % _DAY).label("quiet_until")]


def zone_hours(zones: Sequence[Zone]) -> dict[str, Hours]:
    """The hours of those zones that have their own, by the zone's name."""
    return {
        zone.name: Hours(zone.quiet_from, zone.quiet_until)
        for zone in zones
        if zone.quiet_from is not None and zone.quiet_until is not None
    }


def organisation_until(organisation: Hours, moment: dt.datetime) -> dt.datetime | None:
    """When the organisation's quiet hours end that a moment lies in; None outside them."""
    return quiet_until(moment, organisation.start, organisation.end)


def _one_number(start: Any, end: Any) -> ColumnElement[Any]:
    # How long, then from when, in one number: so that the longest is found together with its beginning.
    return case((start.is_not(None) & end.is_not(None), (end - start + _DAY) % _DAY * _DAY + start))


def _of_zones(zone_ids: Sequence[int]) -> ColumnElement[Any]:
    return (
        select(func.max(_one_number(Zone.quiet_from, Zone.quiet_until)))
        .join(ZoneSubscription, ZoneSubscription.zone_id == Zone.id)
        .where(ZoneSubscription.subscriber_id == Subscriber.id, Zone.id.in_(zone_ids))
        .correlate(Subscriber)
        .scalar_subquery()
    )
