"""The nightly run: each kind of record goes when its time is over, not a second before, and what is held stays."""

import datetime as dt

import pytest
from sqlalchemy import delete, func, select

from peoplelink import audit
from peoplelink.app import PARTS
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.inbound.models import Answer, Conversation, ReceivedMessage, Webhook
from peoplelink.intelligence.models import Report, ReportChange, ReportCount, ReportSource, ReportStatus
from peoplelink.outbound import progress
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.persons import RecordClass
from peoplelink.rights import holding, periods, retention
from peoplelink.rights.models import HoldKind, RequestKind, RequestSource, RetentionRun, RightsRequest
from peoplelink.subscribers import services
from peoplelink.subscribers.models import ConsentRecord, SignUp, Subscriber
from tests.broadcasts.proof import story
from tests.factories import (
    NOW,
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_report,
    make_sign_up,
    make_subscriber,
    make_theme,
    make_webhook,
    make_zone,
)

SECOND = dt.timedelta(seconds=1)


def run(session, *, now=NOW):
    """A night's run to its end."""
    made = retention.begin(session, f"{now:%Y-%m-%d %H:%M:%S}", now=now)
    while not retention.go_on(session, made.id, PARTS, now=now):
        pass
    session.expire_all()
    return {what: number for what, number in made.counts.items() if number}


def cutoff(session, of, now=NOW):
    return next(rule.period for rule in periods.rules(session) if rule.of is of).before(now)


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def make_message_at(session, at):
    conversation = make_conversation(session, last_message_at=at, opened_at=at)
    return make_message(session, conversation, received_at=at)


def make_thanks_at(session, at):
    sent = outbound.queue_message(
        session, make_address(session), purpose=Purpose.ACKNOWLEDGEMENT, body="Thanks", now=at
    )
    sent.status, sent.rank = DeliveryStatus.DELIVERED, 50
    session.flush()
    return sent


def make_broadcast_at(session, at):
    broadcast = make_broadcast(
        session, dispatch=make_dispatch(session, created_at=at), created_at=at, finished_at=at,
        status=BroadcastStatus.FINISHED,
    )  # fmt: skip
    words = make_content(session, broadcast.dispatch)
    return make_delivery(session, content=words, status=DeliveryStatus.DELIVERED, created_at=at)


def make_passed_on_at(session, at):
    report = make_report(session, status=ReportStatus.PASSED_ON, updated_at=at)
    session.add(ReportChange(report_id=report.id, officer_id=report.created_by_id, field="status", before="new",
                             after="passed_on", at=at))  # fmt: skip
    session.flush()
    return report


def make_left_at(session, at):
    resident = make_subscriber(session)
    line = session.scalars(select(ConsentRecord).where(ConsentRecord.subscriber_id == resident.id)).one()
    session.execute(delete(ConsentRecord).where(ConsentRecord.id == line.id))
    for action, moment in (("given", at - dt.timedelta(days=900)), ("withdrawn", at)):
        session.add(ConsentRecord(subscriber_id=resident.id, address_hash=line.address_hash, medium="sms",
                                  action=action, how="STOP", at=moment))  # fmt: skip
    session.flush()
    return session.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()


def make_event_at(session, at):
    return audit.record(session, "x.done", actor="system", subject_kind="x", subject_id="x", now=at)


def make_request_at(session, at):
    made = RightsRequest(kind=RequestKind.COMPLAINT, source=RequestSource.WEB, received_at=at, due_at=at, closed_at=at)
    session.add(made)
    session.flush()
    return made


BOUNDARIES = [
    (RecordClass.MESSAGES, make_message_at),
    (RecordClass.DELIVERIES, make_thanks_at),
    (RecordClass.DELIVERIES, make_broadcast_at),
    (RecordClass.REPORTS_PASSED_ON, make_passed_on_at),
    (RecordClass.REPORTS, lambda session, at: make_report(session, updated_at=at)),
    (RecordClass.CONSENT, make_left_at),
    (RecordClass.AUDIT, make_event_at),
    (RecordClass.PROVIDER_EVENTS, lambda session, at: make_webhook(session, received_at=at, processed_at=at)),
    (RecordClass.SIGN_UPS, lambda session, at: make_sign_up(session, created_at=at, expires_at=at)),
    (RecordClass.REQUESTS, make_request_at),
]


