"""The nightly run forgets who never confirmed: what they typed, and addresses nobody else has."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.app import PARTS
from peoplelink.channels.messages import Medium
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Content, Delivery, Dispatch, Suppression
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.persons import RecordClass
from peoplelink.rights import holding, retention
from peoplelink.rights.models import HoldKind, RetentionRun
from peoplelink.subscribers import services
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import SignUp, SignUpAddress
from tests import factories
from tests.rights import aged
from tests.subscribers import people
from tests.subscribers.test_waiting import ask, waits

FORTNIGHT = dt.timedelta(days=14)
YEAR = dt.timedelta(days=365)
AFTER = FORTNIGHT + dt.timedelta(minutes=1)
"""The period is counted on the calendar of London and the link by the second: `now` lies in no change of clocks."""


def arrive(session):
    """Whatever was to be sent has been."""
    session.query(Delivery).filter(Delivery.status == DeliveryStatus.QUEUED).update(
        {"status": DeliveryStatus.DELIVERED}
    )


@pytest.fixture
def purge(planted):
    """A night's run once all messages are out: how many addresses of requests it forgot."""

    def purging_at(moment):
        arrive(planted)
        return aged.run(planted, now=moment).get("numbers and mailboxes that nobody confirmed", 0)

    return purging_at


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def known(session, value=people.MOBILE, medium=Medium.SMS):
    return addresses.find(session, medium, value) is not None


def test_after_a_fortnight_nothing_is_left_of_who_never_confirmed(planted, now, purge):
    before = [count(planted, table) for table in (SignUp, SignUpAddress, Dispatch, Content, Delivery)]
    people.sign_up(planted, now, name="Ash", mobile=people.MOBILE, email=people.EMAIL)

    assert purge(now + FORTNIGHT - dt.timedelta(seconds=1)) == 0
    assert known(planted)
    assert purge(now + AFTER) == 2

    assert [count(planted, table) for table in (SignUp, SignUpAddress, Dispatch, Content, Delivery)] == before
    assert not known(planted)
    assert not known(planted, people.EMAIL, Medium.EMAIL)
    counts = planted.scalars(select(RetentionRun).order_by(RetentionRun.id.desc())).first().counts
    assert counts["requests to join that nobody confirmed"] == 1


def test_a_second_run_finds_nothing(planted, now, purge):
    people.sign_up(planted, now)
    purge(now + AFTER)

    assert purge(now + AFTER + dt.timedelta(seconds=1)) == 0


def test_a_confirmed_sign_up_stays_as_evidence_and_its_other_address_goes(planted, now, purge):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL)
    people.confirm(planted, made, now)

    assert purge(now + AFTER) == 1

    assert planted.get(SignUp, made.id) is not None
    assert known(planted)
    assert not known(planted, people.EMAIL, Medium.EMAIL)


def test_an_address_that_a_resident_has_stays(planted, now, purge):
    resident = people.resident(planted, now, name="Ash")
    people.sign_up(planted, now, name="Sam")

    assert purge(now + AFTER) == 1

    assert services.subscribers_at(planted, people.address(planted, now)) == [resident]


def test_an_address_that_wrote_to_us_stays_with_its_conversation(planted, now, purge):
    people.sign_up(planted, now)
    factories.make_conversation(planted, address=people.address(planted, now))

    assert purge(now + AFTER) == 1

    assert known(planted)


def test_an_address_that_waits_for_a_newer_request_stays(planted, now, purge):
    people.sign_up(planted, now, name="Ash")
    newer = people.sign_up(planted, now + dt.timedelta(days=3), name="Sam")

    assert purge(now + AFTER) == 1

    assert planted.scalars(select(SignUp.id).where(SignUp.subscriber_id.is_(None))).all() == [newer.id]
    assert known(planted)


def test_a_message_whose_outcome_nobody_knows_keeps_no_request(planted, now):
    before = count(planted, Delivery)
    made = people.sign_up(planted, now).id
    planted.query(Delivery).update({"status": DeliveryStatus.UNCONFIRMED})

    aged.run(planted, now=now + AFTER)

    assert (planted.get(SignUp, made), count(planted, Delivery), known(planted)) == (None, before, False)


