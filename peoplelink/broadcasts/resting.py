"""When residents want no broadcast: their own quiet hours, else their zone's, else the organisation's."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts import audience
from peoplelink.broadcasts.audience import Rule
from peoplelink.broadcasts.models import Broadcast
from peoplelink.outbound.claim import LEAST_VALIDITY
from peoplelink.outbound.quiet import quiet_until
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import Subscriber, Zone, ZoneSubscription

_DAY = 24 * 60


@dataclass(frozen=True)
class Rest:
    """Which messages of a broadcast would wait for the end of quiet hours."""

    until: Mapping[dt.datetime, int] = field(default_factory=dict)
    """How many, by when that is, the first first."""
    at_once: int = 0
    """How many would not wait; not counted where nobody's hours are quiet."""

    @property
    def all_until(self) -> dt.datetime | None:
        """When they all go out, where they all wait for the same moment."""
        return next(iter(self.until)) if len(self.until) == 1 and not self.at_once else None

    def too_long(self, until: dt.datetime, expires_at: dt.datetime | None) -> bool:
        """Whether what waits until then is of no use any more, and would not be sent."""
        return expires_at is not None and expires_at < until + LEAST_VALIDITY

    def in_vain(self, expires_at: dt.datetime | None) -> bool:
        """Whether nobody would get it in time."""
        return bool(self.until) and not self.at_once and all(self.too_long(end, expires_at) for end in self.until)


def columns(broadcast: Broadcast, organisation: Hours) -> list[ColumnElement[Any]]:
    """The columns quiet_from and quiet_until for `audience.recipients`; none where the broadcast ignores them.

    The most specific that is set holds. Where several are equally specific (a phone that two residents share, a
    resident in two of the zones) the longest of them holds. The same moment twice means no quiet hours.
    """
    return [] if broadcast.ignores_quiet_hours else _columns(broadcast.zones, organisation)


def rest(session: Session, rule: Rule, organisation: Hours, *, at: dt.datetime, now: dt.datetime) -> Rest:
    """Who of the audience, as it is now, would have to wait if it went out at that moment."""
    zones = session.scalars(select(Zone).where(Zone.id.in_(rule.zone_ids))).all()
    # Most moments are in nobody's quiet hours, and to ask a million residents takes seconds.
    if not any(quiet_until(at, *hours) for hours in _all_hours(session, zones, organisation)):
        return Rest()
    found: Counter[dt.datetime | None] = Counter()
    for row in audience.count_by(session, rule, _columns(zones, organisation), now=now):
        found[quiet_until(at, row.quiet_from, row.quiet_until)] += row.number
    at_once = found.pop(None, 0)
    return Rest({end: found[end] for end in sorted(filter(None, found))}, at_once)


def _all_hours(session: Session, zones: Sequence[Zone], organisation: Hours) -> Iterator[Hours]:
    yield organisation
    yield from _zone_hours(zones)
    own = select(Subscriber.quiet_from, Subscriber.quiet_until).where(Subscriber.quiet_from.is_not(None)).distinct()
    yield from (Hours(start or 0, end or 0) for start, end in session.execute(own))


def _columns(zones: Sequence[Zone], organisation: Hours) -> list[ColumnElement[Any]]:
    theirs = func.max(_one_number(Subscriber.quiet_from, Subscriber.quiet_until))
    candidates: list[ColumnElement[Any]] = [theirs]
    if _zone_hours(zones):
        candidates.append(func.max(_of_zones([zone.id for zone in zones])))
    candidates.append(literal(organisation.minutes * _DAY + organisation.start))
    found = func.coalesce(*candidates)
    start = cast(found % _DAY, Integer)
    return [start.label("quiet_from"), ((start + cast(found // _DAY, Integer)) % _DAY).label("quiet_until")]


def _zone_hours(zones: Sequence[Zone]) -> list[Hours]:
    """The hours of those zones that have their own."""
    return [
        Hours(zone.quiet_from, zone.quiet_until)
        for zone in zones
        if zone.quiet_from is not None and zone.quiet_until is not None
    ]


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
