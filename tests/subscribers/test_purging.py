import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Content, Delivery, Dispatch, Suppression
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.subscribers import purging, services
from peoplelink.subscribers.models import SignUp, SignUpAddress
from tests import factories
from tests.subscribers import people

FORTNIGHT = dt.timedelta(days=14)


@pytest.fixture
def purge(planted):
    def purging_at(moment):
        planted.query(Delivery).filter(Delivery.status == DeliveryStatus.QUEUED).update(
            {"status": DeliveryStatus.DELIVERED}
        )
        return purging.purge_pending(planted, now=moment)

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
    assert purge(now + FORTNIGHT) == 2

    assert [count(planted, table) for table in (SignUp, SignUpAddress, Dispatch, Content, Delivery)] == before
    assert not known(planted)
    assert not known(planted, people.EMAIL, Medium.EMAIL)
    event = planted.scalars(select(AuditEvent).where(AuditEvent.action == "sign_up.purged")).one()
    assert event.detail == {"sign_ups": 1, "addresses": 2}


def test_a_second_purge_finds_nothing(planted, now, purge):
    people.sign_up(planted, now)
    purge(now + FORTNIGHT)

    assert purge(now + FORTNIGHT) == 0


def test_a_confirmed_sign_up_stays_as_evidence_and_its_other_address_goes(planted, now, purge):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL)
    people.confirm(planted, made, now)

    assert purge(now + FORTNIGHT) == 1

    assert planted.get(SignUp, made.id) is not None
    assert known(planted)
    assert not known(planted, people.EMAIL, Medium.EMAIL)


def test_an_address_that_a_resident_has_stays(planted, now, purge):
    resident = people.resident(planted, now, name="Ash")
    people.sign_up(planted, now, name="Sam")

    assert purge(now + FORTNIGHT) == 1

    assert services.subscribers_at(planted, people.address(planted, now)) == [resident]


def test_an_address_that_wrote_to_us_stays_with_its_conversation(planted, now, purge):
    people.sign_up(planted, now)
    factories.make_conversation(planted, address=people.address(planted, now))

    assert purge(now + FORTNIGHT) == 1

    assert known(planted)


def test_an_address_that_waits_for_a_newer_request_stays(planted, now, purge):
    people.sign_up(planted, now, name="Ash")
    newer = people.sign_up(planted, now + dt.timedelta(days=3), name="Sam")

    assert purge(now + FORTNIGHT) == 1

    assert planted.scalars(select(SignUp.id).where(SignUp.subscriber_id.is_(None))).all() == [newer.id]
    assert known(planted)


def test_an_address_whose_message_is_under_way_stays(planted, now):
    people.sign_up(planted, now)

    assert purging.purge_pending(planted, now=now + FORTNIGHT) == 1

    assert known(planted)


def test_a_suppression_outlives_the_address(planted, now, purge):
    people.sign_up(planted, now)
    outbound.suppress(planted, people.address(planted, now), SuppressionReason.STOP, source="text", now=now)

    purge(now + FORTNIGHT)

    assert count(planted, Suppression) == 1
    people.sign_up(planted, now + FORTNIGHT)
    assert people.sent_to(planted, people.address(planted, now)) == []


def test_a_purge_takes_so_many_at_a_time(planted, now):
    for number in range(3):
        people.sign_up(planted, now, mobile=f"+44770090020{number}")

    done = [purging.purge_pending(planted, now=now + FORTNIGHT, limit=2) for _ in range(3)]

    assert done == [2, 1, 0]
