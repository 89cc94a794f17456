import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.catalogues import reading
from peoplelink.catalogues import services as catalogues
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import limits, services, signup
from peoplelink.subscribers.models import ConsentWording, SignUp, SignUpSource, Zone
from tests import factories
from tests.inbound.desk import MAILBOX
from tests.inbound.posts import mail_body

MINUTE = dt.timedelta(minutes=1)


def made(desk):
    return desk.session.scalars(select(SignUp).where(SignUp.source == SignUpSource.EMAIL)).all()


def zones_of(desk, sign_up):
    return [desk.session.get(Zone, one).name for one in sign_up.zone_ids]


def requests(desk):
    return desk.sent(Purpose.CONFIRMATION)


def answers(desk):
    return desk.sent(Purpose.KEYWORD_ANSWER)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("JOIN NEWPARKS", ""),
        ("join new parks", "Sent from my phone"),
        ("Join New Parks please", ""),
        ("Re: News", "Join New Parks please"),
        ("joinnewparks", ""),
        ("", "JOIN NEWPARKS"),
        ("Hello", "\n\nJoin New Parks!\n\nThanks, Sam"),
        ("JOIN newpark", "see the leaflet"),
    ],
)
def test_a_mail_that_says_join_is_asked_to_confirm(desk, subject, words):
    received = desk.mail(words, subject=subject)

    [sign_up] = made(desk)
    [request] = requests(desk)
    assert (received.command, zones_of(desk, sign_up)) == ("join", ["New Parks"])
    assert sign_up.evidence == {"message": received.public_id}
    assert "/confirm/" in request
    assert desk.session.get(ConsentWording, sign_up.wording_id).words in request
    assert "/privacy" in request
    assert services.subscribers_at(desk.session, received.address) == []
    assert received.conversation_id is None


def test_two_zones_may_be_named(desk):
    desk.mail("", subject="JOIN New Parks and Coalville")

    assert set(zones_of(desk, made(desk)[0])) == {"Coalville", "New Parks"}


def test_a_language_named_last_is_the_one_they_are_written_to_in(desk):
    desk.mail("", subject="JOIN NEWPARKS po polsku")

    [asked] = made(desk)
    assert asked.language == "pl"
    assert len(requests(desk)) == 1


def test_a_mail_whose_sender_is_not_proved_is_never_answered_but_a_person_reads_it(desk):
    received = desk.mail("", subject="JOIN NEWPARKS", trusted_sender=False)

    assert made(desk) == []
    assert requests(desk) == answers(desk) == desk.thanks() == []
    assert received.conversation_id is not None


def test_a_machine_s_mail_is_never_answered(desk):
    desk.mail("", subject="JOIN NEWPARKS", automatic=True)

    assert made(desk) == []
    assert requests(desk) == answers(desk) == []


@pytest.mark.parametrize("sender", ["news@reply.example.org", "people.link@example.org"])
def test_a_mail_from_ourselves_is_never_answered(desk, sender):
    desk.mail("", subject="JOIN NEWPARKS", sender=sender)

    assert requests(desk) == answers(desk) == []


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Join us at the hall tonight for tea and cake", "Everybody is welcome"),
        ("News", "We should join forces with Coalville on this"),
        ("Joining fees", "What does it cost?"),
        ("Can we join the Leicester walk", "We are four."),
        ("Joined Coalville?", "I am not sure."),
    ],
)
def test_a_mail_that_only_mentions_joining_goes_to_a_person(desk, subject, words):
    received = desk.mail(words, subject=subject)

    assert received.command is None
    assert received.conversation_id is not None
    assert made(desk) == []


@pytest.mark.parametrize(
    "words", ["My son was stabbed there last night.", "Hello,\n\nsomebody sells drugs at number 4"]
)
def test_a_mail_that_joins_and_tells_something_is_read_by_a_person_too(desk, words):
    received = desk.mail(words, subject="I want to join New Parks")

    assert received.command == "join"
    assert received.conversation_id is not None
    assert len(requests(desk)) == 1


def test_join_alone_is_asked_which_zone(desk):
    desk.mail("", subject="JOIN")

    [answer] = answers(desk)
    assert "New Parks" in answer
    assert "JOIN BELL FOUNDRY" in answer
    assert made(desk) == []


def test_a_zone_that_is_only_near_is_offered_and_not_taken(desk):
    desk.mail("", subject="JOIN NEWPERKS")

    assert "Did you mean New Parks?" in answers(desk)[0]
    assert made(desk) == []


@pytest.mark.parametrize("subject", ["JOIN LE3 6AB", "join le36ab please", "My postcode"])
def test_a_postcode_joins_the_zone_it_lies_in(desk, subject):
    desk.mail("JOIN LE3 6AB" if subject == "My postcode" else "", subject=subject)

    [sign_up] = made(desk)
    assert zones_of(desk, sign_up) == ["New Parks"]


