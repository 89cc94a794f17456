"""Every way of leaving, over HTTP: by text in each mode of Twilio's keywords, by mail, by spam report, by officer."""

import dataclasses

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.channels.twilio import TwilioChannel
from peoplelink.config import KeywordMode
from peoplelink.inbound.models import Conversation
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import RANK, DeliveryStatus, Purpose, SuppressionReason
from peoplelink.runtime import twilio_settings
from peoplelink.subscribers import answers
from peoplelink.subscribers.models import Keyword, Topic, Zone, ZoneSubscription
from tests import parts
from tests.factories import (
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_subscriber,
)
from tests.inbound.posts import Provider
from tests.inbound.town import INBOX, page_of
from tests.pages import soup, submit

NUMBER, MAILBOX = "+447700900123", "resident@example.com"
MODES = pytest.mark.parametrize("mode", list(KeywordMode), ids=str)


@pytest.fixture
def in_mode(provider, app, key_pairs):
    """A function that sets who answers Twilio's keywords; the provider then says what it takes for one."""

    def setting(mode):
        config = dataclasses.replace(provider.runtime.config, twilio_keywords=mode)
        own = dataclasses.replace(provider.runtime, config=config, twilio=TwilioChannel(twilio_settings(config)))
        return Provider(parts.give(app, own).test_client(), own, key_pairs)

    return setting


def resident(session, value, *slugs):
    """A resident of some zones, with a broadcast to each of them that waits: {zone: delivery id}, and the address."""
    address = make_address(session, Medium.EMAIL if "@" in value else Medium.SMS, value)
    zones = [session.scalars(select(Zone).where(Zone.slug == slug)).one() for slug in slugs]
    kind = "email" if "@" in value else "sms"
    person = make_subscriber(session, **{kind: address}, zones=zones)
    assert session.scalars(select(ZoneSubscription.zone_id).where(ZoneSubscription.subscriber_id == person.id)).all()
    waiting = {}
    for zone in zones:
        dispatch = make_dispatch(session)
        words = {"sms": None, "email": "All are welcome."} if kind == "email" else {}
        make_broadcast(session, zones=[zone], dispatch=dispatch, status=BroadcastStatus.SENDING, **words)
        content = make_content(session, dispatch, address.medium)
        waiting[zone.slug] = make_delivery(session, address, content=content).id
    return address.id, waiting


def as_sent(delivery):
    """Its first attempt was accepted; its public id."""
    delivery.attempt, delivery.status, delivery.rank = 1, DeliveryStatus.SENT, RANK[DeliveryStatus.SENT]
    return delivery.public_id


def statuses(look, waiting):
    return {slug: look(lambda s, id_=id_: s.get(Delivery, id_).status) for slug, id_ in waiting.items()}


def said(look, address_id):
    """What was queued to say that they left, or anything else but broadcasts and thanks."""
    query = (
        select(Content.text)
        .join(Delivery, Delivery.content_id == Content.id)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(Delivery.address_id == address_id, Dispatch.purpose != Purpose.BROADCAST)
        .order_by(Delivery.id)
    )
    return look(lambda s: list(s.scalars(query)))


def reasons(look, address_id):
    return look(lambda s: suppressions_of(s, s.get(Address, address_id)))


@MODES
@pytest.mark.parametrize(
    ("words", "flagged"),
    [("please take me off the list", True), ("proszę przestać pisać", True), ("Stop please", False)],
)
def test_a_stop_in_plain_words_acts_before_we_answer_and_is_answered_once(in_mode, change, look, mode, words, flagged):
    address_id, waiting = change(lambda s: resident(s, NUMBER, "new-parks", "coalville"))
    provider = in_mode(mode)

    provider.text(words)

    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    assert reasons(look, address_id) == {SuppressionReason.STOP}
    provider.process()
    provider.process()
    assert len(said(look, address_id)) == 1
    conversations = look(lambda s: list(s.scalars(select(Conversation).where(Conversation.address_id == address_id))))
    assert len(conversations) == flagged


