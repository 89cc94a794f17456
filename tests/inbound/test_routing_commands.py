"""Messages that are commands, or were sent by a machine, on both databases."""

import datetime as dt

import pytest

from peoplelink.inbound import answering
from peoplelink.inbound.models import ConversationStatus, MessageKind
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import SuppressionReason


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


def test_a_join_after_a_stop_that_twilio_took_waits_for_an_officer(desk, number):
    desk.text("STOP", at=desk.now)

    received = desk.text("JOIN NEWPARKS", at=desk.now + dt.timedelta(minutes=5))

    assert received.kind is MessageKind.REPLY
    assert received.conversation.status is ConversationStatus.NEW
    assert answering.why_not(desk.session, received.conversation).startswith("They texted STOP")
    assert desk.thanks() == []


def test_an_automatic_mail_is_kept_and_not_answered(desk, mailbox):
    about = desk.broadcast(mailbox)

    received = desk.mail("I am away", to=desk.token(about.dispatch), automatic=True)

    assert (received.kind, received.conversation) == (MessageKind.AUTOMATIC, None)
    assert received.delivery_id is not None
    assert desk.thanks() == []
