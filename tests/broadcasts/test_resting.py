"""Whose quiet hours hold: the resident's, else the zone's, else the organisation's."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from peoplelink.broadcasts import settling
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.outbound import progress
from peoplelink.outbound.claim import claim
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.outbound.tasks import _end_holds
from peoplelink.quiet_hours import NONE, Hours
from tests.broadcasts.steered import deliveries, release
from tests.factories import make_address, make_broadcast, make_subscriber, make_zone

NIGHT = Hours(21 * 60, 8 * 60)


def hours_of(session, now, people, zones, organisation=NIGHT, **columns):
    """The quiet hours that release writes for each of these addresses."""
    broadcast = make_broadcast(session, zones=zones, status=BroadcastStatus.RELEASING, **columns)
    release(session, broadcast, now, quiet=organisation)
    rows = {row.address_id: (row.quiet_from, row.quiet_until) for row in deliveries(session, broadcast)}
    return [rows[address.id] for address in people]


def test_the_most_specific_that_is_set_holds(session, now):
    zone, other = make_zone(session, quiet_from=20 * 60, quiet_until=9 * 60), make_zone(session)
    mine, zoned, ours, awake = (make_address(session) for _ in range(4))
    make_subscriber(session, zones=[zone], sms=mine, quiet_from=600, quiet_until=660)
    make_subscriber(session, zones=[zone, other], sms=zoned)
    make_subscriber(session, zones=[other], sms=ours)
    make_subscriber(session, zones=[zone], sms=awake, quiet_from=0, quiet_until=0)

    found = hours_of(session, now, [mine, zoned, ours, awake], [zone, other])

    assert found == [(600, 660), (1200, 540), (1260, 480), (0, 0)]


def test_of_several_that_are_equally_specific_the_longest_holds(session, now):
    short, long = (make_zone(session, quiet_from=22 * 60, quiet_until=end * 60) for end in (6, 10))
    elsewhere = make_zone(session, quiet_from=0, quiet_until=1439)
    shared, moved = make_address(session), make_address(session)
    make_subscriber(session, zones=[short], sms=shared, quiet_from=1380, quiet_until=420)
    make_subscriber(session, zones=[short], sms=shared, quiet_from=1320, quiet_until=480)
    make_subscriber(session, zones=[short, long, elsewhere], sms=moved)

    assert hours_of(session, now, [shared, moved], [short, long]) == [(1320, 480), (1320, 600)]


@pytest.mark.parametrize(("organisation", "ignores", "expected"), [(NONE, False, (0, 0)), (NIGHT, True, (None, None))])
def test_hours_that_are_off_or_ignored_hold_nobody(session, now, organisation, ignores, expected):
    zone, person = make_zone(session), make_address(session)
    make_subscriber(session, zones=[zone], sms=person)

    found = hours_of(session, now, [person], [zone], organisation, ignores_quiet_hours=ignores)

    assert found == [expected]


def test_a_broadcast_in_the_night_is_held_till_the_morning_and_is_not_called_sent_out(session):
    night = dt.datetime(2026, 11, 24, 22, 15, tzinfo=ZoneInfo("Europe/London"))
    morning = dt.datetime(2026, 11, 25, 8, tzinfo=ZoneInfo("Europe/London"))
    zone = make_zone(session)
    for _ in range(3):
        make_subscriber(session, zones=[zone])
    broadcast = make_broadcast(session, zones=[zone], status=BroadcastStatus.RELEASING)
    release(session, broadcast, night, quiet=NIGHT)
    lease = dt.timedelta(seconds=60)

    taken = claim(session, "sms:urgent", limit=9, lease=lease, now=night)
    settling.settled(session, {broadcast.dispatch_id: []}, night)

    assert (taken.rows, broadcast.status) == ([], BroadcastStatus.SENDING)
    assert progress.held_until(session, broadcast.dispatch_id) == {morning.astimezone(dt.UTC): 3}
    _end_holds(session, now=morning)
    assert len(claim(session, "sms:urgent", limit=9, lease=lease, now=morning).rows) == 3
    assert set(session.scalars(select(Delivery.status).where(Delivery.dispatch_id == broadcast.dispatch_id))) == {
        DeliveryStatus.SENDING
    }
