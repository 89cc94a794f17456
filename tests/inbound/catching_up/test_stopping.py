"""STOP and START whose webhook was lost: each acts, and neither undoes what was said after it."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.config import KeywordMode
from peoplelink.inbound import catching_up
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from tests.factories import make_address, make_delivery, make_subscriber
from tests.inbound.catching_up.lost import ASH, MINUTE, SAM, text_in


def suppressed(look, number=SAM):
    return look(lambda s: suppressions_of(s, s.scalars(select(Address).where(Address.value == number)).one()))


def test_a_stop_found_this_way_acts_before_any_job_reads_it(provider, runtime, sandbox, look, change):
    def a_resident(session):
        address = make_address(session, value=SAM)
        make_subscriber(session, sms=address)
        return make_delivery(session, address, created_at=clock.now()).id

    delivery_id = change(a_resident)
    text_in(sandbox, "Stop.")

    catching_up.catch_up(runtime)

    assert suppressed(look) == {SuppressionReason.STOP}
    assert look(lambda s: s.get(Delivery, delivery_id).status) is DeliveryStatus.SUPPRESSED
    provider.process()
    assert look(lambda s: s.scalars(select(ReceivedMessage)).one()).command == "stop"


@pytest.mark.parametrize(
    ("mode", "words", "ours"),
    [
        (KeywordMode.OFF, "STOP", 1),
        (KeywordMode.DEFAULT, "STOP", 0),
        (KeywordMode.ADVANCED, "STOP", 0),
        (KeywordMode.ADVANCED, "Stop.", 1),
        (KeywordMode.ADVANCED, "wypisz", 1),
    ],
    ids=str,
)
def test_a_stop_found_this_way_is_confirmed_once_by_twilio_or_by_us(
    provider, runtime, sandbox, look, change, mode, words, ours
):
    change(lambda s: make_subscriber(s, sms=make_address(s, value=SAM)))
    provider.runtime = dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, twilio_keywords=mode))
    text_in(sandbox, words)

    catching_up.catch_up(provider.runtime)
    provider.process()

    assert suppressed(look) == {SuppressionReason.STOP}
    answers = select(func.count()).select_from(Dispatch).where(Dispatch.purpose == Purpose.OPT_OUT_ANSWER)
    assert look(lambda s: s.scalar(answers)) == ours


@pytest.mark.parametrize("read_first", [True, False], ids=["START was read", "START still waits"])
def test_a_stop_that_was_taken_back_since_is_noted_and_does_nothing(provider, runtime, sandbox, look, read_first):
    text_in(sandbox, "STOP", ago=20 * MINUTE)
    provider.text("START", sender=SAM)
    if read_first:
        provider.process()

    catching_up.catch_up(runtime)
    provider.process()

    assert suppressed(look) == frozenset()
    commands = look(lambda s: list(s.scalars(select(ReceivedMessage.command).order_by(ReceivedMessage.id))))
    assert commands == ["start", "stop"]


def test_a_stop_in_the_same_second_as_a_start_holds(provider, runtime, sandbox, look):
    provider.text("START", sender=SAM)
    provider.process()
    text_in(sandbox, "STOP", ago=dt.timedelta(seconds=1))

    catching_up.catch_up(runtime)
    provider.process()

    assert suppressed(look) == {SuppressionReason.STOP}


def test_a_start_that_was_sent_before_the_stop_and_found_after_it_lifts_nothing(provider, runtime, sandbox, look):
    text_in(sandbox, "START", ago=20 * MINUTE)
    provider.text("STOP", sender=SAM)
    provider.process()

    catching_up.catch_up(runtime)
    provider.process()

    assert suppressed(look) == {SuppressionReason.STOP}


@pytest.mark.parametrize(
    ("said", "left"), [(("STOP", "START"), frozenset()), (("START", "STOP"), {SuppressionReason.STOP})]
)
def test_both_lost_they_are_read_in_the_order_they_were_sent(provider, runtime, sandbox, look, said, left):
    for place, words in enumerate(said):
        text_in(sandbox, words, ago=dt.timedelta(minutes=10 - place))
    text_in(sandbox, "STOP", sender=ASH, ago=5 * MINUTE)

    catching_up.catch_up(runtime)
    provider.process()

    assert suppressed(look) == left
    assert suppressed(look, ASH) == {SuppressionReason.STOP}
