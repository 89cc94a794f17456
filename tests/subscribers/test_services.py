import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import services
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, SubscriberAddress
from peoplelink.subscribers.services import Started
from tests.subscribers import people


def _stop(session, where, now, reason=SuppressionReason.STOP):
    return services.stop_address(
        session, where, reason=reason, how="STOP", source="text", evidence={"message": "m-9"}, now=now
    )


def _withdrawn(session):
    return session.scalars(select(ConsentRecord).where(ConsentRecord.action == ConsentAction.WITHDRAWN)).all()


def test_stop_suppresses_takes_back_what_is_queued_and_withdraws_consent(planted, now):
    subscriber = people.resident(planted, now)
    where = people.address(planted, now)
    outbound.queue_message(planted, where, purpose=Purpose.REPLY, body="Hello", now=now)

    changed = _stop(planted, where, now)

    assert changed
    assert outbound.suppressions_of(planted, where) == {SuppressionReason.STOP}
    assert services.subscribers_at(planted, where) == []
    assert people.sent_to(planted, where, since=now) == [(Purpose.REPLY, DeliveryStatus.SUPPRESSED, "Hello")]
    [line] = _withdrawn(planted)
    assert (line.subscriber_id, line.how, line.evidence) == (subscriber.id, "STOP", {"message": "m-9"})


def test_a_second_stop_changes_nothing(planted, now):
    people.resident(planted, now)
    where = people.address(planted, now)
    _stop(planted, where, now)
    acts = len(planted.scalars(select(AuditEvent)).all())

    changed = _stop(planted, where, now)

    assert not changed
    assert len(_withdrawn(planted)) == 1
    assert len(planted.scalars(select(AuditEvent)).all()) == acts


def test_stop_acts_for_everybody_who_shares_the_address_and_for_no_other_address(planted, now):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL, name="Ash")
    first = people.confirm(planted, made, now)
    people.confirm(planted, made, now, people.EMAIL)
    second = people.confirm(planted, people.sign_up(planted, now, name="Rowan"), now)

    _stop(planted, people.address(planted, now), now)

    assert services.subscribers_at(planted, people.address(planted, now)) == []
    assert services.subscribers_at(planted, people.address(planted, now, people.EMAIL)) == [first]
    assert {line.subscriber_id for line in _withdrawn(planted)} == {first.id, second.id}
    assert len(services.subscribers_at(planted, people.address(planted, now, "+447700900901"))) == 1


def test_stop_from_a_number_nobody_knows_suppresses_it_all_the_same(planted, now):
    where = people.address(planted, now)

    changed = _stop(planted, where, now)

    assert changed
    assert outbound.suppressions_of(planted, where) == {SuppressionReason.STOP}


def test_start_lifts_the_stop_and_gives_consent_again_under_the_old_wording(planted, now):
    subscriber = people.resident(planted, now)
    where = people.address(planted, now)
    _stop(planted, where, now)

    started = services.start_address(planted, where, how="START", evidence={"message": "m-10"}, now=now)

    assert started is Started.BACK
    assert outbound.suppressions_of(planted, where) == frozenset()
    assert services.subscribers_at(planted, where) == [subscriber]
    theirs = select(ConsentRecord).where(ConsentRecord.subscriber_id == subscriber.id)
    lines = planted.scalars(theirs.order_by(ConsentRecord.id)).all()
    assert [line.action for line in lines] == [ConsentAction.GIVEN, ConsentAction.WITHDRAWN, ConsentAction.GIVEN]
    assert (lines[2].how, lines[2].wording_id) == ("START", lines[0].wording_id)


def test_a_second_start_changes_nothing(planted, now):
    people.resident(planted, now)
    where = people.address(planted, now)
    _stop(planted, where, now)
    services.start_address(planted, where, how="START", evidence={}, now=now)

    assert services.start_address(planted, where, how="START", evidence={}, now=now) is Started.NOBODY
    assert len(services.subscribers_at(planted, where)) == 1


