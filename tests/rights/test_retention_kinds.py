"""What goes with a record whose time is over, and what outlives it."""

import datetime as dt

from sqlalchemy import select

from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.inbound.models import Answer, Conversation, ReceivedMessage, Webhook
from peoplelink.intelligence.models import Report, ReportCount, ReportSource, ReportStatus
from peoplelink.outbound import progress
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.persons import RecordClass
from peoplelink.subscribers import services
from peoplelink.subscribers.models import ConsentRecord, SignUp
from tests.broadcasts.proof import story
from tests.factories import (
    NOW,
    make_address,
    make_conversation,
    make_officer,
    make_report,
    make_sign_up,
    make_subscriber,
    make_theme,
    make_webhook,
    make_zone,
)
from tests.rights.aged import (
    SECOND,
    count,
    cutoff,
    make_message_at,
    make_passed_on_at,
    run,
)


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


def test_with_a_request_that_nobody_confirmed_go_the_number_and_what_we_sent_there(session):
    at = cutoff(session, RecordClass.SIGN_UPS) - SECOND
    number = make_address(session)
    make_sign_up(session, created_at=at, expires_at=at, addresses=[number])
    sent = outbound.queue_message(session, number, purpose=Purpose.CONFIRMATION, body="Reply YES", now=at)
    sent.status = DeliveryStatus.DELIVERED
    session.flush()

    run(session)

    assert count(session, Address) == 0
    assert (count(session, Delivery), count(session, Dispatch)) == (0, 0)


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
