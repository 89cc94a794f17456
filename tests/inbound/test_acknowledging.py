"""Who is thanked and how often, and what loops do not get, on both databases."""

import datetime as dt

import pytest

from peoplelink.inbound import acknowledging, loops
from peoplelink.inbound.models import MessageKind


def test_thanks_go_once_a_day_and_name_who_reads_it_once(desk):
    for hours in (0, 1, 23, 25):
        desk.text(f"Message {hours}", at=desk.now + dt.timedelta(hours=hours))

    first, second = desk.thanks()
    assert first == f"People Link: {acknowledging.THANKS} Who reads it: {desk.config.public_url}/privacy"
    assert second == f"People Link: {acknowledging.THANKS}"


@pytest.mark.parametrize("words", ["STOP Braunstone", "stop zone-of-nowhere", "Stop the dealers on my street"])
def test_who_says_stop_and_what_we_do_not_know_is_told_how_to_stop_and_is_read_by_a_person(desk, words):
    received = desk.text(words)

    assert received.kind is MessageKind.REPLY
    (thanks,) = desk.thanks()
    assert thanks.startswith(f"People Link: {acknowledging.THANKS} To stop all texts, reply STOP.")


def test_how_to_stop_is_said_after_thanks_too_but_not_for_ever(desk):
    for minutes, words in enumerate(["Hello", *[f"STOP zone{number}" for number in "abcdef"]]):
        desk.text(words, at=desk.now + dt.timedelta(minutes=minutes))

    assert ["reply STOP" in thanks for thanks in desk.thanks()] == [False, True, True]


def test_thanks_by_email_say_who_we_are_and_999(desk):
    desk.mail()

    (thanks,) = desk.thanks()
    assert "from the Police and Crime Commissioner's office" in thanks
    assert "call 999" in thanks
    assert "/privacy" in thanks


def test_a_mail_that_says_stop_and_what_we_do_not_know_is_thanked_once_a_day_as_any_other(desk):
    for hours in range(3):
        desk.mail("STOP the dealers on my street", at=desk.now + dt.timedelta(hours=hours))

    assert len(desk.thanks()) == 1


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
