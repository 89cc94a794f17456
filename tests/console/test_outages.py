"""The database keeps us waiting: pages and webhooks say so, and are not at fault."""

import dataclasses
import time

import pytest
from sqlalchemy import text, update

from peoplelink import clock, web
from peoplelink.app import create_app
from peoplelink.db import Database
from peoplelink.engines import Patience, make_engine
from peoplelink.subscribers import seed
from peoplelink.subscribers.models import Zone
from tests.inbound.posts import BODIES, KINDS, Provider
from tests.pages import csrf_token, soup

HASTY = Patience(statement=0.5, lock=0.3, idle=0.4)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def hasty(runtime, database_url):
    """The application, with less patience than it has."""
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
    database = Database(make_engine(database_url, HASTY), ringer=runtime.jobs.ring)
    yield create_app(dataclasses.replace(runtime, database=database))
    database.engine.dispose()


def get(app, deed):
    """The answer of a page that does `deed` with its session."""

    def view():
        deed(web.session())
        return "done"

    app.add_url_rule("/test/page", "test_page", web.public(view))
    return app.test_client().get("/test/page")


def get_again(app):
    """The answer of a page that reads, when the pool has had to let go of a connection."""
    return app.test_client().get("/join")


def assert_is_not_now(answer):
    assert answer.status_code == 503
    assert soup(answer).h1.text == "Sorry, we are not working just now"
    assert "Try again in a few minutes" in answer.text
    assert answer.headers["Retry-After"] == "60"


@on_postgresql
def test_a_page_that_takes_too_long_says_try_again(hasty):
    assert_is_not_now(get(hasty, lambda session: session.execute(text("SELECT pg_sleep(5)"))))


@on_postgresql
def test_a_page_that_waits_for_a_lock_says_try_again(hasty, database):
    with database.transaction() as holder:
        holder.execute(update(Zone).values(place="theirs"))

        answer = get(hasty, lambda session: session.execute(update(Zone).values(place="ours")))

    assert_is_not_now(answer)


@on_postgresql
def test_a_page_that_hung_in_its_transaction_says_try_again(hasty):
    def hang(session):
        session.execute(text("SELECT 1"))
        time.sleep(1)
        session.execute(text("SELECT 2"))

    answer = get(hasty, hang)

    assert_is_not_now(answer)
    assert get_again(hasty).status_code == 200


@on_postgresql
def test_a_page_whose_connection_is_lost_after_its_work_is_shown_all_the_same(hasty):
    def hang(session):
        session.execute(text("SELECT 1"))
        time.sleep(1)

    answer = get(hasty, hang)

    assert (answer.status_code, answer.text) == (200, "done")
    assert get_again(hasty).status_code == 200


@on_sqlite
def test_a_form_that_another_writer_keeps_waiting_says_try_again(hasty, database):
    client = hasty.test_client()
    fields = {"email": "officer@example.org", "password": "three odd words", "csrf_token": csrf_token(client, "/join")}
    with database.transaction() as holder:
        holder.execute(update(Zone).values(place="theirs"))

        answer = client.post("/officer/sign-in", data=fields)

    assert_is_not_now(answer)


@on_sqlite
def test_a_fault_in_our_own_sql_is_ours(hasty):
    answer = get(hasty, lambda session: session.execute(text("SELECT * FROM no_such_table")))

    assert answer.status_code == 500


@pytest.mark.parametrize("kind", KINDS)
def test_a_webhook_that_cannot_be_kept_in_time_asks_the_provider_to_come_again(
    hasty, runtime, database, key_pairs, kind
):
    provider = Provider(hasty.test_client(), runtime, key_pairs)
    with database.transaction() as holder:
        if holder.get_bind().dialect.name == "postgresql":
            holder.execute(text("LOCK TABLE webhooks"))
        else:
            holder.execute(update(Zone).values(place="theirs"))

        answer = provider.post(kind, BODIES[kind])

    assert (answer.status_code, answer.data) == (503, b"")
    assert provider.post(kind, BODIES[kind]).status_code in {200, 204}
