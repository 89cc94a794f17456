"""To whom a message belongs, on both databases, with messages as the channels read them."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.channels.messages import Media
from peoplelink.inbound import answering
from peoplelink.inbound.models import Confidence, Conversation, ConversationStatus, ReceivedMessage
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Zone
from tests.factories import (
    make_officer,
    make_subscriber,
    make_zone,
)


def test_a_text_from_a_stranger_opens_a_conversation_about_nothing(desk):
    received = desk.text()

    conversation = received.conversation
    assert (conversation.status, conversation.broadcast, conversation.confidence) == (
        ConversationStatus.NEW,
        None,
        None,
    )
    assert (conversation.zone_id, conversation.subscriber_id) == (None, None)


def test_a_text_after_one_broadcast_is_likely_about_it(desk, number):
    broadcast = desk.broadcast(number)

    received = desk.text()

    assert (received.conversation.broadcast, received.conversation.confidence) == (broadcast, Confidence.LIKELY)
    assert desk.session.get(Delivery, received.delivery_id).dispatch_id == broadcast.dispatch_id


def test_a_text_after_several_broadcasts_is_perhaps_about_the_latest(desk, number):
    desk.broadcast(number, ago=dt.timedelta(days=3))
    latest = desk.broadcast(number, ago=dt.timedelta(days=1))
    desk.broadcast(number, ago=dt.timedelta(days=5))

    conversation = desk.text().conversation

    assert (conversation.broadcast, conversation.confidence) == (latest, Confidence.UNSURE)


@pytest.mark.parametrize(
    ("ago", "status"),
    [
        (dt.timedelta(days=7, minutes=1), DeliveryStatus.DELIVERED),
        (dt.timedelta(hours=1), DeliveryStatus.QUEUED),
        (dt.timedelta(hours=1), DeliveryStatus.SUPPRESSED),
    ],
)
def test_a_broadcast_of_long_ago_or_never_sent_prompted_nothing(desk, number, ago, status):
    desk.broadcast(number, ago=ago, status=status)

    assert desk.text().conversation.broadcast is None


def test_a_broadcast_that_went_out_after_the_text_did_not_prompt_it(desk, number):
    desk.broadcast(number, ago=dt.timedelta(minutes=5))

    assert desk.text(at=desk.now - dt.timedelta(minutes=10)).conversation.broadcast is None


def test_further_texts_join_the_conversation(desk, number):
    desk.broadcast(number)
    first = desk.text(at=desk.now - dt.timedelta(minutes=30))

    second = desk.text("And the bin is full")

    assert second.conversation is first.conversation
    assert second.conversation.last_message_at == desk.now


def test_a_text_after_a_newer_broadcast_opens_another_conversation(desk, number):
    first = desk.text(at=desk.now - dt.timedelta(days=2))
    broadcast = desk.broadcast(number, ago=dt.timedelta(hours=2))

    second = desk.text()

    assert second.conversation is not first.conversation
    assert second.conversation.broadcast is broadcast


def test_a_conversation_that_is_spoken_in_since_the_broadcast_goes_on(desk, number):
    first = desk.text(at=desk.now - dt.timedelta(days=2))
    desk.broadcast(number, ago=dt.timedelta(hours=2))
    first.conversation.last_message_at = desk.now - dt.timedelta(hours=1)

    assert desk.text().conversation is first.conversation


def test_a_conversation_silent_for_a_week_is_not_joined_by_text(desk):
    first = desk.text(at=desk.now - dt.timedelta(days=8))

    assert desk.text().conversation is not first.conversation


def test_a_conversation_that_was_done_comes_back_as_new_and_nobodys(desk, session):
    conversation = desk.text(at=desk.now - dt.timedelta(days=3)).conversation
    conversation.status, conversation.closed_at = ConversationStatus.DONE, desk.now
    conversation.assigned_to = make_officer(session)

    assert desk.text().conversation is conversation
    session.refresh(conversation)
    assert (conversation.status, conversation.assigned_to_id, conversation.closed_at) == (
        ConversationStatus.NEW,
        None,
        None,
    )


def test_a_mail_to_a_token_is_exactly_about_its_broadcast(desk, mailbox):
    about = desk.broadcast(mailbox, ago=dt.timedelta(days=40))
    desk.broadcast(mailbox, title="Another")

    received = desk.mail(to=desk.token(about.dispatch).upper())

    assert (received.conversation.broadcast, received.conversation.confidence) == (about, Confidence.EXACT)
    assert desk.session.get(Delivery, received.delivery_id).address_id == mailbox.id


def test_a_token_holds_for_a_mail_whose_sender_could_not_be_checked_and_nobody_is_thanked(desk, mailbox):
    about = desk.broadcast(mailbox)

    received = desk.mail(to=desk.token(about.dispatch), trusted_sender=False)

    assert (received.trusted_sender, received.conversation.confidence) == (False, Confidence.EXACT)
    assert desk.thanks() == []


def test_a_token_that_is_not_ours_tells_nothing(desk, mailbox):
    about = desk.broadcast(mailbox, ago=dt.timedelta(days=40))
    forged = desk.token(about.dispatch).replace("@", "0@")

    assert desk.mail(to=forged).conversation.broadcast is None


def test_a_mail_that_answers_an_officer_joins_the_conversation(desk, session):
    first = desk.mail(at=desk.now - dt.timedelta(days=20))
    answer = answering.answer(
        session,
        first.conversation,
        "Thank you",
        by=make_officer(session),
        seen_answer_id=0,
        advice_taken=False,
        now=desk.now - dt.timedelta(days=15),
    )
    other = desk.mail("Something else", at=desk.now)

    again = desk.mail("Good to hear", to=desk.token(answer.delivery.dispatch))

    assert other.conversation is not first.conversation
    assert again.conversation is first.conversation


def test_a_mail_from_another_mailbox_to_an_officers_answer_is_kept_there_under_its_own_address(desk, session):
    first = desk.mail()
    answer = answering.answer(
        session,
        first.conversation,
        "Thank you",
        by=make_officer(session),
        seen_answer_id=0,
        advice_taken=False,
        now=desk.now,
    )

    other = desk.mail("From work", sender="work@example.net", to=desk.token(answer.delivery.dispatch))

    assert other.conversation is first.conversation
    assert other.address_id != first.conversation.address_id


def test_a_reply_to_our_thanks_goes_where_the_last_one_went(desk):
    first = desk.mail(at=desk.now - dt.timedelta(hours=1))
    thanks = desk.session.scalars(select(Dispatch).where(Dispatch.purpose == Purpose.ACKNOWLEDGEMENT)).one()

    assert desk.mail("You're welcome", to=desk.token(thanks)).conversation is first.conversation


def test_a_resident_of_one_zone_is_known_with_it(desk, session, number):
    zone = make_zone(session)
    resident = make_subscriber(session, zones=[zone], sms=number)

    conversation = desk.text().conversation

    assert (conversation.subscriber, conversation.zone_id) == (resident, zone.id)


def test_a_household_is_nobody_in_particular(desk, session, number):
    zone, other = make_zone(session), make_zone(session)
    make_subscriber(session, zones=[zone], sms=number)
    make_subscriber(session, zones=[zone, other], sms=number)
    desk.broadcast(number, zones=[zone])

    conversation = desk.text().conversation

    assert (conversation.subscriber_id, conversation.zone_id) == (None, zone.id)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"), [("ab", "b", "b"), ("ab", "ab", None), ("a", "b", None), ("a", "", "a")]
)
def test_the_zone_is_the_only_one_that_fits_resident_and_broadcast(desk, session, number, theirs, ours, expected):
    zones = {name: make_zone(session) for name in "ab"}
    make_subscriber(session, zones=[zones[name] for name in theirs], sms=number)
    desk.broadcast(number, zones=[zones[name] for name in ours])

    assert desk.text().conversation.zone_id == (zones[expected].id if expected else None)


def test_files_are_kept_with_the_message(desk):
    media = (
        Media("photo.jpg", "image/jpeg", content=b"\xff\xd8"),
        Media("media-1", "image/png", url="https://media.example"),
    )

    received = desk.mail("", media=media)

    assert [(file.filename, file.size, file.url) for file in received.attachments] == [
        ("photo.jpg", 2, None),
        ("media-1", 0, "https://media.example"),
    ]


def test_a_link_of_ours_in_a_file_of_two_bytes_a_letter_is_not_kept(desk, mailbox):
    link = Links.of(desk.config).preferences(mailbox)
    file = Media("ours.txt", "text/plain", content=f"caf\xe9 {link}".encode("utf-16"))

    [kept] = desk.mail("See the file", media=(file,)).attachments

    assert kept.content.decode("utf-16") == f"caf\xe9 {desk.config.public_url}/preferences/(their own link)"


@pytest.mark.parametrize("kind", ["text/html", "message/rfc822", "application/octet-stream"])
def test_a_link_of_ours_in_a_file_of_words_is_not_kept(desk, mailbox, kind):
    link = Links.of(desk.config).preferences(mailbox)
    file = Media("ours.html", kind, content=f"caf\xe9 {link}".encode("latin-1"))

    [kept] = desk.mail("See the file", media=(file,)).attachments

    assert kept.content.decode("latin-1") == f"caf\xe9 {desk.config.public_url}/preferences/(their own link)"
    assert kept.size == len(kept.content)


def test_nothing_of_somebody_else_is_touched(desk, session):
    before = {row.id: row.last_message_at for row in session.scalars(select(Conversation))}

    desk.text()

    after = {row.id: row.last_message_at for row in session.scalars(select(Conversation)) if row.id in before}
    assert after == before
    assert session.scalars(select(Zone)).all()
    assert len(session.scalars(select(ReceivedMessage)).all()) == 2


def test_a_link_of_ours_that_a_mail_quotes_is_not_kept(desk, mailbox):
    link = Links.of(desk.config).preferences(mailbox)

    received = desk.mail(f"Thanks!\n\nOn Monday you wrote\n> Press {link}\n> or read https://example.org/a.b")

    shown = f"> Press {desk.config.public_url}/preferences/(their own link)"
    assert received.text == f"Thanks!\n\nOn Monday you wrote\n{shown}\n> or read https://example.org/a.b"
