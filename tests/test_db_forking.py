"""One engine on both sides of a fork, as RQ forks for each job."""

import os
import traceback
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from peoplelink.subscribers.models import Zone
from tests.factories import make_zone


def forked(deed):
    """Do `deed` in a child that ends as RQ's does; what it returned, as text."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, str(deed()).encode())
        except Exception:  # noqa: BLE001 - the parent is told
            os.write(writer, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        answer = said.read()
    os.waitpid(pid, 0)
    return answer


def add_zones(database, *slugs):
    for slug in slugs:
        with database.transaction() as session:
            make_zone(session, slug=slug)
    return "added"


def backend(database):
    with database.read() as session:
        return session.scalar(text("SELECT pg_backend_pid()"))


def backends(database):
    return len({backend(database) for _ in range(5)}), backend(database)


def open_files(database):
    """Descriptors of this process that point at the database."""
    name = database.engine.url.database
    return [entry.name for entry in Path("/proc/self/fd").iterdir() if str(entry.resolve()).startswith(name)]


def test_both_sides_of_a_fork_go_on_working(database):
    add_zones(database, "before")

    answers = [forked(lambda name=name: add_zones(database, name, f"{name}-too")) for name in ("child", "second")]
    add_zones(database, "after")

    assert answers == ["added", "added"]
    with database.read() as session:
        assert set(session.scalars(select(Zone.slug))) == {
            "before", "child", "child-too", "second", "second-too", "after",
        }  # fmt: skip


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_parent_in_the_middle_of_a_transaction_keeps_it(database):
    with database.write() as session:
        make_zone(session, slug="parent")

        answer = forked(lambda: _count(database))
        session.commit()

    assert answer == "0"
    assert _count(database) == 1


def _count(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Zone))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_child_has_one_connection_of_its_own_for_all_that_it_does(database):
    mine = backend(database)

    first, second = (forked(lambda: backends(database)) for _ in range(2))

    assert first.startswith("(1, ")
    assert second.startswith("(1, ")
    assert len({f"(1, {mine})", first, second}) == 3
    assert backend(database) == mine


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_child_inherits_no_open_file_of_sqlite(database):
    add_zones(database, "before")
    assert open_files(database)

    inherited = forked(lambda: open_files(database))

    assert inherited == "[]"
