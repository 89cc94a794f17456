"""To whom a message belongs, on both databases, with messages as the channels read them."""

import datetime as dt
import itertools

import pytest
from sqlalchemy import select

from peoplelink import keys
from peoplelink.channels.messages import InboundMessage, Media, Medium
from peoplelink.inbound import acknowledging, answering, loops
from peoplelink.inbound.models import Confidence, Conversation, ConversationStatus, MessageKind, ReceivedMessage
from peoplelink.inbound.routing import Arrival, place
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Content, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import seed
from peoplelink.subscribers.models import Zone
from tests.factories import (
    add_noise,
    make_address,
    make_broadcast,
    make_content,
    make_delivery,
    make_dispatch,
    make_officer,
    make_subscriber,
    make_zone,
)

MAILBOX = "resident@example.com"
_ids = itertools.count(1)


class Desk:
    """The session, and short ways to say what happened."""

    def __init__(self, session, config, now):
        self.session, self.config, self.now = session, config, now
        self.number = make_address(session)

    def text(self, words="The lights are out", *, at=None, sender=None, **fields):
        sender = sender or self.number.value
        message = InboundMessage(Medium.SMS, f"SM{next(_ids)}", sender, "+447700900000", words, **fields)
        return self._place(message, at)

    def mail(self, words="The lights are out", *, to="hello@reply.example.org", at=None, sender=MAILBOX, **fields):
        fields = {"subject": "Re: News"} | fields
        return self._place(InboundMessage(Medium.EMAIL, f"m{next(_ids)}", sender, to, words, **fields), at)

    def _place(self, message, at):
        at = at or self.now
        return place(self.session, message, arrival=Arrival(None, at), config=self.config, now=at)

    def broadcast(
        self, address, *, ago=dt.timedelta(hours=1), zones=(), title="Litter pick", status=DeliveryStatus.SENT
    ):
        at = self.now - ago
        dispatch = make_dispatch(self.session, created_at=at, released_at=at)
        broadcast = make_broadcast(self.session, zones=zones, title=title, dispatch=dispatch, released_at=at)
        content = make_content(self.session, dispatch, address.medium)
        make_delivery(self.session, address, content=content, status=status, created_at=at, sent_at=at)
        return broadcast

    def token(self, dispatch):
        return f"{keys.reply_token(self.config.secret_keys, dispatch.public_id)}@{self.config.inbound_domain}"

    def sent(self, purpose):
        query = (
            select(Content.text)
            .join(Delivery, Delivery.content_id == Content.id)
            .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
            .where(Dispatch.purpose == purpose)
            .order_by(Delivery.id)
        )
        return list(self.session.scalars(query))

    def thanks(self):
        return self.sent(Purpose.ACKNOWLEDGEMENT)


@pytest.fixture
def desk(session, config, now):
    seed.plant(session, now=now)
    add_noise(session)
    return Desk(session, config, now)


@pytest.fixture
def number(desk):
    return desk.number


@pytest.fixture
def mailbox(session):
    return make_address(session, Medium.EMAIL, MAILBOX)


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


# Whose it is, and where


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


# Commands


@pytest.mark.parametrize(
    ("words", "command"), [("STOP", "stop"), ("help", "help"), ("JOIN NEWPARKS", "join"), ("New Parks", "zone")]
)
def test_a_command_is_carried_out_and_makes_no_conversation(desk, words, command):
    received = desk.text(words)

    assert (received.kind, received.command, received.conversation) == (MessageKind.COMMAND, command, None)
    assert desk.thanks() == []


def test_a_mail_that_only_says_stop_leaves(desk, mailbox):
    received = desk.mail("Stop.")

    assert received.command == "stop"
    assert outbound.suppressions_of(desk.session, mailbox) == {SuppressionReason.UNSUBSCRIBED}


