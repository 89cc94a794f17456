"""What the nightly run, and an erasure, take away of imports."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.persons import Erasing, Person
from peoplelink.rights import holding
from peoplelink.rights.models import HoldKind
from peoplelink.subscribers import rights
from peoplelink.subscribers.imports import services
from peoplelink.subscribers.imports.models import ImportPiece, ImportRow, ImportStatus
from tests.factories import make_officer
from tests.rights import aged
from tests.subscribers import people
from tests.subscribers.imports.lists import OTHER, file_of, imported, looked_at, row

SECOND = dt.timedelta(seconds=1)


def cells(session):
    """What stands in the rows, in their order."""
    return list(session.scalars(select(ImportRow.cells).order_by(ImportRow.line)))


def hold(session, now):
    """Hold what there is of the usual number."""
    where = people.address(session, now)
    return holding.place(session, HoldKind.PERSON, where.public_id, "A claim", by=make_officer(session), now=now)


def test_what_stood_in_refused_rows_goes_after_a_month(planted, now):
    one = imported(planted, file_of(row(source=""), row("not a number"), row(OTHER)), now)
    month = now + services.KEPT

    aged.run(planted, now=month - SECOND)
    assert [one.get("mobile") for one in cells(planted)] == ["07700 900123", "not a number", None]
    done = aged.run(planted, now=month)

    assert done["rows of imports"] == 2  # nothing is left in the row of whom it added
    assert cells(planted) == [{}, {}, {}]
    assert planted.scalars(select(ImportRow.mobile_hash).where(ImportRow.mobile_hash.is_not(None))).all() == []
    assert one.emptied_at == month
    assert "rows of imports" not in aged.run(planted, now=month + SECOND)


def test_a_legal_hold_keeps_the_row_of_a_person_and_no_other(planted, now):
    one = imported(planted, file_of(row(source=""), row(OTHER, source="")), now)
    placed = hold(planted, now)
    month = now + services.KEPT

    aged.run(planted, now=month)
    assert [bool(found) for found in cells(planted)] == [True, False]
    assert one.emptied_at is None

    holding.lift(planted, placed.public_id, by=make_officer(planted), now=month)
    aged.run(planted, now=month + SECOND)
    assert cells(planted) == [{}, {}]
    assert one.emptied_at == month + SECOND


@pytest.mark.parametrize("is_held", [False, True])
def test_an_import_that_nobody_starts_is_cancelled_and_only_held_rows_stay(planted, now, is_held):
    one = looked_at(planted, file_of(row(), row(OTHER)), now)
    if is_held:
        hold(planted, now)

    aged.run(planted, now=now + services.NOT_STARTED - SECOND)
    assert (one.status, [bool(found) for found in cells(planted)]) == (ImportStatus.READY, [True, True])
    counted = aged.due(planted, now=now + services.NOT_STARTED)
    done = aged.run(planted, now=now + services.NOT_STARTED)
    assert counted["rows of imports"] == done["rows of imports"] == 2 - is_held

    assert one.status is ImportStatus.CANCELLED
    assert [bool(found) for found in cells(planted)] == [is_held, False]
    assert planted.scalars(select(ImportPiece)).all() == []


@pytest.mark.parametrize("is_held", [False, True])
def test_what_a_cancelled_import_said_goes_the_night_after_but_for_held_rows(planted, now, is_held):
    one = looked_at(planted, file_of(row(), row(OTHER), row("07700 900125", source="")), now)
    if is_held:
        hold(planted, now)
    services.cancel(planted, one, by="officer:x", now=now)
    assert all(cells(planted))

    counted = aged.due(planted, now=now)
    done = aged.run(planted, now=now)

    assert [bool(found) for found in cells(planted)] == [is_held, False, True]
    assert counted["rows of imports"] == done["rows of imports"] == 2 - is_held
    aged.run(planted, now=now + services.KEPT)
    assert [bool(found) for found in cells(planted)] == [is_held, False, False]


@pytest.mark.parametrize("fault", [row(source=""), row() + ",one cell more"])
def test_an_erasure_empties_a_row_that_was_refused_for_its_form(planted, now, fault):
    imported(planted, file_of(fault, row(OTHER, source="")), now)
    where = people.address(planted, now)

    rights.erase(planted, Person(where.public_id, own=frozenset({where.id})), Erasing(now))

    assert [bool(found) for found in cells(planted)] == [False, True]
