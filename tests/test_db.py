import datetime as dt
import multiprocessing
import threading
import time

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from peoplelink import audit, clock
from peoplelink.audit import AuditEvent
from peoplelink.db import Database, keyring, opened, ring_after_commit, transaction
from peoplelink.engines import make_engine
from peoplelink.inbound.models import Webhook
from peoplelink.outbound.bulk import insert_ignoring
from peoplelink.subscribers.models import Zone
from tests.factories import make_delivery, make_zone

ONE_HOUR_EAST = dt.timezone(dt.timedelta(hours=1))


def test_a_moment_comes_back_aware_and_in_utc(session):
    at = dt.datetime(2026, 7, 1, 12, 0, tzinfo=ONE_HOUR_EAST)
    audit.record(session, "x", actor="system", subject_kind="y", subject_id="z", now=at, count=3)
    session.expire_all()

    event = session.scalars(select(AuditEvent)).one()

    assert event.at == at
    assert event.at.tzinfo is dt.UTC
    assert event.detail == {"count": 3}


def test_a_moment_without_a_zone_is_refused(session):
    with pytest.raises(StatementError, match="time zone"):
        make_delivery(session, not_before=dt.datetime(2026, 7, 1))  # noqa: DTZ001


def test_an_unknown_status_is_refused_by_the_database_itself(session):
    delivery = make_delivery(session)

    with pytest.raises(IntegrityError, match="status_values"):
        session.execute(text("UPDATE deliveries SET status = 'lost' WHERE id = :id"), {"id": delivery.id})


def test_an_error_of_the_database_shows_no_values(session):
    make_zone(session, slug="secret-words")

    with pytest.raises(IntegrityError) as caught:
        make_zone(session, slug="secret-words")

    assert "hide_parameters" in str(caught.value)


def test_nothing_is_kept_and_no_bell_rung_when_a_transaction_fails(database, jobs):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        make_zone(session)
        ring_after_commit(session, "webhooks")
        session.info["fault"] = 1 / 0

    with database.read() as session:
        assert session.scalars(select(Zone)).all() == []
    assert jobs.rung == []


def test_a_statement_alone_is_kept_at_once_and_leaves_transactions_as_they_were(database, look):
    table = Webhook.__table__
    row = {"kind": "twilio_status", "digest": "d" * 64, "url": "/", "content_type": "", "body": b""}
    insert = insert_ignoring(database, table).returning(table.c.id)

    assert len(database.alone(insert, [row | {"received_at": clock.now()}])) == 1
    assert database.alone(insert, [row | {"received_at": clock.now()}]) == []  # it is there already
    with database.write() as session:  # the same connection, from the pool
        session.execute(delete(table))
        session.rollback()

    assert look(lambda session: session.scalar(select(func.count()).select_from(table))) == 1


def test_a_bell_that_cannot_be_rung_loses_nothing(database_url):
    def broken(_bells):
        raise ConnectionError

    engine = make_engine(database_url)
    database = Database(engine, ringer=broken)

    with database.transaction() as session:
        make_zone(session)
        ring_after_commit(session, "webhooks")

    with database.read() as session:
        assert len(session.scalars(select(Zone)).all()) == 1
    engine.dispose()


def count_up(url, times):
    with opened(url) as database:
        for _ in range(times):
            with database.transaction() as session:
                zone = session.scalars(select(Zone).with_for_update()).one()
                session.execute(update(Zone).values(place=str(int(zone.place) + 1)))


def test_four_processes_that_read_and_then_write_lose_nothing(database, database_url):
    with database.transaction() as session:
        make_zone(session, place="0")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count_up, args=(database_url, 25)) for _ in range(4)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    with database.read() as session:
        assert session.scalars(select(Zone.place)).one() == "100"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_page_that_reads_does_not_hold_up_a_writer(database):
    with database.transaction() as session:
        make_zone(session)
    reading = database.read()
    reading.scalars(select(Zone)).all()
    began = time.monotonic()

    writer = threading.Thread(target=lambda: _add_zone(database))
    writer.start()
    writer.join(20)

    assert time.monotonic() - began < 10
    assert len(reading.scalars(select(Zone)).all()) == 1
    reading.close()
    with database.read() as session:
        assert len(session.scalars(select(Zone)).all()) == 2


def _add_zone(database):
    with database.write() as session, transaction(session):
        make_zone(session)


def test_sessions_of_both_kinds_carry_the_keys(database, config):
    with database.read() as reading, database.write() as writing:
        assert keyring(reading) == keyring(writing) == config.keyring


def test_a_session_without_keys_says_so(database_url):
    with opened(database_url) as without, without.read() as session, pytest.raises(LookupError, match="without keys"):
        keyring(session)
