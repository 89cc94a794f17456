import pytest
from sqlalchemy import func, select

from peoplelink import transfer
from peoplelink.db import Base, opened
from peoplelink.errors import ConflictError
from peoplelink.intelligence.models import Report
from peoplelink.outbound.models import Delivery
from tests.factories import add_noise, make_officer, make_zone


def counts(engine):
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def source(sqlite_files):
    with opened(sqlite_files.create()) as database:
        with database.transaction() as session:
            add_noise(session)
            add_noise(session)
        yield database


@pytest.fixture
def target(postgres_server):
    url = postgres_server.create()
    with opened(url) as made:
        yield made
    postgres_server.drop(url)


def test_everything_is_on_the_other_side_and_new_rows_find_their_place(source, target):
    with target.transaction() as session:
        make_zone(session, slug="planted")

    rows = transfer.copy(source.engine, target.engine, say=lambda _line: None)

    before, after = counts(source.engine), counts(target.engine)
    assert after == before
    assert rows == sum(before.values()) > 30
    with source.read() as old, target.read() as new:
        for model in (Delivery, Report):
            kept = [column.key for column in model.__table__.columns]
            assert [[getattr(row, key) for key in kept] for row in new.scalars(select(model).order_by(model.id))] == [
                [getattr(row, key) for key in kept] for row in old.scalars(select(model).order_by(model.id))
            ]
    with target.transaction() as session:
        add_noise(session)


def test_a_database_in_use_is_not_written_over(source, target):
    with target.transaction() as session:
        make_officer(session)

    with pytest.raises(ConflictError, match="already holds officers"):
        transfer.copy(source.engine, target.engine, say=lambda _line: None)

    assert counts(target.engine)["officers"] == 1
