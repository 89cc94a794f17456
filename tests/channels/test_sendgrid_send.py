"""Sending email with SendGrid's own client over a real socket."""

import asyncio
import json
import logging
import time
import traceback

import pytest

from peoplelink.channels.errors import (
    ConfigurationError,
    PermanentError,
    SendError,
    TemporaryError,
    TooLateError,
    UnknownOutcome,
)
from peoplelink.channels.messages import EmailBody, FailureReason, OutboundMessage
from peoplelink.channels.sendgrid import SendGridChannel, SendGridSettings
from tests.channels.signing import Signer
from tests.channels.wire import closed_port, provider, silent_port

BODY = EmailBody("News for -zone-", "Hello -name-", "<p>Hello -name_html-</p>")
ACCEPTED = {"status": 202, "headers": {"X-Message-Id": "m-1"}}
KEY = Signer().public_key


def channel(base_url, **changes):
    values = {"api_key": "SG.key", "from_address": "link@example.org", "base_url": base_url, "timeout": 2.0}
    return SendGridChannel(SendGridSettings(event_public_key=KEY, parse_public_key=KEY, **{**values, **changes}))


def message(number=1, **changes):
    values = {
        "delivery": f"d-{number}",
        "attempt": 1,
        "to": f"person{number}@example.com",
        "body": BODY,
        "substitutions": {"-name-": f"Person {number}"},
        "headers": {"List-Unsubscribe": f"<https://link.example.org/u/{number}>"},
        "reply_to": "token@reply.example.org",
    }
    return OutboundMessage(**{**values, **changes})


def send(base_url, batch=None, **changes):
    async def run():
        async with channel(base_url, **changes) as opened:
            return await opened.send(batch or [message()])

    return asyncio.run(run())


def test_one_call_carries_everybody_without_showing_them_to_each_other():
    with provider(**ACCEPTED) as wire:
        results = send(wire.url, [message(1), message(2)])

    [asked] = wire.asked
    posted = json.loads(asked.body)
    assert (asked.path, asked.headers["Authorization"]) == ("/v3/mail/send", "Bearer SG.key")
    [call] = {result.call_id for result in results}
    assert [result.provider_message_id for result in results] == ["m-1", "m-1"]
    assert posted["categories"] == [call]
    assert [person["to"] for person in posted["personalizations"]] == [
        [{"email": "person1@example.com"}],
        [{"email": "person2@example.com"}],
    ]
    assert posted["personalizations"][1]["custom_args"] == {"pl_delivery": "d-2", "pl_attempt": "1", "pl_call": call}
    assert posted["personalizations"][1]["headers"] == {"List-Unsubscribe": "<https://link.example.org/u/2>"}
    assert posted["from"] == {"email": "link@example.org", "name": "People Link"}
    assert posted["subject"] == "News for -zone-"
    assert [part["type"] for part in posted["content"]] == ["text/plain", "text/html"]


def test_an_email_whose_moment_has_passed_is_not_sent_and_the_next_is():
    async def run(url):
        async with channel(url, concurrency=1) as opened:
            with pytest.raises(TooLateError):
                await opened.send([message(not_after=time.monotonic() - 0.001)])
            await opened.send([message()])

    with provider(**ACCEPTED) as wire:
        asyncio.run(run(wire.url))

    assert len(wire.asked) == 1


def test_every_kind_of_tracking_is_off():
    with provider(**ACCEPTED) as wire:
        send(wire.url)

    tracking = json.loads(wire.asked[0].body)["tracking_settings"]
    assert {name: value["enable"] for name, value in tracking.items()} == {
        "click_tracking": False,
        "open_tracking": False,
        "subscription_tracking": False,
        "ganalytics": False,
    }


def test_answers_to_a_call_go_to_the_mailbox_of_its_messages():
    with provider(**ACCEPTED) as wire:
        send(wire.url, [message(1), message(2)])

    posted = json.loads(wire.asked[0].body)
    assert posted["reply_to"] == {"email": "token@reply.example.org", "name": "People Link"}
    assert [person["substitutions"] for person in posted["personalizations"]] == [
        {"-name-": "Person 1"},
        {"-name-": "Person 2"},
    ]


def test_a_mail_without_a_reply_address_names_none():
    with provider(**ACCEPTED) as wire:
        send(wire.url, [message(reply_to=None)])

    assert "reply_to" not in json.loads(wire.asked[0].body)


def test_answers_to_two_mailboxes_do_not_fit_one_call():
    with pytest.raises(ConfigurationError):
        send(closed_port(), [message(1), message(2, reply_to="other@reply.example.org")])


