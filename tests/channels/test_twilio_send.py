"""Sending texts with Twilio's own client over a real socket."""

import asyncio
import json
import logging
import time
import traceback
from urllib.parse import parse_qs

import pytest

from peoplelink.channels.errors import (
    ConfigurationError,
    PermanentError,
    SendError,
    TemporaryError,
    TooLateError,
    UnknownOutcome,
)
from peoplelink.channels.messages import FailureReason, OutboundMessage, SmsBody
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from tests.channels.wire import closed_port, provider, silent_port

SID = "AC" + "1" * 32
NUMBER = "+447700900123"
CREATED = json.dumps({"sid": "SM" + "a" * 32, "status": "queued", "num_segments": "1"}).encode()


def settings(base_url, **changes):
    values = {"account_sid": SID, "auth_token": "a-token", "public_url": "https://link.example.org"}
    return TwilioSettings(**{**values, "sender": "+447700900000", "timeout": 2.0, "base_url": base_url, **changes})


def message(**changes):
    return OutboundMessage(**{"delivery": "d-1", "attempt": 2, "to": NUMBER, "body": SmsBody("Hello é"), **changes})


def send(base_url, one=None, **changes):
    async def run():
        async with TwilioChannel(settings(base_url, **changes)) as channel:
            return await channel.send([one or message()])

    return asyncio.run(run())


def refused(code, status=400, text="no"):
    return {"status": status, "body": json.dumps({"code": code, "message": text, "status": status}).encode()}


def test_a_text_is_one_signed_form_post():
    with provider(status=201, body=CREATED) as wire:
        [result] = send(wire.url, message(valid_for=90_000))

    assert result.provider_message_id == "SM" + "a" * 32
    [asked] = wire.asked
    assert asked.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert asked.headers["Authorization"].startswith("Basic ")
    assert parse_qs(asked.body.decode()) == {
        "To": [NUMBER],
        "From": ["+447700900000"],
        "Body": ["Hello é"],
        "StatusCallback": ["https://link.example.org/webhooks/twilio/status?d=d-1&a=2#rc=5&rp=all"],
        "ValidityPeriod": ["36000"],
    }


def test_a_messaging_service_sends_without_a_number():
    with provider(status=201, body=CREATED) as wire:
        send(wire.url, message(valid_for=0), sender=None, messaging_service_sid="MG" + "2" * 32)

    fields = parse_qs(wire.asked[0].body.decode())
    assert "From" not in fields
    assert fields["MessagingServiceSid"] == ["MG" + "2" * 32]
    assert fields["ValidityPeriod"] == ["1"]


def test_a_text_whose_moment_has_passed_is_not_sent():
    with provider(status=201, body=CREATED) as wire:
        with pytest.raises(TooLateError):
            send(wire.url, message(not_after=time.monotonic() - 0.001))
        assert send(wire.url, message(not_after=time.monotonic() + 5))

    assert len(wire.asked) == 1


def test_the_first_of_two_tokens_signs_requests():
    with provider(status=201, body=CREATED) as one, provider(status=201, body=CREATED) as two:
        send(one.url, auth_token="new old")
        send(two.url, auth_token="new")

    assert one.asked[0].headers["Authorization"] == two.asked[0].headers["Authorization"]


