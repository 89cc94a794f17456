"""What providers answer when they are asked what became of a message, over a real socket."""

import asyncio
import json

import pytest

from peoplelink.channels.errors import TemporaryError, UnknownOutcome
from peoplelink.channels.memory import MemoryChannel
from peoplelink.channels.messages import Awaited, EventKind, FailureReason
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from tests.channels.test_sendgrid_send import channel as email_channel
from tests.channels.wire import closed_port, provider

SID = "SM" + "0" * 32
MAIL = Awaited("d-1", 2, "ash@example.org", "", "call-1.7")
TEXT = Awaited("d-1", 2, "+447700900111", SID, "")


def ask(channel, *awaited):
    async def asking():
        async with channel:
            return await channel.ask_after(awaited)

    return asyncio.run(asking())


def texts(base_url):
    account, sender = "AC" + "0" * 32, "+447700900000"
    settings = TwilioSettings(account, "token", "https://link.example.org", sender=sender, base_url=base_url, timeout=2)
    return TwilioChannel(settings)


def logged(status, reason="", to="Ash@example.org", sg_id="m-1.rest"):
    return {"to_email": to, "sg_message_id": sg_id, "status": status, "reason": reason}


def answer_of_logs(*entries):
    return {"body": json.dumps({"messages": entries}).encode(), "headers": {"Content-Type": "application/json"}}


def text_json(status, code=None):
    return json.dumps({"sid": SID, "status": status, "error_code": code}).encode()


@pytest.mark.parametrize(
    ("status", "told", "kind", "reason", "permanent"),
    [
        ("processed", "", EventKind.ACCEPTED, None, False),
        ("deferred", "451 try again", EventKind.ACCEPTED, None, False),
        ("delivered", "250 OK", EventKind.DELIVERED, None, False),
        ("bounced", "550 5.1.1 no such user", EventKind.FAILED, FailureReason.BAD_ADDRESS, True),
        ("bounced", "Unable to deliver in 72 hours", EventKind.FAILED, FailureReason.UNREACHABLE, False),
        ("bounced", None, EventKind.FAILED, FailureReason.UNREACHABLE, False),
        ("blocked", "554 5.7.1 policy", EventKind.FAILED, FailureReason.BLOCKED, False),
        ("dropped", "Bounced Address", EventKind.FAILED, FailureReason.BAD_ADDRESS, True),
        ("dropped", "Unsubscribed Address", EventKind.FAILED, FailureReason.OPTED_OUT, True),
        ("dropped", "something new", EventKind.FAILED, FailureReason.UNKNOWN, False),
        ("novelty", "", EventKind.UNKNOWN, None, False),
    ],
)
def test_every_status_of_the_email_logs_in_our_words(status, told, kind, reason, permanent):
    with provider(**answer_of_logs(logged(status, told))) as wire:
        [news] = ask(email_channel(wire.url), MAIL)

    assert (news.kind, news.reason, news.permanent) == (kind, reason, permanent)
    assert (news.delivery, news.attempt, news.provider_message_id) == ("d-1", 2, "m-1.rest")
    assert news.event_id == f"log:m-1.rest:{status}"
    assert json.loads(wire.asked[0].body) == {"query": 'categories IN ("call-1.7")', "limit": 1000}


def test_emails_of_one_call_are_asked_after_together_and_one_that_is_not_there_is_gone():
    people = [Awaited(f"d-{number}", 1, f"p{number}@example.org", "", "call-1.7") for number in range(3)]
    entries = [logged("delivered", to=f"p{number}@example.org", sg_id=f"m.{number}") for number in range(2)]

    with provider(**answer_of_logs(*entries)) as wire:
        news = ask(email_channel(wire.url), *people)

    assert len(wire.asked) == 1
    assert [one and one.provider_message_id for one in news] == ["m.0", "m.1", None]


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"body": b"not json"}, {"body": b'{"messages": [{"no": 1}]}'}, {"drop": True}]
)
def test_logs_that_cannot_be_read_say_nothing(answer):
    with provider(**answer) as wire:
        [news] = ask(email_channel(wire.url), MAIL)

    assert isinstance(news, UnknownOutcome)
    assert "ash" not in str(news) + news.provider_text


def test_an_email_without_a_call_cannot_be_asked_after():
    with provider() as wire:
        [news] = ask(email_channel(wire.url), Awaited("d-1", 1, "ash@example.org", "m-1", ""))

    assert isinstance(news, UnknownOutcome)
    assert wire.asked == []


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        ("queued", None, EventKind.ACCEPTED, None),
        ("sent", None, EventKind.SENT, None),
        ("delivered", None, EventKind.DELIVERED, None),
        ("undelivered", 30005, EventKind.FAILED, FailureReason.BAD_ADDRESS),
        ("failed", None, EventKind.FAILED, FailureReason.UNKNOWN),
    ],
)
def test_a_text_is_asked_after_by_its_sid_and_the_news_has_the_id_that_a_callback_has(status, code, kind, reason):
    with provider(body=text_json(status, code)) as wire:
        [news] = ask(texts(wire.url), TEXT)

    assert wire.asked[0].path.endswith(f"/Messages/{SID}.json")
    assert (news.kind, news.reason, news.event_id) == (kind, reason, f"{SID}:{status}:{code or ''}")
    assert (news.delivery, news.attempt) == ("d-1", 2)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": 404, "body": b'{"code": 20404, "status": 404}'}, type(None)),
        ({"status": 500}, UnknownOutcome),
        ({"status": 401, "body": b'{"code": 20003, "status": 401}'}, UnknownOutcome),
        ({"status": 429, "headers": {"Retry-After": "9"}}, TemporaryError),
        ({"body": b"not json"}, UnknownOutcome),
        ({"drop": True}, UnknownOutcome),
    ],
)
def test_a_text_that_is_gone_or_cannot_be_asked_after(answer, expected):
    with provider(**answer) as wire:
        [news] = ask(texts(wire.url), TEXT)

    assert isinstance(news, expected)


@pytest.mark.parametrize("sid", ["", "../Messages", "SM1?x=1"])
def test_what_is_no_sid_is_not_written_into_an_address(sid):
    with provider() as wire:
        [news] = ask(texts(wire.url), Awaited("d-1", 1, "+447700900111", sid, ""))

    assert isinstance(news, UnknownOutcome)
    assert wire.asked == []


def test_nobody_listens():
    [news] = ask(texts(closed_port()), TEXT)

    assert isinstance(news, TemporaryError)


def test_memory_has_no_news():
    assert ask(MemoryChannel(), TEXT, TEXT) == [None, None]
