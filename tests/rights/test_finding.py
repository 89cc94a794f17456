"""Who is found behind a number: also somebody whom nothing but a list names."""

import threading

import pytest
from sqlalchemy import select

from peoplelink.app import PARTS
from peoplelink.errors import ConflictError, NotFoundError
from peoplelink.outbound.models import Address
from peoplelink.persons import Wish
from peoplelink.quiet_hours import NONE
from peoplelink.rights import erasing, exporting, finding, holding
from peoplelink.rights.holding import OnHoldError
from peoplelink.rights.models import HoldKind
from peoplelink.subscribers import seed
from peoplelink.subscribers.imports import adding, checking, services
from peoplelink.subscribers.imports.models import ImportRow
from peoplelink.subscribers.models import Subscriber
from tests.factories import make_officer
from tests.rights import aged
from tests.subscribers import people
from tests.subscribers.imports.lists import ADDING, OTHER, add_all, file_of, imported, looked_at, row
from tests.subscribers.imports.test_purging import SECOND, cells


@pytest.fixture
def listed(session, now):
    """Two people in an import, refused because nobody wrote down where their consent comes from."""
    seed.plant(session, now=now)
    return imported(session, file_of(row(source=""), row(OTHER, source="")), now)


def find(session, now, number=people.MOBILE):
    return finding.by_address(session, number, address_key=people.ADDRESS_KEY, fictional_allowed=True, now=now)


def test_who_stands_only_in_a_list_is_found_and_shown_what_it_says(session, now, listed):
    [found] = find(session, now)

    export = exporting.export_person(session, found.person, PARTS, now=now, wish=Wish())
    [said] = [one["cells"] for section in export.sections if section.key == "imported" for one in section.rows]
    assert "mobile: 07700 900123" in said


def test_a_hold_keeps_their_row_and_no_other(session, now, listed):
    [found] = find(session, now)
    holding.place(session, HoldKind.PERSON, found.person.public_id, "A claim", by=make_officer(session), now=now)

    aged.run(session, now=now + services.KEPT)

    assert [bool(one) for one in cells(session)] == [True, False]


def test_an_erasure_empties_their_row_and_leaves_nothing_to_find(session, now, listed):
    [found] = find(session, now)
    erase(session, found.person, now)

    assert [bool(one) for one in cells(session)] == [False, True]
    with pytest.raises(NotFoundError):
        find(session, now)


def erase(session, person, now):
    record = erasing.begin(session, person, PARTS, by="officer:x", now=now, quiet=NONE)
    while not erasing.go_on(session, record.id, PARTS, now=now):
        pass
    session.expire_all()


def test_who_waits_in_a_list_that_nobody_started_is_erased_from_it_and_not_added(session, now):
    seed.plant(session, now=now)
    one = looked_at(session, file_of(row(), row(OTHER)), now)
    [found] = find(session, now)

    erase(session, found.person, now)

    assert [bool(said) for said in cells(session)] == [False, True]
    add_all(session, one, now)
    assert [(row.status, row.reason) for row in session.scalars(select(ImportRow).order_by(ImportRow.line))] == [
        ("refused", checking.ERASED),
        ("added", None),
    ]


def test_a_row_that_a_hold_kept_is_erased_once_the_hold_is_lifted(session, now):
    seed.plant(session, now=now)
    one = looked_at(session, file_of(row()), now)
    [found] = find(session, now)
    officer = make_officer(session)
    hold = holding.place(session, HoldKind.PERSON, found.person.public_id, "A claim", by=officer, now=now)
    services.cancel(session, one, by="officer:x", now=now)
    aged.run(session, now=now)
    assert all(cells(session))
    holding.lift(session, hold.public_id, by=officer, now=now)

    erase(session, found.person, now)

    assert cells(session) == [{}]


def test_a_hold_by_number_stands_in_the_way_of_an_erasure_by_mailbox_of_the_same_row(session, now):
    seed.plant(session, now=now)
    imported(session, file_of(row(email="sam@example.org", source="")), now)
    [by_number] = find(session, now)
    holding.place(session, HoldKind.PERSON, by_number.person.public_id, "A claim", by=make_officer(session), now=now)

    [by_mailbox] = find(session, now, "sam@example.org")

    assert [hold.reason for hold in holding.on(session, by_mailbox.person, PARTS)] == ["A claim"]
    with pytest.raises(OnHoldError):
        erasing.begin(session, by_mailbox.person, PARTS, by="officer:x", now=now, quiet=NONE)


def test_whom_a_list_names_is_known_as_long_as_the_list_does(session, now, listed):
    [found] = find(session, now)

    aged.run(session, now=now + services.KEPT - SECOND)
    assert finding.person(session, found.person.public_id) == found.person

    aged.run(session, now=now + services.KEPT)
    with pytest.raises(NotFoundError):
        finding.person(session, found.person.public_id)


def test_a_number_that_nothing_names_leaves_no_trace_of_having_been_looked_for(session, now, listed):
    with pytest.raises(NotFoundError):
        find(session, now, "07700 900999")

    assert aged.count(session, Address) == 0


def test_who_is_signed_up_from_the_list_meanwhile_is_not_erased_by_halves(session, now):
    seed.plant(session, now=now)
    one = looked_at(session, file_of(row()), now)
    [found] = find(session, now)
    add_all(session, one, now)

    with pytest.raises(ConflictError, match="just been signed up"):
        erasing.begin(session, found.person, PARTS, by="officer:x", now=now, quiet=NONE)


def test_an_erasure_waits_for_the_import_that_is_adding_them(database, look, now):
    """On PostgreSQL the batch holds the import; SQLite has one writer at a time anyway."""
    with database.transaction() as session:
        seed.plant(session, now=now)
        one = looked_at(session, file_of(row()), now)
        services.start(session, one, by="officer:x", now=now)
        [found] = find(session, now)
    said = []

    def erasing_them():
        try:
            with database.transaction() as session:
                erasing.begin(session, found.person, PARTS, by="officer:x", now=now, quiet=NONE)
        except ConflictError as error:
            said.append(str(error))

    with database.transaction() as session:
        adding.add_some(session, one.id, settings=ADDING, now=now)
        thread = threading.Thread(target=erasing_them)
        thread.start()
        thread.join(0.3)
    thread.join(20)

    assert "just been signed up" in said[0]
    assert look(lambda s: aged.count(s, Subscriber)) == 1