def test_twilios_own_environment_settings_do_not_move_our_requests(monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")

    with provider(status=201, body=CREATED) as wire:
        assert send(wire.url)

    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "reason", "code"),
    [
        (refused(21211), PermanentError, FailureReason.BAD_ADDRESS, "21211"),
        (refused(21610), PermanentError, FailureReason.OPTED_OUT, "21610"),
        (refused(21614), PermanentError, FailureReason.NOT_MOBILE, "21614"),
        (refused(21617), PermanentError, FailureReason.CONTENT, "21617"),
        (refused(29999), PermanentError, FailureReason.UNKNOWN, "29999"),
        (refused(21606), ConfigurationError, FailureReason.CONFIGURATION, "21606"),
        (refused(20003, 401), ConfigurationError, FailureReason.CONFIGURATION, "20003"),
        (refused(20404, 404), ConfigurationError, FailureReason.CONFIGURATION, "20404"),
        (refused(21611), TemporaryError, FailureReason.THROTTLED, "21611"),
        (refused(20500, 500), UnknownOutcome, FailureReason.PROVIDER, "20500"),
        (refused(21211, 503), UnknownOutcome, FailureReason.PROVIDER, "21211"),
        ({"status": 502, "body": b"<html>bad gateway</html>"}, UnknownOutcome, FailureReason.PROVIDER, "502"),
        ({"status": 403, "body": b"<html>no</html>"}, ConfigurationError, FailureReason.CONFIGURATION, "403"),
        ({"status": 418, "body": b"[]"}, PermanentError, FailureReason.UNKNOWN, "418"),
        ({"status": 302, "headers": {"Location": "/"}}, ConfigurationError, FailureReason.CONFIGURATION, "302"),
        ({"status": 201, "body": b"not json"}, UnknownOutcome, FailureReason.PROVIDER, ""),
        ({"status": 201, "body": b"[1]"}, UnknownOutcome, FailureReason.PROVIDER, ""),
        ({"status": 201, "body": b"{}"}, UnknownOutcome, FailureReason.PROVIDER, ""),
        (
            {"status": 400, "body": b'{"type":"t","title":"t","status":400,"code":21211,"detail":"bad"}'},
            PermanentError,
            FailureReason.BAD_ADDRESS,
            "21211",
        ),
    ],
)
def test_a_refusal_is_sorted_and_not_tried_again(answer, kind, reason, code):
    with provider(**answer) as wire, pytest.raises(SendError) as caught:
        send(wire.url)

    assert type(caught.value) is kind
    assert (caught.value.reason, caught.value.provider_code) == (reason, code)
    assert len(wire.asked) == 1


@pytest.mark.parametrize(("told", "understood"), [("7", 7.0), ("soon", None), ("", None), ("²", None)])
def test_too_many_requests_waits_as_long_as_it_was_told(told, understood):
    headers = {"Retry-After": told} if told.isascii() else {}
    with provider(status=429, headers=headers) as wire, pytest.raises(TemporaryError) as caught:
        send(wire.url)

    assert caught.value.retry_after == understood
    assert len(wire.asked) == 1


def test_an_answer_that_does_not_come_in_time_may_have_been_a_yes():
    with provider(status=201, body=CREATED, delay=0.8) as wire, pytest.raises(UnknownOutcome):
        send(wire.url, timeout=0.3)

    assert len(wire.asked) == 1


def test_a_dropped_connection_may_have_been_a_yes():
    with provider(drop=True) as wire, pytest.raises(UnknownOutcome):
        send(wire.url)

    assert len(wire.asked) == 1


@pytest.mark.parametrize("address", [closed_port(), "http://nowhere.invalid"], ids=["closed", "nowhere"])
def test_where_no_connection_is_made_nothing_was_sent(address):
    with pytest.raises(TemporaryError) as caught:
        send(address)

    assert caught.value.reason is FailureReason.PROVIDER


def test_a_connection_that_takes_too_long_was_never_made():
    with silent_port() as address, pytest.raises(TemporaryError):
        send(address, timeout=0.6)


def test_words_that_have_no_encoding_are_refused_unsent():
    with provider(status=201, body=CREATED) as wire, pytest.raises(PermanentError) as caught:
        send(wire.url, message(body=SmsBody("a \ud800 b")))

    assert caught.value.reason is FailureReason.CONTENT
    assert wire.asked == []


def test_neither_errors_nor_logs_hold_the_number_or_the_words(caplog):
    caplog.set_level(logging.DEBUG)
    quoting = refused(21211, text=f"The 'To' number {NUMBER} is not valid: Hello é")

    with provider(**quoting) as wire, pytest.raises(PermanentError) as caught:
        send(wire.url)

    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + caplog.text
    assert NUMBER[1:] not in told
    assert "Hello" not in told
    assert caught.value.__context__ is None


def test_only_reasons_about_the_address_suppress_it():
    with provider(**refused(21614)) as wire, pytest.raises(PermanentError) as landline:
        send(wire.url)
    with provider(**refused(21617)) as wire, pytest.raises(PermanentError) as words:
        send(wire.url)

    assert landline.value.permanent
    assert not words.value.permanent


def test_a_hundred_texts_at_once_share_the_pool():
    async def run(url):
        async with TwilioChannel(settings(url, concurrency=5)) as channel:
            return await asyncio.gather(*(channel.send([message(delivery=f"d-{n}")]) for n in range(100)))

    with provider(status=201, body=CREATED) as wire:
        results = asyncio.run(run(wire.url))

    assert len(results) == len(wire.asked) == 100
