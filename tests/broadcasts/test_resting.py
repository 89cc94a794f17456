"""Whose quiet hours hold: the resident's, else the zone's, else the organisation's."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from peoplelink.broadcasts import audience, resting, settling
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.broadcasts.resting import Rest
from peoplelink.outbound import progress
from peoplelink.outbound.claim import claim
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.outbound.tasks import _end_holds
from peoplelink.quiet_hours import NONE, Hours
from tests.broadcasts.steered import deliveries, release
from tests.factories import add_noise, make_address, make_broadcast, make_subscriber, make_zone

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


def at_night(session, **columns):
    """A zone at rest from 20:00 to 09:00, one without hours of its own, and a resident of both who never rests."""
    early, other = make_zone(session, quiet_from=20 * 60, quiet_until=9 * 60), make_zone(session)
    make_subscriber(session, zones=[early], sms=True, email=True)
    make_subscriber(session, zones=[other])
    make_subscriber(session, zones=[early, other], quiet_from=0, quiet_until=0)
    make_subscriber(session, zones=[other], quiet_from=22 * 60, quiet_until=23 * 60)
    columns = {"sms": "A fair.", "email": "A fair.", "status": BroadcastStatus.RELEASING} | columns
    return make_broadcast(session, zones=[early, other], **columns)


def london(hour, minute=0, day=24):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/London")).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("at", "until", "at_once"),
    [
        (london(12), {}, 0),
        (london(20, 30), {london(9, day=25): 2}, 3),
        (london(22, 15), {london(23): 1, london(8, day=25): 1, london(9, day=25): 2}, 1),
    ],
)
def test_who_would_wait_is_known_before_it_is_sent(session, at, until, at_once):
    add_noise(session)
    broadcast = at_night(session)

    foreseen = resting.rest(session, audience.rule_of(broadcast), NIGHT, at=at, now=at)
    release(session, broadcast, at, quiet=NIGHT)
    for lane in ("sms:urgent", "email:urgent"):
        claim(session, lane, limit=99, lease=dt.timedelta(seconds=60), now=at)

    assert (dict(foreseen.until), foreseen.at_once) == (until, at_once)
    assert list(foreseen.until) == sorted(until)
    assert progress.held_until(session, broadcast.dispatch_id) == until


def test_a_broadcast_of_no_use_before_the_quiet_hours_end_reaches_nobody(session):
    broadcast = at_night(session)
    own_only = resting.rest(session, audience.rule_of(broadcast), NIGHT, at=london(22, 15), now=london(22, 15))
    all_wait = Rest({london(8, day=25): 1, london(9, day=25): 2})

    assert not own_only.in_vain(london(22, 30))
    assert all_wait.in_vain(london(7, day=25))
    assert all_wait.in_vain(london(8, day=25))
    assert not all_wait.in_vain(london(8, 30, day=25))
    assert not all_wait.in_vain(None)
    assert not Rest().in_vain(london(7, day=25))


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
