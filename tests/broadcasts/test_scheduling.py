"""A broadcast that goes out at a time: released when it is due, also late, and not when it is of no use."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import proof, scheduling, services
from peoplelink.broadcasts.models import BroadcastStatus, ProofLink
from peoplelink.errors import ForbiddenError, InvalidInputError
from tests.broadcasts.steered import deliveries, release
from tests.factories import add_noise, make_broadcast, make_officer, make_subscriber, make_zone

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def scheduled(session, now):
    """A function that makes a broadcast wait for the time an hour from now."""

    def made(**columns):
        add_noise(session)
        zone = make_zone(session)
        make_subscriber(session, zones=[zone])
        broadcast = make_broadcast(session, zones=[zone], **{"scheduled_for": now + HOUR} | columns)
        services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)
        return broadcast

    return made


def acts(session, broadcast):
    query = select(AuditEvent.action).where(AuditEvent.subject_id == broadcast.public_id).order_by(AuditEvent.id)
    return list(session.scalars(query))


def test_it_waits_for_its_time_and_then_goes_out_once(session, now, scheduled):
    broadcast = scheduled(expires_at=now + 3 * HOUR)

    scheduling.release_due(session, now=now + HOUR - dt.timedelta(seconds=1))
    before = broadcast.status
    for _ in range(2):
        scheduling.release_due(session, now=now + HOUR)

    assert (before, broadcast.status) == (BroadcastStatus.SCHEDULED, BroadcastStatus.RELEASING)
    assert acts(session, broadcast) == ["broadcast.scheduled", "broadcast.sent"]
    assert "release" in session.info["bells"]
    release(session, broadcast, now + HOUR)
    assert [row.expires_at for row in deliveries(session, broadcast)] == [now + 3 * HOUR]


def test_after_an_outage_what_is_still_of_use_goes_out_and_the_rest_says_that_it_was_too_late(session, now, scheduled):
    useful, useless = scheduled(expires_at=now + 5 * HOUR), scheduled(expires_at=now + 2 * HOUR)

    scheduling.release_due(session, now=now + 4 * HOUR)

    assert (useful.status, useless.status) == (BroadcastStatus.RELEASING, BroadcastStatus.CANCELLED)
    assert (useful.expired_unsent, useless.expired_unsent) == (False, True)
    assert acts(session, useless)[-1] == "broadcast.expired"
    links = select(ProofLink).where(ProofLink.broadcast_id == useless.id).order_by(ProofLink.id)
    link = session.scalars(links).all()[-1]
    assert (link.kind, link.facts["because"]) == (proof.Kind.CANCELLED, "expired")


def test_it_can_be_taken_back_to_a_draft_until_it_goes_out(session, now, scheduled):
    broadcast = scheduled()

    scheduling.take_back(session, broadcast, by=broadcast.created_by, now=now)
    scheduling.release_due(session, now=now + HOUR)

    assert broadcast.status is BroadcastStatus.DRAFT
    with pytest.raises(scheduling.NotScheduledError):
        scheduling.take_back(session, broadcast, by=broadcast.created_by, now=now)


def test_an_officer_of_other_zones_may_not_take_it_back(session, now, scheduled):
    broadcast = scheduled()

    with pytest.raises(ForbiddenError):
        scheduling.take_back(session, broadcast, by=make_officer(session, zones=[make_zone(session)]), now=now)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"scheduled_for": 0}, "has passed"),
        ({"scheduled_for": 2, "expires_at": 1}, "before it goes out"),
        ({"scheduled_for": None, "expires_at": 0}, "of no use has passed"),
        ({"scheduled_for": 367 * 24}, "send it is more than a year ahead"),
        ({"scheduled_for": 1, "expires_at": 367 * 24}, "no use is more than a year ahead"),
        ({"scheduled_for": dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)}, "more than a year ahead"),
        ({"scheduled_for": None, "ignores_quiet_hours": True}, "Say why"),
    ],
)
def test_times_that_make_no_sense_are_refused_with_what_to_do(session, now, scheduled, columns, said):
    moments = {name: now + value * HOUR if type(value) is int else value for name, value in columns.items()}

    with pytest.raises(InvalidInputError, match=said):
        scheduled(**moments)


def test_whoever_does_not_keep_quiet_hours_is_on_record_with_the_reason(session, now, scheduled):
    broadcast = scheduled(scheduled_for=None, ignores_quiet_hours=True, ignores_quiet_because="A child is missing")

    event = session.scalar(select(AuditEvent).where(AuditEvent.action == "broadcast.quiet_hours_ignored"))
    assert (event.actor, event.detail) == (broadcast.created_by.actor, {"reason": "A child is missing"})