def test_start_at_a_shared_number_brings_nobody_back_but_lets_the_number_be_texted(planted, now):
    for name in ("Sam", "Ash"):
        people.resident(planted, now, name=name)
    where = people.address(planted, now)
    _stop(planted, where, now)

    started = services.start_address(planted, where, how="START", evidence={}, now=now)

    assert started is Started.SEVERAL
    assert services.subscribers_at(planted, where) == []
    assert outbound.suppressions_of(planted, where) == frozenset()


@pytest.mark.parametrize(("days", "started"), [(30, Started.BACK), (31, Started.LONG_AGO)])
def test_start_brings_a_resident_back_within_a_month(planted, now, days, started):
    people.resident(planted, now)
    where = people.address(planted, now)
    _stop(planted, where, now)

    later = now + dt.timedelta(days=days)

    assert services.start_address(planted, where, how="START", evidence={}, now=later) is started
    assert len(services.subscribers_at(planted, where)) == (1 if started is Started.BACK else 0)


def test_start_brings_back_who_left_last_and_not_whose_number_it_was_before(planted, now):
    people.resident(planted, now, name="Before")
    where = people.address(planted, now)
    _stop(planted, where, now)
    later = now + dt.timedelta(days=400)
    services.start_address(planted, where, how="START", evidence={}, now=later)
    after = people.resident(planted, later, name="After")
    _stop(planted, where, later)

    services.start_address(planted, where, how="START", evidence={}, now=later)

    assert services.subscribers_at(planted, where) == [after]


def test_start_brings_back_nobody_where_somebody_lives_now(planted, now):
    people.resident(planted, now, name="Before")
    where = people.address(planted, now)
    _stop(planted, where, now)
    outbound.lift(planted, where, services.LIFTED_BY_START, by="test", now=now)
    living = people.resident(planted, now, name="Living")

    assert services.start_address(planted, where, how="START", evidence={}, now=now) is Started.NOBODY
    assert services.subscribers_at(planted, where) == [living]


def test_start_undoes_what_the_resident_asked_for_and_not_a_bounce_or_an_erasure(planted, now):
    where = people.address(planted, now)
    for reason in SuppressionReason:
        outbound.suppress(planted, where, reason, source="test", now=now)

    services.start_address(planted, where, how="START", evidence={}, now=now)

    assert outbound.suppressions_of(planted, where) == {
        SuppressionReason.BOUNCED,
        SuppressionReason.COMPLAINED,
        SuppressionReason.ERASED,
    }


def test_start_brings_nobody_back_to_a_number_that_may_not_be_written_to_all_the_same(planted, now):
    ash, bo = (people.resident(planted, now, name=name) for name in ("Ash", "Bo"))
    where = people.address(planted, now)
    _stop(planted, where, now)
    _stop(planted, where, now, reason=SuppressionReason.ERASED)
    planted.delete(planted.get_one(SubscriberAddress, (ash.id, where.id)))
    planted.flush()

    started = services.start_address(planted, where, how="START", evidence={}, now=now)

    assert (started, services.subscribers_at(planted, where)) == (Started.NOBODY, [])
    assert services.latest_at(planted, where) == [bo]


def test_what_a_provider_tells_stops_the_residents_links(planted, now):
    subscriber = people.resident(planted, now)
    where = people.address(planted, now)

    services.opted_out(planted, where.id, "provider event", now)
    services.opted_out(planted, where.id, "provider event", now)

    assert services.subscribers_at(planted, where) == []
    [line] = _withdrawn(planted)
    assert (line.subscriber_id, line.how) == (subscriber.id, "provider event")


def test_what_a_provider_tells_of_an_address_that_is_gone_is_let_pass(planted, now):
    services.opted_out(planted, 10**9, "provider event", now)

    assert _withdrawn(planted) == []


def test_the_audit_of_a_stop_holds_no_number(planted, now):
    people.resident(planted, now)
    where = people.address(planted, now)

    _stop(planted, where, now)

    event = planted.scalars(select(AuditEvent).where(AuditEvent.action == "address.stopped")).one()
    assert event.subject_id == where.public_id
    assert event.detail == {"how": "STOP", "reason": "stop", "residents": 1, "questions": 0}