@pytest.mark.parametrize(("of", "make"), BOUNDARIES)
def test_a_record_goes_a_second_after_its_time_and_not_a_second_before(session, of, make):
    before = cutoff(session, of)
    old, young = make(session, before - SECOND), make(session, before)
    session.flush()
    table, old_id, young_id = type(old), old.id, young.id

    run(session)

    left = set(session.scalars(select(table.id).where(table.id.in_([old_id, young_id]))))
    assert left == {young_id}


@pytest.mark.parametrize(("of", "make"), BOUNDARIES)
def test_what_a_dry_run_counts_is_what_the_run_takes_away(session, of, make):
    for _ in range(2):
        make(session, cutoff(session, of) - SECOND)
    session.flush()

    said = {line.what: line.number for line in retention.preview(session, PARTS, now=NOW) if line.number}
    done = run(session)

    # What nothing refers to any more once the run has been over the rest is not foreseen.
    freed = {"conversations of which nothing is left", "numbers and mailboxes that nothing refers to"}
    assert {what: number for what, number in said.items() if what not in freed} == {
        what: number for what, number in done.items() if what not in freed
    }
    assert sum(said.values()) >= 2


def test_a_dry_run_changes_nothing(session):
    message = make_message_at(session, cutoff(session, RecordClass.MESSAGES) - SECOND)

    retention.preview(session, PARTS, now=NOW)

    assert session.get(ReceivedMessage, message.id) is not None
    assert count(session, RetentionRun) == 0


@pytest.mark.parametrize("now", ["2026-03-29T02:30", "2026-10-25T02:30", "2028-02-29T03:00", "2029-03-01T03:00"])
def test_the_boundary_holds_on_the_night_the_clocks_change_and_on_leap_days(session, now):
    now = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    before = cutoff(session, RecordClass.MESSAGES, now)
    old, young = make_message_at(session, before - SECOND), make_message_at(session, before)
    ids = [old.id, young.id]

    run(session, now=now)

    assert list(session.scalars(select(ReceivedMessage.id).where(ReceivedMessage.id.in_(ids)))) == ids[1:]


def test_an_old_conversation_goes_whole_with_its_answers_and_its_address(session):
    at = cutoff(session, RecordClass.MESSAGES) - SECOND
    message = make_message_at(session, at)
    address = message.address
    address.created_at = at
    sent = outbound.queue_message(session, address, purpose=Purpose.REPLY, body="We told the council", now=at)
    sent.status = DeliveryStatus.DELIVERED
    session.add(Answer(conversation_id=message.conversation_id, officer=make_officer(session), delivery=sent,
                       text="We told the council", at=at))  # fmt: skip
    session.flush()

    run(session)

    for table in (ReceivedMessage, Answer, Conversation, Dispatch, Delivery, Address):
        assert count(session, table) == 0, table


def test_a_report_outlives_who_told_us(session):
    conversation = make_conversation(session, last_message_at=cutoff(session, RecordClass.MESSAGES) - SECOND)
    report = make_report(session, conversation)

    run(session)

    assert session.get(Report, report.id) is not None
    assert session.get(ReportSource, report.id) is None