def test_a_postcode_in_no_zone_is_told_so_and_where_to_wait(desk):
    desk.mail("", subject="JOIN LE18 2DR")

    [said] = answers(desk)
    assert "There is no People Zone at your postcode (LE18 2) yet" in said
    assert f"{desk.config.public_url}/join" in said
    assert made(desk) == []


def test_who_joins_in_a_checked_language_agrees_to_words_in_it(desk):
    digest, officer = reading.of("pl").digest, factories.make_officer(desk.session)
    catalogues.approve(
        desk.session, "pl", digest=digest, reader="A Reader", read_on=desk.now.date(), by=officer, now=desk.now
    )

    desk.mail("", subject="DOŁĄCZ COALVILLE")

    [sign_up] = made(desk)
    assert desk.session.get(ConsentWording, sign_up.wording_id).language == "pl"
    assert sign_up.language == "pl"


def test_a_mailbox_is_asked_three_times_a_day(desk):
    for hour in range(4):
        desk.mail("", subject=f"JOIN {('NEWPARKS', 'COALVILLE')[hour % 2]}", at=desk.now + dt.timedelta(hours=hour))

    assert len(requests(desk)) == 3


def test_the_same_again_within_a_moment_is_asked_once(desk):
    desk.mail("", subject="JOIN NEWPARKS")
    desk.mail("", subject="JOIN NEWPARKS", at=desk.now + MINUTE)

    assert len(requests(desk)) == 1


def test_over_the_day_s_cap_nobody_is_asked(desk, monkeypatch):
    monkeypatch.setattr(limits, "EMAIL_JOINS_A_DAY", 1)

    desk.mail("", subject="JOIN NEWPARKS")
    received = desk.mail("", subject="JOIN NEWPARKS", sender="other@example.com")

    assert len(requests(desk)) == 1
    assert received.command == "join"


def test_two_machines_that_answer_each_other_fall_silent(desk):
    for number in range(30):
        desk.mail("", subject="JOIN", at=desk.now + dt.timedelta(seconds=number))

    assert len(answers(desk)) == limits.ANSWERS_AN_HOUR


def test_a_resident_gets_the_zone_at_once_and_is_told(desk, mailbox):
    zone = desk.session.scalar(select(Zone).where(Zone.slug == "coalville"))
    resident = factories.make_subscriber(desk.session, zones=[zone], email=mailbox)

    desk.mail("", subject="JOIN NEWPARKS")
    desk.mail("", subject="JOIN NEWPARKS", at=desk.now + MINUTE)

    assert [one.name for one in services.zones_of(desk.session, resident)] == ["Coalville", "New Parks"]
    assert "New Parks too" in answers(desk)[0]
    assert "in already" in answers(desk)[1]
    assert made(desk) == []


def test_who_unsubscribed_may_come_back_by_the_link(desk, mailbox):
    outbound.suppress(desk.session, mailbox, SuppressionReason.UNSUBSCRIBED, source="link", now=desk.now)

    desk.mail("", subject="JOIN NEWPARKS")

    assert len(requests(desk)) == 1
    assert outbound.suppressions_of(desk.session, mailbox) == {SuppressionReason.UNSUBSCRIBED}


def test_leaving_by_mail_comes_before_joining(desk, mailbox):
    received = desk.mail("JOIN NEWPARKS", subject="unsubscribe")

    assert received.command == "stop"
    assert made(desk) == []


def test_nothing_of_the_sender_stands_in_the_audit_log(desk):
    desk.mail("", subject="JOIN NEWPARKS")

    events = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert "sign_up.asked" in [event.action for event in events]
    assert MAILBOX not in str([(event.subject_id, event.detail) for event in events])


def test_the_link_of_the_mail_confirms(desk, config):
    desk.mail("", subject="JOIN NEWPARKS")
    [sign_up] = made(desk)

    assert signup.pending_at(desk.session, sign_up.addresses[0].address, now=desk.now) is sign_up


# Over the wire

on_one_database = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def mail_in(provider, **fields):
    provider.post("sendgrid_inbound", mail_body(b"", subject="JOIN NEWPARKS", **fields))
    provider.process()


def counted(provider):
    with provider.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(SignUp))


@on_one_database
def test_a_real_mail_joins(provider):
    mail_in(provider)

    assert counted(provider) == 1
    with provider.runtime.database.read() as session:
        assert MAILBOX in session.scalars(select(Address.value)).all()


@on_one_database
@pytest.mark.parametrize(
    "fields",
    [
        {"spf": "fail", "dkim": "none"},
        {"spf": "pass", "dkim": "none", "returns_to": "forger@elsewhere.example"},
        {"dkim": "{@elsewhere.example : pass}", "spf": "softfail"},
        {"headers": [("Auto-Submitted", "auto-replied")]},
        {"headers": [("List-Id", "<news.example.com>")]},
        {"headers": [("Precedence", "bulk")]},
        {"returns_to": ""},
        {"kind": "multipart/report; boundary=x"},
    ],
)
def test_forged_and_automatic_mails_join_nobody_and_are_not_answered(provider, fields):
    mail_in(provider, **fields)

    assert counted(provider) == 0
    with provider.runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(outbound.Delivery)) == 0