def test_an_empty_part_is_left_out():
    with provider(**ACCEPTED) as wire:
        send(wire.url, [message(body=EmailBody("Subject", "Text", ""))])

    assert json.loads(wire.asked[0].body)["content"] == [{"type": "text/plain", "value": "Text"}]


def test_a_thousand_people_go_in_one_call():
    with provider(**ACCEPTED) as wire:
        results = send(wire.url, [message(n) for n in range(1000)])

    assert len(wire.asked) == 1
    assert len(results) == len(json.loads(wire.asked[0].body)["personalizations"]) == 1000


def test_replies_to_us_and_to_nobody_do_not_fit_one_call():
    with pytest.raises(ConfigurationError):
        send(closed_port(), [message(1), message(2, reply_to=None)])


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, PermanentError, FailureReason.CONTENT),
        (401, ConfigurationError, FailureReason.CONFIGURATION),
        (403, ConfigurationError, FailureReason.CONFIGURATION),
        (404, ConfigurationError, FailureReason.CONFIGURATION),
        (405, ConfigurationError, FailureReason.CONFIGURATION),
        (413, PermanentError, FailureReason.CONTENT),
        (418, PermanentError, FailureReason.UNKNOWN),
        (429, TemporaryError, FailureReason.THROTTLED),
        (500, UnknownOutcome, FailureReason.PROVIDER),
        (503, UnknownOutcome, FailureReason.PROVIDER),
        (599, UnknownOutcome, FailureReason.PROVIDER),
        (200, UnknownOutcome, FailureReason.PROVIDER),
        (302, ConfigurationError, FailureReason.CONFIGURATION),
    ],
)
def test_a_refusal_is_sorted_and_not_tried_again(status, kind, reason):
    with provider(status=status, headers={"Location": "/elsewhere"}) as wire, pytest.raises(SendError) as caught:
        send(wire.url)

    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert not caught.value.permanent
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"X-RateLimit-Reset": "in a minute"}, 50, 60),
        ({"X-RateLimit-Reset": "1"}, 0, 0),
        ({"X-RateLimit-Reset": "99999999999"}, 3600, 3600),
    ],
)
def test_too_many_requests_waits_as_long_as_it_was_told(headers, least, most):
    in_a_minute = str(int(time.time()) + 60)
    headers = {name: value.replace("in a minute", in_a_minute) for name, value in headers.items()}
    with provider(status=429, headers=headers) as wire, pytest.raises(TemporaryError) as caught:
        send(wire.url)

    assert least <= caught.value.retry_after <= most


def test_too_many_requests_without_a_time_leaves_it_to_us():
    with provider(status=429) as wire, pytest.raises(TemporaryError) as caught:
        send(wire.url)

    assert caught.value.retry_after is None


def test_an_answer_that_does_not_come_in_time_may_have_been_a_yes():
    with provider(**ACCEPTED, delay=0.8) as wire, pytest.raises(UnknownOutcome):
        send(wire.url, timeout=0.3)

    assert len(wire.asked) == 1


def test_a_dropped_connection_may_have_been_a_yes():
    with provider(drop=True) as wire, pytest.raises(UnknownOutcome):
        send(wire.url)

    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    "address",
    [closed_port(), "http://nowhere.invalid", "https://nowhere.invalid"],
    ids=["closed", "nowhere", "nowhere-tls"],  # the port is another in each process that collects
)
def test_where_no_connection_is_made_nothing_was_sent(address):
    with pytest.raises(TemporaryError) as caught:
        send(address)

    assert caught.value.reason is FailureReason.PROVIDER


def test_a_connection_that_takes_too_long_was_never_made():
    with silent_port() as address, pytest.raises(TemporaryError):
        send(address, timeout=0.3)


def test_a_server_that_does_not_speak_tls_was_sent_nothing():
    with provider(**ACCEPTED) as wire, pytest.raises(TemporaryError):
        send(wire.url.replace("http://", "https://"))

    assert wire.asked == []


def test_neither_errors_nor_logs_hold_an_address_or_the_words(caplog):
    caplog.set_level(logging.DEBUG)
    said = b'{"errors":[{"message":"person1@example.com twice: Hello"}]}'

    with provider(status=400, body=said) as wire, pytest.raises(PermanentError) as caught:
        send(wire.url)

    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + caplog.text
    assert "person1" not in told
    assert "Hello" not in told
    assert caught.value.__context__ is None


def test_calls_run_beside_each_other():
    async def run(url):
        async with channel(url, concurrency=4) as opened:
            started = time.perf_counter()
            await asyncio.gather(*(opened.send([message(n)]) for n in range(4)))
            return time.perf_counter() - started

    with provider(**ACCEPTED, delay=0.3) as wire:
        took = asyncio.run(run(wire.url))

    assert len(wire.asked) == 4
    assert took < 1.0