@MODES
@pytest.mark.parametrize("words", ["wypisz mnie", "بند کریں"])
def test_a_stop_word_of_another_language_is_exact_and_ours_to_answer(in_mode, change, look, mode, words):
    address_id, _ = change(lambda s: resident(s, NUMBER, "new-parks"))
    provider = in_mode(mode)

    provider.text(words)

    assert reasons(look, address_id) == {SuppressionReason.STOP}
    provider.process()
    assert len(said(look, address_id)) == 1


@MODES
def test_twilios_own_stop_is_answered_by_one_of_us(in_mode, change, look, mode):
    address_id, waiting = change(lambda s: resident(s, NUMBER, "new-parks"))
    provider = in_mode(mode)

    provider.text("STOP", **({"OptOutType": "STOP"} if mode is KeywordMode.ADVANCED else {}))
    provider.process()

    assert said(look, address_id) == ([str(answers.LEFT)] if mode is KeywordMode.OFF else [])
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}


@MODES
def test_stop_and_a_zone_takes_back_what_only_that_zone_brings(in_mode, change, look, mode):
    address_id, waiting = change(lambda s: resident(s, NUMBER, "new-parks", "coalville"))
    provider = in_mode(mode)

    provider.text("STOP COALVILLE")
    provider.process()

    assert statuses(look, waiting) == {"new-parks": DeliveryStatus.QUEUED, "coalville": DeliveryStatus.CANCELLED}
    assert reasons(look, address_id) == frozenset()
    [answer] = said(look, address_id)
    assert "nothing more about Coalville" in answer


@MODES
@pytest.mark.parametrize("words", ["Count me in, we have to STOP this", "please don't stop these"])
def test_what_is_no_stop_takes_nothing_back(in_mode, change, look, mode, words):
    address_id, waiting = change(lambda s: resident(s, NUMBER, "new-parks"))
    provider = in_mode(mode)

    provider.text(words)
    provider.process()

    assert set(statuses(look, waiting).values()) == {DeliveryStatus.QUEUED}
    assert reasons(look, address_id) == frozenset()


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


def test_a_report_of_spam_leaves(provider, change, look):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks", "coalville"))
    sent = change(lambda s: as_sent(s.get(Delivery, waiting["new-parks"])))
    report = {"event": "spamreport", "sg_event_id": "s1", "email": MAILBOX, "timestamp": 1}

    provider.events(report | {"pl_delivery": sent, "pl_attempt": "1"})
    provider.process()

    assert reasons(look, address_id) == {SuppressionReason.COMPLAINED}
    assert statuses(look, waiting)["coalville"] is DeliveryStatus.SUPPRESSED


# By an officer


@pytest.fixture
def conversation(provider, change):
    """A conversation with a resident for whom something waits, by its officer."""

    def made(session):
        address_id, waiting = resident(session, NUMBER, "new-parks")
        found = make_conversation(session, session.get(Address, address_id))
        make_message(session, found, text="The lights are out")
        return found, waiting, make_officer(session, name="An Officer")

    return change(made)


@pytest.mark.parametrize(("because", "confirmed"), [("said", True), ("wrote", True), ("wrong", False), ("died", False)])
def test_an_officer_stops_messages_on_request(client, sign_in, conversation, look, because, confirmed):
    talk, waiting, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"

    submit(client, page, page=page, because=because)

    assert reasons(look, talk.address_id) == {SuppressionReason.OFFICER}
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    assert said(look, talk.address_id) == ([str(answers.LEFT)] if confirmed else [])
    acts = look(lambda s: {act.action: act for act in s.scalars(select(AuditEvent))})
    assert acts["conversation.stopped_on_request"].detail["because"] == because
    assert acts["address.stopped"].actor == officer.actor
    assert "They can text START" in soup(client.get(page_of(talk))).text