def test_of_reports_only_the_counts_of_themes_are_left(session):
    at = cutoff(session, RecordClass.REPORTS_PASSED_ON) - dt.timedelta(days=40)
    theme, zone = make_theme(session, slug="litter"), make_zone(session, slug="new-parks")
    for _ in range(3):
        report = make_passed_on_at(session, at)
        report.theme, report.zone, report.created_at = theme, zone, at
    session.flush()

    run(session)

    kept = session.scalars(select(ReportCount)).one()
    assert (kept.theme, kept.zone, kept.month, kept.passed_on, kept.number) == (
        "litter", "new-parks", f"{at:%Y-%m}", True, 3,
    )  # fmt: skip
    run(session, now=NOW + SECOND)
    assert session.scalars(select(ReportCount.number)).one() == 3


def test_a_report_that_was_passed_on_and_then_done_is_kept_as_passed_on(session):
    old_enough_if_not = cutoff(session, RecordClass.REPORTS) - dt.timedelta(days=1)
    report = make_passed_on_at(session, old_enough_if_not)
    report.status = ReportStatus.DONE
    session.flush()

    run(session)

    assert session.get(Report, report.id) is not None


def test_of_a_broadcast_the_counts_are_left_and_its_proof_holds(session):
    broadcast = story.finished(session)
    counted = progress.counts(session, broadcast.dispatch_id)
    later = NOW + dt.timedelta(days=500)

    done = run(session, now=later)

    assert done["deliveries of broadcasts"] == sum(sum(of.values()) for of in counted.values())
    assert story.rows(session, broadcast) == []
    assert progress.counts(session, broadcast.dispatch_id) == counted
    verdict = verify(session, broadcast)
    assert verdict.problems == []
    assert "kept for their time" in verdict.notes[-1]


def test_a_broadcast_under_way_is_left_alone(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)

    run(session, now=NOW + dt.timedelta(days=500))

    assert len(story.rows(session, broadcast)) == 7


def test_consent_that_lives_is_kept_however_old(session):
    make_subscriber(session)
    stays = count(session, ConsentRecord)

    run(session, now=NOW + dt.timedelta(days=366 * 20))

    assert count(session, ConsentRecord) == stays


def test_all_lines_of_a_consent_go_together(session):
    resident = make_subscriber(session)
    address = resident.addresses[0].address
    services.stop_address(
        session, address, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=NOW
    )
    session.flush()

    run(session, now=NOW + dt.timedelta(days=365 * 5))
    assert count(session, ConsentRecord) == 2
    run(session, now=NOW + dt.timedelta(days=366 * 6))

    assert count(session, ConsentRecord) == 0


def test_a_request_that_was_confirmed_is_evidence_and_stays(session):
    at = cutoff(session, RecordClass.SIGN_UPS) - SECOND
    resident = make_subscriber(session)
    confirmed = make_sign_up(session, addresses=[resident.addresses[0].address], created_at=at, expires_at=at,
                             subscriber_id=resident.id)  # fmt: skip
    confirmed.addresses[0].confirmed_at = at
    session.flush()

    run(session)

    assert session.get(SignUp, confirmed.id) is not None


def test_a_request_whose_link_still_works_is_not_taken_away(session):
    at = cutoff(session, RecordClass.SIGN_UPS) - SECOND
    waiting = make_sign_up(session, created_at=at, expires_at=NOW + SECOND)

    run(session)

    assert session.get(SignUp, waiting.id) is not None


def test_a_raw_request_that_nobody_could_read_waits_for_an_officer(session):
    at = cutoff(session, RecordClass.PROVIDER_EVENTS) - SECOND
    unread = make_webhook(session, received_at=at, processed_at=None)
    unreadable = make_webhook(session, received_at=at, processed_at=at, problem="?")
    make_webhook(session, received_at=at, processed_at=at, problem="?", dealt_with_at=NOW)

    run(session)

    assert list(session.scalars(select(Webhook.id).order_by(Webhook.id))) == [unread.id, unreadable.id]


# Legal holds


def held_message(session):
    at = cutoff(session, RecordClass.MESSAGES) - SECOND
    resident = make_subscriber(session)
    conversation = make_conversation(
        session, resident.addresses[0].address, subscriber=resident, last_message_at=at, opened_at=at
    )
    report = make_report(session, conversation, updated_at=at)
    message = make_message(session, conversation, received_at=at, webhook_id=make_webhook(
        session, received_at=at, processed_at=at).id)  # fmt: skip
    return message, {"person": resident.public_id, "conversation": conversation.public_id, "report": report.public_id}


