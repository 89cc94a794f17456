"""Emails that ask for the link to one's own page."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import MessageKind
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import preference_links
from peoplelink.subscribers.links import Links
from tests import factories
from tests.inbound.desk import MAILBOX

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def resident(desk):
    address = factories.make_address(desk.session, value=MAILBOX, medium="email")
    return factories.make_subscriber(desk.session, email=address)


def links(desk):
    return desk.sent(Purpose.PREFERENCES)


@pytest.mark.parametrize(
    ("subject", "words"),
    [("MYDATA", ""), ("", "my data"), ("Re: Settings", "settings\n"), ("Hello", "\npreferences\n\n")],
)
def test_a_resident_who_asks_by_mail_gets_the_link_to_their_own_page(desk, resident, subject, words):
    received = desk.mail(words, subject=subject)

    [link] = links(desk)
    assert f"{desk.config.public_url}/preferences/" in link
    assert (received.kind, received.command) == (MessageKind.COMMAND, "settings")
    assert received.conversation_id is None
    logged = desk.session.scalars(select(AuditEvent).where(AuditEvent.action == "preferences.link_answered")).one()
    assert logged.subject_id == received.address.public_id


@pytest.mark.parametrize("words", ["I moved house, and you still write to my old one.", "MYDATA\n\nSam"])
def test_who_writes_more_than_the_word_gets_the_link_and_is_read_by_a_person(desk, resident, words):
    assert desk.mail(words, subject="My data").conversation_id is not None
    assert len(links(desk)) == 1
    assert desk.thanks() == []


@pytest.mark.parametrize(("subject", "words"), [("", "What data do you hold?"), ("Your settings are wrong", "")])
def test_who_only_speaks_of_it_is_read_by_a_person(desk, resident, subject, words):
    assert desk.mail(words, subject=subject).conversation_id is not None
    assert links(desk) == []


def test_what_a_stranger_asks_is_read_by_a_person(desk):
    assert desk.mail("", subject="MYDATA").conversation_id is not None
    assert links(desk) == []


@pytest.mark.parametrize("fields", [{"trusted_sender": False}, {"automatic": True}])
def test_a_forged_or_automatic_mail_sends_nobody_a_link(desk, resident, fields):
    desk.mail("", subject="MYDATA", **fields)

    assert links(desk) == []


def test_who_has_left_is_read_by_a_person_and_not_written_to(desk, resident):
    outbound.suppress(desk.session, desk.session.get(Address, resident.addresses[0].address_id),
                      SuppressionReason.UNSUBSCRIBED, source="link", now=desk.now)  # fmt: skip
    resident.addresses[0].status = "stopped"
    desk.session.flush()

    assert desk.mail("", subject="MYDATA").conversation_id is not None
    assert links(desk) == []


def test_who_asks_again_and_again_gets_three_links_a_day_and_is_then_read_by_a_person(desk, resident):
    got = [desk.mail("", subject="MYDATA", at=desk.now + number * MINUTE) for number in range(5)]

    assert len(links(desk)) == preference_links.LINKS_A_DAY
    assert [mail.conversation_id is not None for mail in got] == [False, False, False, True, True]


def test_who_asks_by_form_for_anothers_mailbox_uses_up_nothing_of_what_its_owner_may_ask(desk, resident):
    for number in range(4):
        preference_links.ask(
            desk.session, Medium.EMAIL, MAILBOX, links=Links.of(desk.config), address_key=desk.config.address_key,
            now=desk.now + number * MINUTE,
        )  # fmt: skip
    before = len(links(desk))

    assert desk.mail("", subject="MYDATA", at=desk.now + 5 * MINUTE).conversation_id is None

    assert (before, len(links(desk))) == (preference_links.LINKS_A_DAY, preference_links.LINKS_A_DAY + 1)