def test_anybody_can_write_anothers_address_into_a_mail_so_an_unchecked_stop_is_read_by_a_person(desk, mailbox):
    received = desk.mail("Stop.", trusted_sender=False)

    assert received.kind is MessageKind.REPLY
    assert outbound.suppressions_of(desk.session, mailbox) == frozenset()


def test_a_start_that_is_read_after_a_later_stop_lifts_nothing(desk, number):
    desk.text("STOP", at=desk.now)

    late = desk.text("START", at=desk.now - dt.timedelta(minutes=5))

    assert late.kind is MessageKind.REPLY
    assert SuppressionReason.STOP in outbound.suppressions_of(desk.session, number)


def test_an_automatic_mail_is_kept_and_not_answered(desk, mailbox):
    about = desk.broadcast(mailbox)

    received = desk.mail("I am away", to=desk.token(about.dispatch), automatic=True)

    assert (received.kind, received.conversation) == (MessageKind.AUTOMATIC, None)
    assert received.delivery_id is not None
    assert desk.thanks() == []


# Thanks


def test_thanks_go_once_a_day_and_name_who_reads_it_once(desk):
    for hours in (0, 1, 23, 25):
        desk.text(f"Message {hours}", at=desk.now + dt.timedelta(hours=hours))

    first, second = desk.thanks()
    assert first == f"People Link: {acknowledging.THANKS} Who reads it: {desk.config.public_url}/privacy"
    assert second == f"People Link: {acknowledging.THANKS}"


def test_thanks_by_email_say_who_we_are_and_999(desk):
    desk.mail()

    (thanks,) = desk.thanks()
    assert "from the Police and Crime Commissioner's office" in thanks
    assert "call 999" in thanks
    assert "/privacy" in thanks


def test_somebody_who_said_stop_is_not_thanked(desk):
    desk.text("STOP")

    received = desk.text("Why do you still write to me?")

    assert received.kind is MessageKind.REPLY
    assert desk.thanks() == []


@pytest.mark.parametrize("sender", ["60777", "Parcels", "+15005550006", "+447700900000"])
def test_nothing_is_sent_to_what_is_no_uk_mobile_or_our_own(desk, sender):
    received = desk.text(sender=sender)

    assert received.conversation is not None
    assert desk.thanks() == []


@pytest.mark.parametrize("sender", ["r-1@reply.example.org", "people.link@example.org"])
def test_our_own_mailboxes_are_not_thanked(desk, sender):
    desk.mail(sender=sender)

    assert desk.thanks() == []


def test_the_same_words_again_and_again_are_kept_and_not_answered(desk):
    for second in range(loops.SAME_TEXT):
        last = desk.text("HELP", at=desk.now + dt.timedelta(seconds=second))

    assert last.kind is MessageKind.REPLY
    assert last.conversation is not None
    assert desk.thanks() == []


def test_more_than_a_person_writes_in_an_hour_is_kept_and_not_answered(desk):
    kinds = [
        desk.text("HELP", at=desk.now + dt.timedelta(minutes=index * 1.5)).kind for index in range(loops.ANY_TEXT + 1)
    ]

    assert set(kinds[:-1]) == {MessageKind.COMMAND}
    assert kinds[-1] is MessageKind.REPLY


def test_a_stop_is_heeded_however_much_came_before(desk, number):
    for second in range(loops.SAME_TEXT):
        desk.text("Buy now", at=desk.now + dt.timedelta(seconds=second))

    assert desk.text("STOP", at=desk.now + dt.timedelta(minutes=1)).command == "stop"


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


def test_nothing_of_somebody_else_is_touched(desk, session):
    before = {row.id: row.last_message_at for row in session.scalars(select(Conversation))}

    desk.text()

    after = {row.id: row.last_message_at for row in session.scalars(select(Conversation)) if row.id in before}
    assert after == before
    assert session.scalars(select(Zone)).all()
    assert len(session.scalars(select(ReceivedMessage)).all()) == 2
