"""Every table is somebody's: nothing that is held of a person is forgotten by exports, erasures and retention."""

from peoplelink.app import PARTS
from peoplelink.db import Base
from peoplelink.persons import RecordClass
from peoplelink.rights import periods, retention

WHAT_TO_DO = (
    "These tables are registered with no part. Does a row say anything of a resident, of somebody who wrote to us, or "
    "of how to reach them? Then name the table under `tables` of the PART in its package's rights.py, and export, "
    "erase and purge it there. If not, name it under `impersonal` with the reason. See docs/adr/0011."
)


def test_every_table_is_registered_as_personal_or_as_holding_nothing_of_a_person():
    registered = {table for part in PARTS for table in (*part.tables, *part.impersonal)}

    assert set(Base.metadata.tables) - registered == set(), WHAT_TO_DO
    assert registered - set(Base.metadata.tables) == set(), "a part names a table that is not there"


def test_no_table_is_registered_twice():
    named = [table for part in PARTS for table in (*part.tables, *part.impersonal)]

    assert len(named) == len(set(named))


def test_what_holds_nothing_of_a_person_says_why():
    assert [table for part in PARTS for table, reason in part.impersonal.items() if not reason] == []


def test_nothing_impersonal_points_to_a_person():
    # Officers are not meant here: accounts of staff stand in many tables.
    people = {"subscribers", "addresses"}
    pointing = {
        name
        for part in PARTS
        for name in part.impersonal
        for key in Base.metadata.tables[name].foreign_keys
        if key.column.table.name in people
    }

    assert pointing == set()


def test_every_kind_of_record_has_a_rule_and_is_purged():
    assert set(periods.DEFAULTS) == set(RecordClass)
    assert {purger.of for purger in retention.purgers(PARTS)} == set(RecordClass)


def test_each_thing_that_is_purged_has_a_name_of_its_own():
    names = [purger.what for purger in retention.purgers(PARTS)]

    assert len(names) == len(set(names))


def test_what_refers_to_a_row_is_erased_and_purged_before_it():
    order = {table: place for place, part in enumerate(PARTS) for table in part.tables}
    wrong = {
        (table.name, key.column.table.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if order.get(table.name, 0) > order.get(key.column.table.name, len(PARTS))
    }

    assert wrong == set()
