"""Whom a broadcast reaches, and that every resident who matches is accounted for."""

import datetime as dt
import itertools
import random

import pytest

from peoplelink.broadcasts import audience
from peoplelink.broadcasts.audience import Rule
from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.subscribers.models import (
    Digest,
    Importance,
    LinkStatus,
)
from tests import factories
from tests.broadcasts.population import had_broadcast, populate, told_again
from tests.factories import make_address, make_subscriber, make_zone

SMS, EMAIL = Medium.SMS, Medium.EMAIL


def values(session, rule, now):
    """The values of the addresses that get it, and the name each is greeted by."""
    rows = session.execute(audience.recipients(rule, now=now)).all()
    assert len({row.address_id for row in rows}) == len(rows)
    return {session.get_one(Address, row.address_id).value: row.name for row in rows}


def out(counted, medium):
    return {reason: number for reason, number in counted.left_out[medium].items() if number}


def over_limit(session, link, now):
    link.subscriber.weekly_limit = 1
    had_broadcast(session, link.address, now - dt.timedelta(days=6))


@pytest.fixture
def zone(session):
    factories.add_noise(session)
    return make_zone(session)


def test_residents_of_any_of_the_zones_get_it_once(session, zone, now):
    other = make_zone(session)
    make_subscriber(session, zones=[zone, other], sms="+447700900001")
    make_subscriber(session, zones=[other], email="b@example.com")

    found = values(session, Rule((zone.id, other.id)), now)

    assert set(found) == {"+447700900001", "b@example.com"}


def test_nobody_gets_a_broadcast_without_zones(session, zone, now):
    make_subscriber(session, zones=[zone])

    assert values(session, Rule(()), now) == {}
    assert audience.count(session, Rule(()), now=now).matched == 0


def test_a_topic_reaches_those_who_chose_it_and_those_who_chose_none(session, zone, now):
    wanted, unwanted = factories.make_topic(session), factories.make_topic(session)
    make_subscriber(session, zones=[zone], topics=[wanted, unwanted], sms="+447700900001")
    make_subscriber(session, zones=[zone], topics=[unwanted], sms="+447700900002")
    make_subscriber(session, zones=[zone], sms="+447700900003")

    found = values(session, Rule((zone.id,), (wanted.id,)), now)

    assert set(found) == {"+447700900001", "+447700900003"}
    assert audience.count(session, Rule((zone.id,), (wanted.id,)), now=now).matched == 2


def test_only_media_with_words_are_used(session, zone, now):
    make_subscriber(session, zones=[zone], sms="+447700900001", email="a@example.com")

    assert set(values(session, Rule((zone.id,), media=(EMAIL,)), now)) == {"a@example.com"}


def test_a_shared_phone_gets_one_row_and_no_name(session, zone, now):
    shared = make_address(session, SMS, "+447700900001")
    make_subscriber(session, zones=[zone], sms=shared, name="First")
    make_subscriber(session, zones=[zone], sms=shared, name="Second")
    make_subscriber(session, zones=[zone], sms="+447700900002", name="Third")

    found = values(session, Rule((zone.id,)), now)
    counted = audience.count(session, Rule((zone.id,)), now=now)

    assert found == {"+447700900001": None, "+447700900002": "Third"}
    assert counted.recipients[SMS] == 2
    assert out(counted, SMS) == {"same address": 1}
    assert out(counted, EMAIL) == {"no address": 3}


def test_a_phone_shared_with_somebody_of_another_zone_greets_nobody_by_name(session, zone, now):
    shared = make_address(session, SMS, "+447700900001")
    make_subscriber(session, zones=[zone], sms=shared, name="First")
    make_subscriber(session, zones=[make_zone(session)], sms=shared, name="Second")

    assert values(session, Rule((zone.id,)), now) == {"+447700900001": None}


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        ("no consent", lambda session, link, now: setattr(link, "status", LinkStatus.STOPPED)),
        ("suppressed", lambda session, link, now: factories.make_suppression(session, link.address)),
        (
            "paused",
            lambda session, link, now: setattr(link.subscriber, "paused_until", now + dt.timedelta(minutes=1)),
        ),
        (
            "only important",
            lambda session, link, now: setattr(link.subscriber, "least_importance", Importance.IMPORTANT),
        ),
        ("weekly limit", over_limit),
    ],
)
def test_who_is_left_out_is_counted_by_reason(session, zone, now, reason, spoil):
    resident = make_subscriber(session, zones=[zone], sms="+447700900001")
    make_subscriber(session, zones=[zone], sms="+447700900002")
    spoil(session, resident.addresses[0], now)
    session.flush()

    found = values(session, Rule((zone.id,), media=(SMS,)), now)
    counted = audience.count(session, Rule((zone.id,), media=(SMS,)), now=now)

    assert set(found) == {"+447700900002"}
    assert (counted.matched, counted.recipients, out(counted, SMS)) == (2, {SMS: 1}, {reason: 1})


