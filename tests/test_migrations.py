"""The migrations build what the models say, on both databases, and can be taken back."""

import enum

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import peoplelink.audit
import peoplelink.catalogues.models
import peoplelink.intelligence.models
import peoplelink.rights.models  # noqa: F401 - the top of the models: together they import all those below
from peoplelink import schema
from peoplelink.db import Base, opened
from peoplelink.subscribers.models import Subscriber
from tests import factories
from tests.databases import is_current


@pytest.fixture
def empty_url(databases):
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def inspected(shared_database):
    return sa.inspect(shared_database.engine)


def tables(url):
    with opened(url) as database:
        return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_upgrading_makes_every_table(empty_url):
    schema.upgrade(empty_url)

    assert tables(empty_url) == set(Base.metadata.tables)


def test_upgrading_twice_changes_nothing(empty_url):
    schema.upgrade(empty_url)
    schema.upgrade(empty_url)

    assert is_current(empty_url)


def test_taking_it_all_back_leaves_an_empty_database(empty_url):
    schema.upgrade(empty_url)

    schema.downgrade(empty_url)

    assert tables(empty_url) == set()


def test_it_goes_up_again_after_going_down(empty_url):
    schema.upgrade(empty_url)
    schema.downgrade(empty_url)

    schema.upgrade(empty_url)

    assert tables(empty_url) == set(Base.metadata.tables)


def test_an_upgrade_keeps_the_data(database, database_url):
    with database.transaction() as session:
        factories.add_noise(session)

    schema.upgrade(database_url)

    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == 1


_BEFORE_THE_DELIVERY_ENGINE = (
    (
        "INSERT INTO addresses (id, public_id, medium, value, hash, created_at)"
        " VALUES (1, 'a', 'sms', '+447700900001', 'h', '2026-11-23')"
    ),
    (
        "INSERT INTO dispatches (id, public_id, purpose, urgency, created_at)"
        " VALUES (1, 'd', 'broadcast', 'bulk', '2026-11-23')"
    ),
    (
        "INSERT INTO contents (id, dispatch_id, medium, language, subject, text, html, segments, personal)"
        " VALUES (1, 1, 'sms', 'en', '', 'Hello', '', 1, false)"
    ),
    (
        "INSERT INTO deliveries (id, public_id, dispatch_id, address_id, content_id, lane, status, rank, attempt,"
        " tries, segments, merge, lease_token, lease_until, created_at) VALUES (1, 'x', 1, 1, 1, 'sms:bulk',"
        " 'unconfirmed', 20, 2, 0, 1, '{}', 't', '2026-11-23 12:02', '2026-11-23')"
    ),
    (
        "INSERT INTO attempts (delivery_id, number, lease_token, opened_at, deadline)"
        " VALUES (1, 1, 's', '2026-11-23 11:00', '2026-11-23'), (1, 2, 't', '2026-11-23 12:00', '2026-11-23')"
    ),
    (
        "INSERT INTO status_events (provider, event_id, delivery_id, kind, provider_word, provider_code, received_at,"
        " changed) VALUES ('twilio', 'e', 1, 'sent', '', '', '2026-11-23', false)"
    ),
)


def test_the_delivery_engine_s_tables_take_over_what_stood_before(empty_url):
    schema.upgrade(empty_url, "0001")
    with opened(empty_url) as database, database.engine.begin() as connection:
        for statement in _BEFORE_THE_DELIVERY_ENGINE:
            connection.execute(sa.text(statement))

    schema.upgrade(empty_url)

    with opened(empty_url) as database, database.engine.connect() as connection:
        [row] = connection.execute(sa.text("SELECT status, claimed_at, look_up_at FROM deliveries"))
        assert row.status == "unconfirmed"
        assert (str(row.claimed_at)[:16], str(row.look_up_at)[:16]) == ("2026-11-23 12:00", "2026-11-23 12:02")
        assert connection.scalar(sa.text("SELECT count(*) FROM status_events")) == 1


