import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.channels.segments import count_segments
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import answers, limits, services, signup
from peoplelink.subscribers.models import SignUp, SignUpSource, Subscriber
from tests.subscribers import people

ASKED_FOR_NEW_PARKS = (
    "People Link: thanks. Reply YES to get texts about New Parks from the Commissioner's office, about 1 a week. "
    "Reply STOP any time. Help: HELP"
)


def _confirmations(session, where):
    return [words for purpose, _, words in people.sent_to(session, where) if purpose is Purpose.CONFIRMATION]


def test_a_web_sign_up_asks_the_mobile_to_reply_yes_in_one_segment(planted, now):
    made = people.sign_up(planted, now, name="Ash")

    where = people.address(planted, now)
    assert people.sent_to(planted, where) == [(Purpose.CONFIRMATION, DeliveryStatus.QUEUED, ASKED_FOR_NEW_PARKS)]
    assert count_segments(ASKED_FOR_NEW_PARKS).segments == 1
    assert (made.name, made.old_enough, made.source) == ("Ash", True, SignUpSource.WEB)
    assert services.subscribers_at(planted, where) == []


def test_each_address_of_a_sign_up_is_asked_by_itself(planted, now):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL, zones=("coalville", "new-parks"))

    mailbox = people.address(planted, now, people.EMAIL)
    [mail] = _confirmations(planted, mailbox)
    [text] = _confirmations(planted, people.address(planted, now))
    assert "Coalville and New Parks" in text
    assert "Coalville and New Parks" in mail
    token = mail.split("/confirm/")[1].split(">")[0]
    assert people.LINKS.read_confirm(token) == (made.public_id, mailbox.public_id)


def test_asking_audits_ids_and_counts_and_no_address(planted, now):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL, name="Ash")

    event = planted.scalars(select(AuditEvent).where(AuditEvent.subject_id == made.public_id)).one()
    assert (event.action, event.actor) == ("sign_up.asked", "resident")
    assert event.detail == {"media": ["sms", "email"], "source": "web"}


@pytest.mark.parametrize(
    ("fields", "what_to_do"),
    [
        ({"zones": ()}, "Choose at least one zone"),
        ({"mobile": None}, "Enter a mobile number or an email"),
        ({"old_enough": False}, "old enough"),
    ],
)
def test_a_request_with_something_missing_is_refused_with_what_to_do(planted, now, fields, what_to_do):
    with pytest.raises(InvalidInputError, match=what_to_do):
        people.sign_up(planted, now, **fields)


def test_the_same_again_within_two_minutes_asks_nobody_and_the_first_still_stands(planted, now):
    made = people.sign_up(planted, now)

    again = people.sign_up(planted, now + dt.timedelta(seconds=119))

    where = people.address(planted, now)
    assert again is None
    assert len(_confirmations(planted, where)) == 1
    assert signup.pending_at(planted, where, now=now) is made


def test_the_same_again_after_two_minutes_asks_again(planted, now):
    people.sign_up(planted, now)

    again = people.sign_up(planted, now + limits.SAME_AGAIN)

    assert again is not None
    assert len(_confirmations(planted, people.address(planted, now))) == 2


def test_another_choice_within_two_minutes_is_asked_about_at_once(planted, now):
    people.sign_up(planted, now)

    other = people.sign_up(planted, now + dt.timedelta(seconds=5), zones=("coalville",))

    where = people.address(planted, now)
    assert signup.pending_at(planted, where, now=now) is other
    assert "Coalville" in _confirmations(planted, where)[-1]


def test_an_address_is_asked_three_times_a_day_and_no_more(planted, now):
    moments = [now + dt.timedelta(hours=hour) for hour in range(5)]

    made = [people.sign_up(planted, moment) for moment in moments]

    assert [one is not None for one in made] == [True, True, True, False, False]
    assert len(_confirmations(planted, people.address(planted, now))) == limits.CONFIRMATIONS_A_DAY
    assert people.sign_up(planted, now + dt.timedelta(hours=24, seconds=1)) is not None


def test_what_could_not_be_asked_does_not_take_the_place_of_what_was(planted, now):
    for hour in range(3):
        asked = people.sign_up(planted, now + dt.timedelta(hours=hour))
    later = now + dt.timedelta(hours=4)

    people.sign_up(planted, later, zones=("coalville",))

    where = people.address(planted, now)
    assert signup.pending_at(planted, where, now=later) is asked
    subscriber = people.confirm(planted, asked, later)
    assert [zone.name for zone in services.zones_of(planted, subscriber)] == ["New Parks"]


def test_a_mailbox_is_asked_though_the_mobile_has_reached_its_limit(planted, now):
    for hour in range(3):
        people.sign_up(planted, now + dt.timedelta(hours=hour))

    made = people.sign_up(planted, now + dt.timedelta(hours=3), mobile=people.MOBILE, email=people.EMAIL)

    assert [one.address.value for one in made.addresses] == [people.EMAIL]
    limited = planted.scalars(select(AuditEvent).where(AuditEvent.action == "sign_up.limited")).all()
    assert [event.subject_id for event in limited] == [people.address(planted, now).public_id]


def test_over_the_day_s_cap_of_texts_the_form_says_try_tomorrow(planted, now, monkeypatch):
    monkeypatch.setattr(limits, "WEB_TEXTS_A_DAY", 2)
    people.sign_up(planted, now, mobile="+447700900201")
    people.sign_up(planted, now, mobile="+447700900202")

    with pytest.raises(signup.TooManyTodayError, match="tomorrow"):
        people.sign_up(planted, now, mobile="+447700900203")

    assert people.sign_up(planted, now, email="another@example.org") is not None
    assert people.sign_up(planted, now + dt.timedelta(days=1), mobile="+447700900203") is not None


def test_a_number_that_said_stop_is_never_asked_by_the_form(planted, now):
    where = people.address(planted, now)
    outbound.suppress(planted, where, SuppressionReason.STOP, source="text", now=now)

    made = people.sign_up(planted, now)

    assert people.sent_to(planted, where) == []
    assert signup.pending_at(planted, where, now=now) is made


def test_a_mailbox_that_unsubscribed_may_be_asked_since_its_owner_may_want_to_come_back(planted, now):
    where = people.address(planted, now, people.EMAIL)
    outbound.suppress(planted, where, SuppressionReason.UNSUBSCRIBED, source="link", now=now)

    people.sign_up(planted, now, email=people.EMAIL)

    assert len(_confirmations(planted, where)) == 1


def test_the_question_goes_stale_with_the_sign_up(planted, now):
    made = people.sign_up(planted, now)

    where = people.address(planted, now)
    just_before, then = made.expires_at - dt.timedelta(seconds=1), made.expires_at
    assert made.expires_at == now + dt.timedelta(days=14)
    assert signup.pending_at(planted, where, now=just_before) is made
    assert signup.pending_at(planted, where, now=then) is None


def test_a_sign_up_makes_no_resident(planted, now):
    before = planted.scalar(select(func.count()).select_from(Subscriber))

    people.sign_up(planted, now)

    assert planted.scalar(select(func.count()).select_from(Subscriber)) == before
    assert planted.scalar(select(func.count()).select_from(SignUp).where(SignUp.subscriber_id.is_(None))) == 1


def test_the_mail_says_who_asks_and_where_to_call_in_an_emergency(planted):
    words = answers.asked_by_mail([people.zone(planted)], "https://link.example.org/confirm/x")

    for part in ("Police and Crime Commissioner's office", "about 1 a week", "999", "101", "did not ask for this"):
        assert part in words
