"""The nightly run: each kind of record goes when its time is over, not a second before; a night has one run."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.app import PARTS
from peoplelink.audit import AuditEvent
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.persons import RecordClass
from peoplelink.rights import retention
from peoplelink.rights.models import RetentionRun
from tests.factories import (
    NOW,
    make_report,
    make_webhook,
)
from tests.rights.aged import (
    SECOND,
    count,
    cutoff,
    make_broadcast_at,
    make_digest_at,
    make_event_at,
    make_left_at,
    make_message_at,
    make_passed_on_at,
    make_request_at,
    make_sign_up_at,
    make_thanks_at,
    run,
)

BOUNDARIES = [
    (RecordClass.MESSAGES, make_message_at),
    (RecordClass.DELIVERIES, make_thanks_at),
    (RecordClass.DELIVERIES, make_broadcast_at),
    (RecordClass.DELIVERIES, make_digest_at),
    (RecordClass.REPORTS_PASSED_ON, make_passed_on_at),
    (RecordClass.REPORTS, lambda session, at: make_report(session, updated_at=at)),
    (RecordClass.CONSENT, make_left_at),
    (RecordClass.AUDIT, make_event_at),
    (RecordClass.PROVIDER_EVENTS, lambda session, at: make_webhook(session, received_at=at, processed_at=at)),
    (RecordClass.SIGN_UPS, make_sign_up_at),
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