def test_an_officer_must_say_why(client, sign_in, conversation, look):
    talk, _, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"

    answer = submit(client, page, page=page)

    assert answer.status_code == 422
    assert "Choose why the messages are to stop" in soup(answer).text
    assert reasons(look, talk.address_id) == frozenset()


BY_HAND = "/officer/stop-writing"


@pytest.mark.parametrize("typed", ["07700 900123", f" {MAILBOX.upper()} "])
@pytest.mark.parametrize(("because", "confirmed"), [("said", True), ("wrote", True), ("wrong", False), ("died", False)])
def test_an_officer_stops_messages_to_who_telephones_and_never_wrote(
    provider, client, sign_in, change, look, typed, because, confirmed
):
    address_id, waiting = change(lambda s: resident(s, MAILBOX if "@" in typed else NUMBER, "new-parks"))
    officer = change(make_officer)
    sign_in(officer)

    answer = submit(client, BY_HAND, page=BY_HAND, contact=typed, because=because)

    assert answer.status_code == 303
    assert reasons(look, address_id) == {SuppressionReason.OFFICER}
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    assert len(said(look, address_id)) == confirmed
    act = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "address.stopped_on_request")).one())
    assert (act.actor, act.detail["because"]) == (officer.actor, because)
    assert "900123" not in str(act.detail)
    assert "example.com" not in str(act.detail)


def test_a_number_at_which_no_resident_lived_is_stopped_and_not_written_to(client, sign_in, change, look, provider):
    sign_in(change(make_officer))

    submit(client, BY_HAND, page=BY_HAND, contact="07700 900555", because="said")
    again = submit(client, BY_HAND, page=BY_HAND, contact="07700 900555", because="said")

    assert "no more already" in soup(client.get(again.headers["Location"])).text
    address = look(lambda s: s.scalars(select(Address).where(Address.value == "+447700900555")).one())
    assert reasons(look, address.id) == {SuppressionReason.OFFICER}
    assert said(look, address.id) == []


@pytest.mark.parametrize(
    ("contact", "because", "says"),
    [
        ("", "said", "Enter their mobile number or email address"),
        ("0116 222 2222", "said", "That is a landline"),
        ("nobody@", "said", "Enter an email address"),
        ("07700 900123", "", "Choose why the messages are to stop"),
        ("07700 900123", "bored", "Choose from the list"),
    ],
)
def test_whom_and_why_must_be_said(client, sign_in, change, contact, because, says, provider):
    sign_in(change(make_officer))

    answer = submit(client, BY_HAND, page=BY_HAND, contact=contact, because=because)

    assert answer.status_code == 422
    assert says in soup(answer).text
    assert not contact or contact in str(answer.data.decode())


def test_who_may_not_answer_residents_stops_nobody(client, sign_in, change, provider):
    sign_in(change(lambda s: make_officer(s, role=Role.VIEWER)))

    assert client.get(BY_HAND).status_code == 403


@MODES
def test_only_the_resident_comes_back_from_what_an_officer_stopped(client, sign_in, in_mode, conversation, look, mode):
    talk, _, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"
    submit(client, page, page=page, because="said")
    provider = in_mode(mode)

    provider.text("START", **({"OptOutType": "START"} if mode is KeywordMode.ADVANCED else {}))
    provider.process()

    assert reasons(look, talk.address_id) == frozenset()


def test_the_inbox_shows_what_was_read_as_a_stop(provider, client, sign_in, change, look):
    address_id, _ = change(lambda s: resident(s, NUMBER, "new-parks"))
    officer = change(make_officer)
    provider.text("please take me off the list")
    provider.process()
    sign_in(officer)

    talk = look(lambda s: s.scalars(select(Conversation).where(Conversation.address_id == address_id)).one())

    assert "A STOP? Check it" in soup(client.get(INBOX)).text
    assert "We read this as a STOP" in soup(client.get(page_of(talk))).text
    assert look(lambda s: s.get(Conversation, talk.id).zone.name) == "New Parks"
