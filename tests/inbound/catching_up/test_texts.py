"""Texts whose webhook was lost, fetched from Twilio: the official client and the sandbox over HTTP."""

import dataclasses
import datetime as dt
import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer
from twilio.rest import Client

from peoplelink import clock
from peoplelink.channels import twilio_inbound_list
from peoplelink.inbound import catching_up
from peoplelink.inbound.models import Attachment, Conversation, MessageKind, ReceivedMessage, Webhook
from peoplelink.timing import Timing
from tests.inbound.catching_up.lost import MINUTE, NOBODY, SAM, asking, kept, text_in, texts
from tests.sandbox.parts import ACCOUNT, OURS, SERVICE, TOKEN, Server, make_settings


def test_a_text_whose_webhook_was_lost_arrives_as_it_would_have(provider, runtime, sandbox, look, jobs):
    sid = text_in(sandbox, "  The lights are out\n", ago=10 * MINUTE)
    jobs.rung.clear()

    catching_up.catch_up(runtime)
    assert jobs.rung == ["webhooks"]
    provider.process()

    message = look(lambda s: s.scalars(select(ReceivedMessage)).one())
    assert (message.text, message.provider_message_id, message.kind) == (
        "  The lights are out\n",
        sid,
        MessageKind.REPLY,
    )
    assert abs(message.received_at - (clock.now() - 10 * MINUTE)) < MINUTE
    assert look(lambda s: s.scalar(select(func.count()).select_from(Conversation))) == 1
    webhook = look(lambda s: s.scalars(select(Webhook)).one())
    assert webhook.fetched_at is not None
    assert webhook.problem is None


def test_what_the_webhook_brought_is_not_fetched_again_read_or_not(provider, runtime, sandbox, look):
    for words in ("Read", "Waiting"):
        provider.text(words, sender=SAM, MessageSid=text_in(sandbox, words))
        if words == "Read":
            provider.process()

    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == ["Read", "Waiting"]
    assert kept(look) == 2


def test_a_text_is_known_though_its_request_has_been_let_go(provider, runtime, sandbox, look, change):
    provider.text("Hello", sender=SAM, MessageSid=text_in(sandbox, "Hello"))
    provider.process()
    change(lambda s: s.delete(s.scalars(select(Webhook)).one()))

    catching_up.catch_up(runtime)

    assert kept(look) == 0


def test_a_webhook_that_comes_after_the_catch_up_changes_nothing(provider, runtime, sandbox, look):
    sid = text_in(sandbox, "Hello")
    catching_up.catch_up(runtime)

    answer = provider.text("Hello", sender=SAM, MessageSid=sid)
    provider.process()

    assert answer.status_code == 200
    assert texts(look) == ["Hello"]
    assert kept(look) == 1


def test_catching_up_twice_and_by_several_at_once_keeps_each_text_once(provider, runtime, sandbox, look):
    for index in range(30):
        text_in(sandbox, f"Message {index}", ago=dt.timedelta(seconds=100 - index))
    # A channel for each, as each process has.
    parts = [dataclasses.replace(runtime, twilio=asking(sandbox, sender=OURS)) for _ in range(3)]
    threads = [threading.Thread(target=catching_up.catch_up, args=(one,)) for one in parts]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == [f"Message {index}" for index in range(30)]
    assert kept(look) == 30


def test_every_page_is_read(provider, runtime, sandbox, look, monkeypatch):
    monkeypatch.setattr(twilio_inbound_list, "_PAGE", 3)
    for index in range(10):
        text_in(sandbox, f"Message {index}", ago=dt.timedelta(seconds=100 - index))

    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == [f"Message {index}" for index in range(10)]


def test_what_we_sent_ourselves_is_no_text_from_a_resident(runtime, sandbox, look):
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = sandbox.url
    client.messages.create(to=SAM, from_=OURS, body="Hello")
    client.http_client.session.close()
    sandbox.idle()

    catching_up.catch_up(runtime)

    assert len(sandbox.ledger()) == 1
    assert kept(look) == 0


def test_the_pictures_of_a_text_come_along(provider, runtime, sandbox, look):
    sid = text_in(sandbox, "See", media=["https://example.org/a.jpg", "https://example.org/b.jpg"])

    catching_up.catch_up(runtime)
    provider.process()

    files = look(lambda s: list(s.scalars(select(Attachment).order_by(Attachment.id))))
    assert [file.content_type for file in files] == ["image/jpeg"] * 2
    assert all(f"/Messages/{sid}/Media/ME" in file.url for file in files)
    answer = sandbox.call("GET", files[0].url.removeprefix(sandbox.url))
    assert (answer.status, answer.headers["Location"]) == (307, "https://example.org/a.jpg")


def test_a_messaging_service_is_asked_which_numbers_are_ours(provider, runtime, look):
    server = Server(make_settings(NOBODY, service_sid=SERVICE))
    server.order(lose_webhooks=1)
    text_in(server, "Hello")

    catching_up.catch_up(dataclasses.replace(runtime, twilio=asking(server, messaging_service_sid=SERVICE)))
    server.stop()
    provider.process()

    assert texts(look) == ["Hello"]


def test_a_text_too_new_is_left_to_its_webhook_and_fetched_the_next_time(provider, runtime, sandbox, look):
    waiting = dataclasses.replace(
        runtime, config=dataclasses.replace(runtime.config, timing=Timing(catch_up_settle=60, catch_up_overlap=1))
    )
    text_in(sandbox, "Hello", ago=dt.timedelta(seconds=30))

    catching_up.catch_up(waiting)
    assert kept(look) == 0
    assert look(catching_up.mark) < clock.now() - dt.timedelta(seconds=55)
    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == ["Hello"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_kept_request_says_where_it_was_read(runtime, sandbox, look):
    sid = text_in(sandbox, "Hello")

    catching_up.catch_up(runtime)

    webhook = look(lambda s: s.scalars(select(Webhook).options(undefer(Webhook.body))).one())
    assert webhook.url == f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json"
    assert b"Body=Hello" in webhook.body
