import threading
import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from peoplelink import clock
from peoplelink.channels.messages import ProviderRequest
from peoplelink.inbound.models import Webhook, WebhookKind
from peoplelink.inbound.news import NewsKeeper

THREADS = 6


def request(number):
    return ProviderRequest(url="https://example.org/webhooks/twilio/status", headers={}, body=b"n=%d" % number)


def keep(keeper, number):
    return keeper.keep(WebhookKind.TWILIO_STATUS, request(number), received_at=clock.now())


@pytest.fixture
def keeper(runtime):
    return NewsKeeper(runtime)


@pytest.fixture
def slow(keeper, monkeypatch):
    """The keeper, whose first statement waits until it is let go; and the statements it made, by number of rows."""
    begun, go_on, made = threading.Event(), threading.Event(), []
    write = keeper._write

    def waiting(rows):
        made.append(len(rows))
        if len(made) == 1:
            begun.set()
            assert go_on.wait(10)
        return write(rows)

    monkeypatch.setattr(keeper, "_write", waiting)
    keeper.begun, keeper.go_on, keeper.made = begun, go_on, made
    return keeper


def answers_of(keeper, numbers):
    """What threads that keep these all at once are told."""
    said = {}

    def ask(place, number):
        try:
            said[place] = keep(keeper, number)
        except OperationalError as error:
            said[place] = type(error)

    threads = [threading.Thread(target=ask, args=each) for each in enumerate(numbers)]
    threads[0].start()
    assert keeper.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    for _ in range(500):
        if len(keeper._waiting) == len(numbers) - 1:
            break
        time.sleep(0.02)
    keeper.go_on.set()
    for thread in threads:
        thread.join(20)
    return [said[place] for place in range(len(numbers))]


def test_what_comes_while_another_is_written_is_written_together(slow, look, jobs):
    assert answers_of(slow, range(THREADS)) == [True] * THREADS

    assert slow.made == [1, THREADS - 1]
    assert look(lambda session: session.scalar(select(func.count()).select_from(Webhook))) == THREADS
    assert set(jobs.rung) == {"webhooks"}


def test_a_repeat_among_them_is_one_row_and_one_that_is_there_is_told_so(slow, look):
    assert answers_of(slow, [1, 2, 2, 1])[0] is True

    rows = look(lambda session: session.scalars(select(Webhook.digest)).all())
    assert len(rows) == len(set(rows)) == 2
    assert keep(slow, 2) is False


def test_each_is_told_when_their_statement_fails_and_the_next_is_kept(slow, look, monkeypatch):
    write = slow._write

    def failing(rows):
        if len(rows) > 1:
            raise OperationalError("insert", {}, Exception("gone"))
        return write(rows)

    monkeypatch.setattr(slow, "_write", failing)

    assert answers_of(slow, range(4)) == [True, *[OperationalError] * 3]
    assert keep(slow, 9) is True
    assert look(lambda session: session.scalar(select(func.count()).select_from(Webhook))) == 2
