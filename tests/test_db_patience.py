"""How long sessions keep others waiting, and what comes of it."""

import sqlite3
import time

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from peoplelink.db import Database, opened
from peoplelink.engines import COMMAND, JOB, PAGE, Patience, is_outage, make_engine
from peoplelink.subscribers.models import Zone
from tests.factories import make_zone

HASTY = Patience(statement=0.5, lock=0.3, idle=0.4)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def hasty(database_url):
    made = Database(make_engine(database_url, HASTY))
    yield made
    made.engine.dispose()


def setting(database, name):
    with database.read() as session:
        return session.scalar(text(f"SHOW {name}"))


def limits(url, patience):
    engine = make_engine(url, patience)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    found = [setting(Database(engine), name) for name in names]
    engine.dispose()
    return found


@on_postgresql
@pytest.mark.parametrize(
    ("patience", "expected"),
    [(PAGE, ["30s", "15s", "1min"]), (JOB, ["10min", "30s", "2min"]), (COMMAND, ["0", "30s", "0"])],
)
def test_the_server_is_told_how_long_we_wait(database_url, patience, expected):
    assert limits(database_url, patience) == expected


@on_postgresql
def test_what_the_owner_wrote_into_the_address_wins(database_url):
    url = f"{database_url}&options=-c%20lock_timeout%3D7s&connect_timeout=9&keepalives_idle=99"

    assert limits(url, PAGE) == ["30s", "7s", "1min"]
    with opened(url) as database, database.engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()
    assert (told["connect_timeout"], told["keepalives_idle"], told["keepalives_count"]) == ("9", "99", "3")


@on_postgresql
def test_a_statement_that_takes_too_long_is_an_outage_and_the_session_goes_on(hasty):
    began = time.monotonic()

    with pytest.raises(OperationalError) as caught, hasty.transaction() as session:
        session.execute(text("SELECT pg_sleep(5)"))

    assert is_outage(caught.value)
    assert 0.4 < time.monotonic() - began < 3
    assert setting(hasty, "lock_timeout") == "300ms"


def test_a_lock_of_somebody_else_is_waited_for_so_long_and_no_longer(database, hasty):
    with database.transaction() as session:
        make_zone(session)
    began = time.monotonic()

    with database.transaction() as holder:
        holder.execute(update(Zone).values(place="theirs"))
        with pytest.raises(OperationalError) as caught, hasty.transaction() as session:
            session.execute(update(Zone).values(place="ours"))
        waited = time.monotonic() - began

    assert is_outage(caught.value)
    assert 0.2 < waited < 3
    with hasty.transaction() as session:
        session.execute(update(Zone).values(place="ours"))
        assert session.scalar(select(Zone.place)) == "ours"


@on_postgresql
def test_a_process_that_hangs_in_a_transaction_gives_its_locks_back(database, hasty):
    with database.transaction() as session:
        make_zone(session)

    with pytest.raises(OperationalError) as caught, hasty.transaction() as hanging:  # noqa: PT012
        hanging.execute(update(Zone).values(place="half done"))
        time.sleep(1)
        with database.transaction() as session:
            session.execute(update(Zone).values(place="done"))

    assert is_outage(caught.value)
    with hasty.read() as session:
        assert session.scalar(select(Zone.place)) == "done"


def test_a_fault_in_our_own_sql_is_no_outage(database):
    with pytest.raises(Exception, match="no_such_table") as caught, database.read() as session:
        session.execute(text("SELECT * FROM no_such_table"))

    assert not is_outage(caught.value)


@pytest.mark.parametrize("error", [ValueError("x"), sqlite3.OperationalError("database is locked")])
def test_only_errors_of_a_session_are_outages(error):
    assert not is_outage(error)


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/x.db", "postgresql+psycopg://x@127.0.0.1:9/x"])
def test_a_database_that_is_away_is_an_outage(url):
    with opened(url) as database, pytest.raises(OperationalError) as caught, database.engine.connect():
        pass

    assert is_outage(caught.value)
