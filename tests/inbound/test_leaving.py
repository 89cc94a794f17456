"""Leaving by text in each mode of Twilio's keywords, and by a report of spam, over HTTP."""

import pytest
from sqlalchemy import select

from peoplelink.config import KeywordMode
from peoplelink.inbound.models import Conversation
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.subscribers import answers
from tests.factories import (
    make_officer,
)
from tests.inbound.leavers import MAILBOX, MODES, NUMBER, as_sent, reasons, resident, said, statuses
from tests.inbound.town import INBOX, page_of
from tests.pages import soup


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


def test_a_report_of_spam_leaves(provider, change, look):
    address_id, waiting = change(lambda s: resident(s, MAILBOX, "new-parks", "coalville"))
    sent = change(lambda s: as_sent(s.get(Delivery, waiting["new-parks"])))
    report = {"event": "spamreport", "sg_event_id": "s1", "email": MAILBOX, "timestamp": 1}

    provider.events(report | {"pl_delivery": sent, "pl_attempt": "1"})
    provider.process()

    assert reasons(look, address_id) == {SuppressionReason.COMPLAINED}
    assert statuses(look, waiting)["coalville"] is DeliveryStatus.SUPPRESSED


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