@pytest.mark.parametrize("kind", list(HoldKind))
def test_a_hold_keeps_conversation_report_and_raw_request(session, kind):
    message, names = held_message(session)
    other = make_message_at(session, message.received_at)
    officer = make_officer(session)
    hold = holding.place(session, kind, names[kind], "Evidence", by=officer, now=NOW)
    ids = [message.id, other.id]

    run(session)

    assert list(session.scalars(select(ReceivedMessage.id).where(ReceivedMessage.id.in_(ids)))) == ids[:1]
    assert (count(session, Report), count(session, ReportSource), count(session, Webhook)) == (1, 1, 1)
    holding.lift(session, hold.public_id, by=officer, now=NOW)
    run(session, now=NOW + SECOND)
    assert (count(session, ReceivedMessage), count(session, Report), count(session, Webhook)) == (0, 0, 0)


def test_a_hold_on_a_person_keeps_what_was_sent_to_them_and_their_consent(session):
    resident = make_subscriber(session)
    address = resident.addresses[0].address
    services.stop_address(
        session, address, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=NOW
    )
    thanks = make_delivery(session, address, content=make_content(session, make_dispatch(
        session, purpose=Purpose.ACKNOWLEDGEMENT)), status=DeliveryStatus.SENT)  # fmt: skip
    holding.place(session, HoldKind.PERSON, resident.public_id, "A claim", by=make_officer(session), now=NOW)

    run(session, now=NOW + dt.timedelta(days=366 * 7))

    assert session.get(Delivery, thanks.id) is not None
    assert count(session, ConsentRecord) == 2
    assert session.get(Subscriber, resident.id) is not None


# The run itself


def test_a_run_works_in_batches_and_counts_each_once(session, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    at = cutoff(session, RecordClass.PROVIDER_EVENTS) - SECOND
    for _ in range(5):
        make_webhook(session, received_at=at, processed_at=at)

    made = retention.begin(session, "2026-03-21", now=NOW)
    steps = 0
    while not retention.go_on(session, made.id, PARTS, now=NOW):
        steps += 1

    assert made.counts["raw requests of Twilio and SendGrid"] == 5
    assert steps == len(retention.purgers(PARTS)) + 3


def test_a_night_has_one_run_and_a_second_call_changes_nothing(session):
    first = retention.begin(session, "2026-03-21", now=NOW)
    while not retention.go_on(session, first.id, PARTS, now=NOW):
        pass
    make_message_at(session, cutoff(session, RecordClass.MESSAGES) - SECOND)

    again = retention.begin(session, "2026-03-21", now=NOW)

    assert again is first
    assert retention.go_on(session, first.id, PARTS, now=NOW)
    assert count(session, ReceivedMessage) == 1
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "rights.retention_run")).all()
    assert len(logged) == 1


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-03-21T02:59:59", None),
        ("2026-03-21T03:00:00", "2026-03-21"),
        # In summer three o'clock in London is two o'clock UTC.
        ("2026-07-01T01:59:59", None),
        ("2026-07-01T02:00:00", "2026-07-01"),
    ],
)
def test_the_night_begins_at_three_in_london(now, night):
    assert retention.night_of(dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)) == night


def test_tonight_is_due_until_it_is_done(session):
    at_four = NOW.replace(hour=4)
    assert retention.is_due(session, now=at_four)

    made = retention.begin(session, "2026-03-21", now=at_four)
    assert retention.is_due(session, now=at_four)
    while not retention.go_on(session, made.id, PARTS, now=at_four):
        pass

    assert not retention.is_due(session, now=at_four)
    assert retention.is_due(session, now=at_four + dt.timedelta(days=1))