def test_a_pause_that_is_over_and_a_suppression_that_was_lifted_leave_nobody_out(session, zone, now):
    resident = make_subscriber(session, zones=[zone], sms="+447700900001", paused_until=now - dt.timedelta(minutes=1))
    factories.make_suppression(session, resident.addresses[0].address, lifted_at=now)

    assert set(values(session, Rule((zone.id,)), now)) == {"+447700900001"}


@pytest.mark.parametrize(
    ("days_ago", "earlier"),
    [
        (8, {}),
        (1, {"status": DeliveryStatus.CANCELLED}),
        (1, {"status": DeliveryStatus.SUPPRESSED}),
        (1, {"purpose": Purpose.REPLY}),
    ],
)
def test_what_does_not_use_up_a_week_leaves_nobody_out(session, zone, now, days_ago, earlier):
    resident = make_subscriber(session, zones=[zone], sms="+447700900001", weekly_limit=1)
    had_broadcast(session, resident.addresses[0].address, now - dt.timedelta(days=days_ago), **earlier)

    assert set(values(session, Rule((zone.id,)), now)) == {"+447700900001"}


@pytest.mark.parametrize(
    ("importance", "gets_it"),
    [(Importance.ORDINARY, False), (Importance.IMPORTANT, True), (Importance.URGENT, True)],
)
def test_who_only_wants_what_is_important_gets_what_is_and_what_is_more(session, zone, now, importance, gets_it):
    make_subscriber(session, zones=[zone], sms="+447700900001", least_importance=Importance.IMPORTANT)

    assert bool(values(session, Rule((zone.id,), importance=importance), now)) == gets_it


@pytest.mark.parametrize("digest", list(Digest))
def test_a_digest_takes_the_place_of_emails_and_not_of_texts_and_urgent_ones_do_not_wait(session, zone, now, digest):
    make_subscriber(session, zones=[zone], sms="+447700900001", email="a@example.com", digest=digest)

    counted = audience.count(session, Rule((zone.id,)), now=now)

    assert set(values(session, Rule((zone.id,)), now)) == {"+447700900001"}
    assert (out(counted, EMAIL), out(counted, SMS)) == ({"digest": 1}, {})
    assert len(values(session, Rule((zone.id,), importance=Importance.URGENT), now)) == 2


def test_a_digest_uses_up_a_week_like_any_broadcast(session, zone, now):
    resident = make_subscriber(session, zones=[zone], email="a@example.com", weekly_limit=1)
    had_broadcast(session, resident.addresses[0].address, now - dt.timedelta(days=1), purpose=Purpose.DIGEST)

    assert values(session, Rule((zone.id,)), now) == {}


def test_a_resident_with_two_numbers_gets_it_at_both_and_is_counted_so(session, zone, now):
    resident = make_subscriber(session, zones=[zone], sms="+447700900001")
    factories.link_address(session, resident, make_address(session, SMS, "+447700900002"))

    counted = audience.count(session, Rule((zone.id,), media=(SMS,)), now=now)

    assert (counted.matched, counted.recipients, counted.second_addresses) == (1, {SMS: 2}, {SMS: 1})
    assert out(counted, SMS) == {}


def test_ranges_of_addresses_together_give_the_whole_audience(session, zone, now):
    for _ in range(7):
        make_subscriber(session, zones=[zone], sms=True, email=True)
    whole = set(session.scalars(audience.recipients(Rule((zone.id,)), now=now)))

    ends = [0, min(whole), min(whole) + 3, max(whole) - 2, max(whole) + 5]
    parts = [
        set(session.scalars(audience.recipients(Rule((zone.id,)), now=now, after=low, up_to=high)))
        for low, high in itertools.pairwise(ends)
    ]

    assert len(whole) == 14
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set().union(*parts) == whole


# A population at random, against the same rules said again in plain Python


@pytest.mark.parametrize("seed", range(12))
def test_the_counts_add_up_for_any_population(session, now, seed):
    chance = random.Random(seed)
    zones, topics = populate(session, chance, now)
    rule = Rule(
        tuple(z.id for z in chance.sample(zones, chance.randint(1, 2))),
        tuple(t.id for t in chance.sample(topics, chance.randint(0, 2))),
        importance=chance.choice(list(Importance)),
    )

    counted = audience.count(session, rule, now=now)
    rows = session.execute(audience.recipients(rule, now=now)).all()

    people, left_out, addresses = told_again(session, rule, now)
    assert counted.matched == len(people)
    assert {row.address_id for row in rows} == addresses[SMS] | addresses[EMAIL]
    assert len(rows) == len(addresses[SMS]) + len(addresses[EMAIL])
    for medium in Medium:
        assert counted.recipients[medium] == len(addresses[medium])
        assert out(counted, medium) == left_out[medium]
        total = counted.recipients[medium] + sum(counted.left_out[medium].values())
        assert total == counted.matched + counted.second_addresses[medium]
