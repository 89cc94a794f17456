"""Up to when we have caught up: moved with what is kept, and left alone by every fault."""

import dataclasses
import datetime as dt
import random
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from peoplelink import clock
from peoplelink.channels import twilio_inbound_list
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.db import Database
from peoplelink.inbound import catching_up
from peoplelink.inbound.models import Mark
from tests.inbound.catching_up.lost import MINUTE, NOBODY, text_in, texts
from tests.sandbox.parts import ACCOUNT, OURS, TOKEN


def mark(look):
    return look(catching_up.mark)


def put_mark(change, at):
    change(lambda s: setattr(s.get(Mark, catching_up.MARK), "at", at))


def test_the_mark_moves_with_what_is_kept_and_never_back(provider, runtime, sandbox, look, change):
    assert mark(look) is None

    catching_up.catch_up(runtime)
    first = mark(look)
    put_mark(change, first + 60 * MINUTE)
    catching_up.catch_up(runtime)

    assert clock.now() - first < MINUTE
    assert mark(look) == first + 60 * MINUTE


def test_what_was_lost_in_a_long_outage_of_ours_is_fetched_from_the_mark_on(provider, runtime, sandbox, look, change):
    catching_up.catch_up(runtime)
    put_mark(change, clock.now() - dt.timedelta(days=3))
    for days in (2, 1):
        text_in(sandbox, f"{days} days ago", ago=dt.timedelta(days=days))
    text_in(sandbox, "Before the mark", ago=dt.timedelta(days=4))

    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == ["2 days ago", "1 days ago"]


@pytest.mark.parametrize("pages_read", [0, 1])
def test_a_fault_of_the_provider_on_any_page_leaves_the_mark(
    provider, runtime, sandbox, look, change, monkeypatch, pages_read
):
    monkeypatch.setattr(twilio_inbound_list, "_PAGE", 2)
    catching_up.catch_up(runtime)
    before = clock.now() - 30 * MINUTE
    put_mark(change, before)
    for index in range(5):
        text_in(sandbox, f"Message {index}", ago=dt.timedelta(seconds=100 - index))
    sandbox.order(rate_lookup_5xx=0.5, seed=seed_that_fails_after(pages_read))

    catching_up.catch_up(runtime)
    assert (mark(look), texts(look)) == (before, [])
    sandbox.order(rate_lookup_5xx=0)
    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == [f"Message {index}" for index in range(5)]
    assert mark(look) > before


def seed_that_fails_after(successes):
    """A seed whose dice, thrown for a rate of a half, strike for the first time after so many throws."""
    for seed in range(1000):
        dice = random.Random(seed)
        if [dice.random() < 0.5 for _ in range(successes + 1)] == [False] * successes + [True]:
            return seed
    raise AssertionError


class GoesAway(Database):
    """A database that is lost just before it would commit, after so many commits."""

    def __init__(self, real, commits):
        super().__init__(real.engine)
        self._left = commits

    @contextmanager
    def transaction(self):
        with super().transaction() as session:
            yield session
            self._left -= 1
            if self._left < 0:
                raise OperationalError("COMMIT", {}, Exception("the server is gone"))


def test_a_database_that_goes_away_leaves_the_mark_where_the_last_commit_was(
    provider, runtime, sandbox, look, monkeypatch
):
    monkeypatch.setattr(catching_up, "_BATCH", 2)
    for index in range(5):
        text_in(sandbox, f"Message {index}", ago=dt.timedelta(minutes=10 - index))

    with pytest.raises(OperationalError):
        catching_up.catch_up(dataclasses.replace(runtime, database=GoesAway(runtime.database, commits=1)))
    assert abs(mark(look) - (clock.now() - 9 * MINUTE)) < MINUTE / 2
    catching_up.catch_up(runtime)
    provider.process()

    assert texts(look) == [f"Message {index}" for index in range(5)]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_provider_that_cannot_be_reached_is_asked_again_later(runtime, sandbox, look):
    nobody = TwilioChannel(TwilioSettings(ACCOUNT, TOKEN, NOBODY, sender=OURS, base_url=NOBODY, timeout=1))

    catching_up.catch_up(dataclasses.replace(runtime, twilio=nobody))

    assert mark(look) is None
