import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import quiet_hours
from peoplelink.audit import AuditEvent
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import reminding
from tests.subscribers import people

NIGHT = Hours(21 * 60, 8 * 60)
TWO_DAYS = dt.timedelta(hours=48)


@pytest.fixture
def remind(planted):
    def reminding_at(moment, quiet=NIGHT):
        return reminding.remind(planted, links=people.LINKS, quiet=quiet, now=moment)

    return reminding_at


def words_to(session, now, value=people.MOBILE):
    return [words for _, _, words in people.sent_to(session, people.address(session, now, value))]


def test_who_has_not_said_yes_for_two_days_is_asked_once_more_and_never_again(planted, now, remind):
    people.sign_up(planted, now)

    assert remind(now + TWO_DAYS - dt.timedelta(seconds=1)) == 0
    assert remind(now + TWO_DAYS) == 1
    assert [remind(now + dt.timedelta(days=days)) for days in (2, 3, 5, 13)] == [0, 0, 0, 0]

    first, second = words_to(planted, now)
    assert second != first
    assert "YES" in second
    assert "New Parks" in second
    assert "won't ask again" in second
    events = planted.scalars(select(AuditEvent).where(AuditEvent.action == "sign_up.reminded")).all()
    assert len(events) == 1


def test_a_mailbox_is_reminded_with_a_link_that_still_confirms(planted, now, remind):
    made = people.sign_up(planted, now, email=people.EMAIL)

    remind(now + TWO_DAYS)

    link = people.LINKS.confirm(made, people.address(planted, now, people.EMAIL))
    reminder = words_to(planted, now, people.EMAIL)[-1]
    assert link.rpartition("/confirm/")[2].partition(".")[0] in reminder
    assert "Commissioner" in reminder


def test_the_first_mail_says_that_one_more_may_come(planted, now, remind):
    people.sign_up(planted, now, email=people.EMAIL)
    remind(now + TWO_DAYS)

    first, second = words_to(planted, now, people.EMAIL)
    assert "we ask once more at most" in first
    assert "we will not ask again" in second


def test_who_confirmed_is_not_reminded(planted, now, remind):
    made = people.sign_up(planted, now)
    people.confirm(planted, made, now)

    assert remind(now + TWO_DAYS) == 0


def test_only_the_newest_request_at_an_address_counts(planted, now, remind):
    people.sign_up(planted, now, name="Ash")
    people.sign_up(planted, now + dt.timedelta(days=1), name="Sam")

    assert remind(now + TWO_DAYS) == 0
    assert remind(now + TWO_DAYS + dt.timedelta(days=1)) == 1


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_an_address_that_may_not_be_written_to_is_never_reminded(planted, now, remind, reason):
    people.sign_up(planted, now, email=people.EMAIL)
    where = people.address(planted, now, people.EMAIL)
    outbound.suppress(planted, where, reason, source="test", now=now)

    assert remind(now + TWO_DAYS) == 0
    assert len(people.sent_to(planted, where)) == 1


def test_nobody_is_reminded_at_night(planted, now, remind):
    people.sign_up(planted, now)
    night = now.replace(hour=23) + TWO_DAYS

    assert remind(night) == 0
    assert remind(night, quiet=quiet_hours.NONE) == 1


def test_a_reminder_that_waits_until_the_night_is_held_then(planted, now, remind):
    people.zone(planted).quiet_from, people.zone(planted).quiet_until = 16 * 60, 9 * 60
    people.sign_up(planted, now)
    people.sign_up(planted, now, mobile="+447700900201", zones=("coalville",))

    remind(now + TWO_DAYS)

    hours = [
        planted.scalar(select(Delivery).where(Delivery.address_id == where.id).order_by(Delivery.id.desc()).limit(1))
        for where in (people.address(planted, now), people.address(planted, now, "+447700900201"))
    ]
    assert [(one.quiet_from, one.quiet_until) for one in hours] == [(16 * 60, 9 * 60), tuple(NIGHT)]


def test_who_asked_for_it_again_yesterday_is_not_reminded_today(planted, now, remind):
    made = people.sign_up(planted, now)
    reminding.signup.ask(
        planted, made, people.address(planted, now), links=people.LINKS, now=now + dt.timedelta(hours=30)
    )

    assert remind(now + TWO_DAYS) == 0
    assert remind(now + dt.timedelta(hours=54, minutes=1)) == 1


def test_a_reminder_that_would_leave_no_time_to_answer_is_not_sent(planted, now, remind):
    people.sign_up(planted, now)

    assert remind(now + dt.timedelta(days=13, hours=1)) == 0


def test_a_turn_takes_a_batch_and_the_next_one_the_rest(planted, now, remind, monkeypatch):
    monkeypatch.setattr(reminding, "BATCH", 2)
    for number in range(3):
        people.sign_up(planted, now, mobile=f"+44770090020{number}")

    assert [remind(now + TWO_DAYS) for _ in range(3)] == [2, 1, 0]


def test_a_reminder_is_a_confirmation_like_the_first(planted, now, remind):
    people.sign_up(planted, now)

    remind(now + TWO_DAYS)

    sent = people.sent_to(planted, people.address(planted, now))
    assert {(purpose, status) for purpose, status, _ in sent} == {(Purpose.CONFIRMATION, DeliveryStatus.QUEUED)}