@pytest.mark.parametrize("status", [DeliveryStatus.QUEUED, DeliveryStatus.SENDING])
def test_a_request_waits_for_the_outcome_of_its_message_and_goes_with_the_number(planted, now, purge, status):
    made = people.sign_up(planted, now)
    planted.query(Delivery).update({"status": status})

    aged.run(planted, now=now + AFTER)
    assert planted.get(SignUp, made.id) is not None
    planted.query(Delivery).update({"status": DeliveryStatus.SENT})

    assert purge(now + AFTER + dt.timedelta(days=1)) == 1
    assert not known(planted)


def hold(session, value, now):
    where = people.address(session, now, value)
    return holding.place(
        session, HoldKind.PERSON, where.public_id, "A claim", by=factories.make_officer(session), now=now
    )


def test_a_legal_hold_keeps_a_request_until_it_is_lifted(planted, now, purge):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL)
    placed = hold(planted, people.MOBILE, now)

    assert purge(now + AFTER) == 1
    assert [row.address.value for row in planted.get(SignUp, made.id).addresses] == [people.MOBILE]
    assert (known(planted), known(planted, people.EMAIL, Medium.EMAIL)) == (True, False)

    holding.lift(planted, placed.public_id, by=factories.make_officer(planted), now=now)
    assert purge(now + AFTER + dt.timedelta(seconds=1)) == 1
    assert not known(planted)


def test_a_request_whose_message_ends_while_the_run_goes_on_waits_for_the_next_with_its_number(planted, now):
    made = people.sign_up(planted, now)
    steps = {purger.what: purger for purger in retention.purgers(PARTS)}
    due = retention._due(planted, PARTS, now=now + AFTER)[RecordClass.SIGN_UPS]

    assert steps["numbers and mailboxes that nobody confirmed"].purge(planted, due, 500) == 0
    arrive(planted)
    assert steps["requests to join that nobody confirmed"].purge(planted, due, 500) == 0

    assert [row.address.value for row in made.addresses] == [people.MOBILE]


def test_a_request_that_a_stop_has_emptied_goes_too(planted, now, purge):
    made = people.sign_up(planted, now).id
    where = people.address(planted, now)
    services.stop_address(
        planted, where, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=now
    )

    purge(now + AFTER)

    assert planted.get(SignUp, made) is None


def test_a_suppression_outlives_the_address(planted, now, purge):
    people.sign_up(planted, now)
    outbound.suppress(planted, people.address(planted, now), SuppressionReason.STOP, source="text", now=now)

    purge(now + AFTER)

    assert count(planted, Suppression) == 1
    people.sign_up(planted, now + FORTNIGHT)
    assert people.sent_to(planted, people.address(planted, now)) == []


def test_many_are_taken_a_portion_at_a_time(planted, now, purge, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(3):
        people.sign_up(planted, now, mobile=f"+44770090020{number}")

    assert purge(now + AFTER) == 3


# The waiting list


@pytest.mark.parametrize(("after", "left"), [(YEAR - dt.timedelta(seconds=1), 1), (YEAR, 0)])
def test_after_twelve_months_nobody_waits_any_more(planted, now, purge, after, left):
    row = waits(planted, now)

    purge(row.confirmed_at + after)

    assert (count(planted, Waiting), known(planted)) == (left, bool(left))


def test_who_never_confirmed_a_place_on_the_list_is_forgotten_with_the_number(planted, now, purge):
    ask(planted, now, mobile=people.MOBILE)

    purge(now + AFTER)

    assert (count(planted, Waiting), known(planted)) == (0, False)


def test_who_is_held_beyond_their_year_on_the_list_may_ask_again(planted, now):
    row = waits(planted, now)
    later = row.expires_at

    ask(planted, later, mobile=people.MOBILE)

    assert (row.confirmed_at, row.asked_at) == (None, later)


def test_a_legal_hold_keeps_a_place_on_the_list(planted, now, purge):
    ask(planted, now, mobile=people.MOBILE)
    hold(planted, people.MOBILE, now)

    purge(now + AFTER)

    assert (count(planted, Waiting), known(planted)) == (1, True)
