"""Leaving by mail, all of it or a part, over HTTP."""

import pytest
from sqlalchemy import select

from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import Conversation
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.subscribers.models import Keyword, Topic
from tests.factories import (
    make_address,
    make_officer,
)
from tests.inbound.leavers import MAILBOX, reasons, resident, said, statuses
from tests.inbound.town import page_of
from tests.pages import soup


@pytest.mark.parametrize("words", [b"unsubscribe", b"Please take me off your mailing list.\r\n\r\nSent from my phone"])
def test_an_answer_by_mail_leaves_before_we_answer_and_is_confirmed_once(provider, change, look, words):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks"))

    provider.mail(words)

    assert reasons(look, address_id) == {SuppressionReason.UNSUBSCRIBED}
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    provider.process()
    provider.mail(words)
    provider.process()
    [answer] = said(look, address_id)
    assert "You have left People Link" in answer


@pytest.mark.parametrize(
    "fields",
    [{"spf": "fail", "dkim": "none"}, {"headers": [("Auto-Submitted", "auto-replied")]}],
    ids=["unchecked", "automatic"],
)
def test_a_mail_of_anybody_else_or_of_a_machine_stops_nobody(provider, change, look, fields):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks"))

    provider.mail(b"unsubscribe", **fields)
    provider.process()

    assert reasons(look, address_id) == frozenset()
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.QUEUED}


@pytest.mark.parametrize(
    ("subject", "words", "flagged"),
    [
        ("STOP Coalville", b"", False),
        ("Stop emails about Coalville", b"Please stop emailing me about Coalville\r\n", False),
        ("Re: News", b"Please stop emailing me about Coalville\r\n", False),
        ("Re: News", b"Unsubscribe from Coalville\r\n\r\nWe have moved away.", True),
    ],
)
def test_a_mail_that_stops_a_zone_takes_back_what_only_that_zone_brings(
    provider, change, look, subject, words, flagged
):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks", "coalville"))

    provider.mail(words, subject=subject)
    provider.process()
    provider.process()

    assert statuses(look, waiting) == {"new-parks": DeliveryStatus.QUEUED, "coalville": DeliveryStatus.CANCELLED}
    assert reasons(look, address_id) == frozenset()
    [answer] = said(look, address_id)
    assert "nothing more from us about Coalville" in " ".join(answer.split())
    assert "You still hear from us about New Parks" in " ".join(answer.split())
    assert bool(look(lambda s: list(s.scalars(select(Conversation))))) is flagged


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Re: Stop burglary", b"Brilliant idea, count me in!"),
        ("Re: STOP Coalville", b""),
        ("Stop burglary", b"Two houses on our street were broken into."),
        ("Stop coalvile", b"That is what we must do to the quarry."),
        ("Stop Coalville", b"The quarry must be stopped."),
        ("Whitwick stop", b"The shelter at the bus stop is smashed."),
        (
            "Stop Coalville",
            b"The quarry is dug deeper each year, lorries shake our houses all night, and nobody listens.",
        ),
    ],
)
def test_a_mail_that_only_sounds_like_it_stops_nothing_and_is_read(provider, change, look, subject, words):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "coalville"))
    change(lambda s: s.add(Keyword(word="BURGLARY", topic_id=s.scalars(select(Topic.id)).first())))

    provider.mail(words, subject=subject)
    provider.process()

    assert statuses(look, waiting) == {"coalville": DeliveryStatus.QUEUED}
    assert look(lambda s: s.scalars(select(Conversation)).one().address_id) == address_id


@pytest.mark.parametrize("subject", ["STOP Coalville", "STOP"])
def test_a_file_beside_a_stop_by_mail_is_looked_at_by_a_person(provider, change, look, subject):
    address_id, _ = change(lambda s: resident(s, MAILBOX, "coalville", "new-parks"))
    box = b"--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nPNG\r\n--x--\r\n"

    provider.mail(box, subject=subject, kind="multipart/mixed; boundary=x")
    provider.process()

    assert look(lambda s: s.scalars(select(Conversation)).one().address_id) == address_id
    assert len(said(look, address_id)) == 1


def test_the_last_zone_stopped_by_mail_is_leaving(provider, change, look):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "coalville"))

    provider.mail(b"STOP COALVILLE")
    provider.process()

    assert statuses(look, waiting) == {"coalville": DeliveryStatus.SUPPRESSED}
    assert reasons(look, address_id) == {SuppressionReason.UNSUBSCRIBED}
    [answer] = said(look, address_id)
    words = " ".join(answer.split())
    assert "You got only Coalville from us, so you have left. We will not write to you again, by email" in words


def test_a_zone_nearly_named_by_mail_is_asked_about_and_a_person_looks(provider, change, look):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "coalville", "new-parks"))

    provider.mail(b"STOP COLVILLE")
    provider.process()

    assert set(statuses(look, waiting).values()) == {DeliveryStatus.QUEUED}
    assert "STOP COALVILLE" in said(look, address_id)[0]
    assert look(lambda s: s.scalars(select(Conversation)).one().address_id) == address_id


def test_a_zone_stopped_by_mail_that_they_did_not_have_changes_nothing(provider, change, look):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks"))

    provider.mail(b"STOP COALVILLE")
    provider.process()

    assert statuses(look, waiting) == {"new-parks": DeliveryStatus.QUEUED}
    assert "You get nothing from us about Coalville" in said(look, address_id)[0]


def test_a_stop_from_a_mailbox_we_do_not_write_to_is_looked_at_by_a_person(provider, client, sign_in, change, look):
    """It may be forwarded there from the one we do."""
    provider.mail(b"STOP", sender="alias@example.com")
    provider.process()

    talk = look(lambda s: s.scalars(select(Conversation)).one())
    assert reasons(look, talk.address_id) == {SuppressionReason.UNSUBSCRIBED}
    assert said(look, talk.address_id) == []
    sign_in(change(make_officer))
    assert "We do not write to this mailbox, so there was nothing to stop" in soup(client.get(page_of(talk))).text


def test_a_stranger_s_mailbox_that_stops_a_zone_is_never_written_to(provider, change, look):
    address_id = change(lambda s: make_address(s, Medium.EMAIL, MAILBOX).id)

    provider.mail(b"STOP COALVILLE")
    provider.process()

    assert reasons(look, address_id) == {SuppressionReason.UNSUBSCRIBED}
    assert said(look, address_id) == []


@pytest.mark.parametrize(
    "fields",
    [{"spf": "fail", "dkim": "none"}, {"headers": [("Auto-Submitted", "auto-replied")]}],
    ids=["unchecked", "automatic"],
)
def test_a_zone_is_not_stopped_by_anybody_else_nor_a_machine(provider, change, look, fields):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks", "coalville"))

    provider.mail(b"STOP COALVILLE", **fields)
    provider.process()

    assert set(statuses(look, waiting).values()) == {DeliveryStatus.QUEUED}
    assert said(look, address_id) == []
