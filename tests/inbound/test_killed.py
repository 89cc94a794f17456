"""A message that kills whoever reads it: tried three times, then put aside, and nobody else waits or is overtaken."""

import dataclasses
import sqlite3
from time import monotonic

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from peoplelink.inbound import claims, failures, tasks
from peoplelink.inbound.models import ReceivedMessage, Webhook
from peoplelink.inbound.reading import read_messages
from tests.inbound.killed import DIED, workers

SAM, ASH = "+447700900111", "+447700900222"


def texts(look):
    return look(lambda s: list(s.scalars(select(ReceivedMessage.text).order_by(ReceivedMessage.id))))


def aside(look):
    return look(lambda s: s.scalars(select(Webhook).where(Webhook.problem.is_not(None))).one_or_none())


def waiting(look):
    """Whether a slice that ended has left some, as it may on a slow machine."""
    return look(claims.any_waiting)


def test_a_message_that_kills_the_worker_is_put_aside_after_three_tries_and_the_others_are_read(
    provider, runtime, look
):
    for words, sender in (("First", SAM), ("Deadly", ASH), ("After it", ASH), ("Last", SAM)):
        provider.text(words, sender=sender)

    for _ in range(failures.TRIES):
        assert workers(runtime.config, "Deadly") == [DIED]
        assert texts(look) == ["First"]
        assert aside(look) is None
    assert workers(runtime.config, "Deadly") == [0]

    assert texts(look) == ["First", "After it", "Last"]
    webhook = aside(look)
    assert (webhook.problem, webhook.tries) == (failures.KILLED, failures.TRIES)
    assert b"Deadly" in look(lambda s: s.scalar(select(Webhook.body).where(Webhook.id == webhook.id)))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_mail_that_kills_the_worker_is_put_aside_too(provider, runtime, look):
    provider.mail(b"Deadly")
    provider.mail(b"Harmless")

    for _ in range(failures.TRIES):
        workers(runtime.config, "Deadly")
    workers(runtime.config, "Deadly")

    assert texts(look) == ["Harmless"]
    assert aside(look).problem == failures.KILLED


def test_two_workers_at_it_count_each_death_once_and_keep_the_order(provider, runtime, look):
    for words in ("Deadly", "After it", "And after that"):
        provider.text(words, sender=ASH)

    ended = []
    while aside(look) is None:
        assert texts(look) == []
        ended += workers(runtime.config, "Deadly", number=2)

    assert ended.count(DIED) == aside(look).tries == failures.TRIES
    assert texts(look) == ["After it", "And after that"]


def test_what_comes_while_another_reads_is_not_left_to_the_sweep(provider, runtime, look):
    provider.text("First", sender=ASH)

    class Slow:
        """Before it lets go, another message comes, and a worker who is refused the turn."""

        def __getattr__(self, name):
            return getattr(runtime.twilio, name)

        def parse_inbound(self, request):
            if b"Second" not in request.body:
                provider.text("Second", sender=ASH)
                assert not read_messages(runtime, monotonic() + 5)
            return runtime.twilio.parse_inbound(request)

    read_messages(dataclasses.replace(runtime, twilio=Slow()), monotonic() + 5)

    assert texts(look) == ["First", "Second"]


def test_workers_that_live_count_one_try_for_a_message_however_many_they_are(provider, runtime, look):
    for index in range(20):
        provider.text(f"Message {index}", sender=ASH)

    while waiting(look):
        assert workers(runtime.config, "Deadly", number=3) == [0, 0, 0]

    assert texts(look) == [f"Message {index}" for index in range(20)]
    assert look(lambda s: set(s.scalars(select(Webhook.tries)))) == {1}


def test_a_try_that_the_database_broke_off_does_not_count(provider, runtime, look):
    provider.text("Hello")

    class Away:
        def __getattr__(self, name):
            return getattr(runtime.twilio, name)

        def parse_inbound(self, _request):
            raise OperationalError("SELECT", {}, Exception("the server is gone"))

    for _ in range(failures.TRIES + 1):
        with pytest.raises(OperationalError):
            tasks.process_webhooks(dataclasses.replace(runtime, twilio=Away()))
    provider.process()

    assert texts(look) == ["Hello"]


def test_a_message_on_which_our_sql_fails_is_put_aside_and_holds_up_nobody(provider, runtime, look):
    for words in ("Breaks", "After it"):
        provider.text(words, sender=ASH)

    class TooMany:
        def __getattr__(self, name):
            return getattr(runtime.twilio, name)

        def parse_inbound(self, request):
            if b"Breaks" in request.body:
                # SQLite files a fault in a statement under the same class as "the database is locked".
                raise OperationalError("SELECT", {}, sqlite3.OperationalError("too many SQL variables"))
            return runtime.twilio.parse_inbound(request)

    tasks.process_webhooks(dataclasses.replace(runtime, twilio=TooMany()))

    assert texts(look) == ["After it"]
    assert aside(look).problem == failures.GAVE_UP


def test_what_a_resident_says_next_does_not_overtake_what_cannot_be_read(provider, runtime, look):
    for words in ("Breaks", "After it"):
        provider.text(words, sender=ASH)
    order = []

    class Broken:
        def __getattr__(self, name):
            return getattr(runtime.twilio, name)

        def parse_inbound(self, request):
            order.append(b"Breaks" in request.body)
            if b"Breaks" in request.body:
                raise RuntimeError("a fault of ours")
            return runtime.twilio.parse_inbound(request)

    tasks.process_webhooks(dataclasses.replace(runtime, twilio=Broken()))

    assert order == [True, True, True, False]
    assert texts(look) == ["After it"]
    assert aside(look).problem == failures.GAVE_UP