def test_an_address_that_a_resident_had_changed_is_given_up_and_one_that_said_stop_is_not(empty_url):
    schema.upgrade(empty_url, "0009")
    with opened(empty_url) as database, database.engine.begin() as connection:
        for statement in _ADDRESSES_THAT_ENDED:
            connection.execute(sa.text(statement))

    schema.upgrade(empty_url)

    with opened(empty_url) as database, database.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT address_id, status FROM subscriber_addresses ORDER BY address_id"))
        assert [tuple(row) for row in rows] == [(1, "closed"), (2, "stopped"), (3, "stopped")]


_ADDRESSES_THAT_ENDED = (
    (
        "INSERT INTO addresses (id, public_id, medium, value, hash, created_at) VALUES"
        " (1, 'a', 'sms', '+447700900001', 'h1', '2026-11-23'),"
        " (2, 'b', 'sms', '+447700900002', 'h2', '2026-11-23'),"
        " (3, 'c', 'sms', '+447700900003', 'h3', '2026-11-23')"
    ),
    ("INSERT INTO subscribers (id, public_id, name, language, created_at) VALUES (1, 'r', 'Ash', 'en', '2026-11-23')"),
    (
        "INSERT INTO subscriber_addresses (subscriber_id, address_id, status, confirmed_at, stopped_at) VALUES"
        " (1, 1, 'stopped', '2026-11-23', '2026-11-24'), (1, 2, 'stopped', '2026-11-23', '2026-11-24'),"
        " (1, 3, 'stopped', '2026-11-23', '2026-11-25')"
    ),
    (
        "INSERT INTO consent_records (id, subscriber_id, address_hash, medium, action, how, evidence, at) VALUES"
        " (1, 1, 'h1', 'sms', 'withdrawn', 'changed', '{}', '2026-11-24'),"
        " (2, 1, 'h2', 'sms', 'withdrawn', 'STOP', '{}', '2026-11-24'),"
        " (3, 1, 'h3', 'sms', 'withdrawn', 'changed', '{}', '2026-11-24'),"
        " (4, 1, 'h3', 'sms', 'given', 'reply YES', '{}', '2026-11-25'),"
        " (5, 1, 'h3', 'sms', 'withdrawn', 'STOP', '{}', '2026-11-25')"
    ),
)


def test_a_database_with_data_can_be_taken_back(database, database_url):
    with database.transaction() as session:
        factories.add_noise(session)
    database.engine.dispose()

    schema.downgrade(database_url)

    assert tables(database_url) == set()


def test_an_empty_database_is_not_current(empty_url):
    assert not is_current(empty_url)


def test_the_models_and_the_migrations_do_not_differ(shared_database):
    with shared_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Base.metadata) == []


def test_every_check_stands_in_the_database_under_its_name(inspected):
    # Alembic does not compare CHECKs.
    for table in Base.metadata.sorted_tables:
        wanted = {check.name for check in table.constraints if isinstance(check, sa.CheckConstraint)}

        assert {check["name"] for check in inspected.get_check_constraints(table.name)} == wanted, table.name


def enum_columns():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                yield pytest.param(table, column, column.type.enum_class, id=f"{table.name}.{column.name}")


@pytest.mark.parametrize(("table", "column", "members"), list(enum_columns()))
def test_the_database_takes_the_values_of_the_enum_and_no_others(inspected, table, column, members):
    assert issubclass(members, enum.Enum)
    name = f"ck_{table.name}_{column.name}_values"
    [check] = [check for check in inspected.get_check_constraints(table.name) if check["name"] == name]

    assert set(check["sqltext"].split("'")[1::2]) == {member.value for member in members}


def test_every_foreign_key_is_named_as_the_models_name_it(inspected):
    for table in Base.metadata.sorted_tables:
        wanted = {key.name for key in table.foreign_key_constraints}

        assert {key["name"] for key in inspected.get_foreign_keys(table.name)} == wanted, table.name


def test_partial_indexes_hold_the_same_rows_as_in_the_models(inspected):
    for table in Base.metadata.sorted_tables:
        dialect = inspected.dialect.name
        wanted = {index.name for index in table.indexes if index.dialect_options[dialect].get("where") is not None}
        found = {
            index["name"]
            for index in inspected.get_indexes(table.name)
            if index.get("dialect_options", {}).get(f"{dialect}_where") is not None
        }

        assert found == wanted, table.name
