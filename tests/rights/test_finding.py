"""Who is found behind a number: also somebody whom nothing but a list names."""

import pytest

from peoplelink.app import PARTS
from peoplelink.errors import NotFoundError
from peoplelink.outbound.models import Address
from peoplelink.persons import Wish
from peoplelink.quiet_hours import NONE
from peoplelink.rights import erasing, exporting, finding, holding
from peoplelink.rights.models import HoldKind
from peoplelink.subscribers import seed
from peoplelink.subscribers.imports import services
from tests.factories import make_officer
from tests.rights import aged
from tests.subscribers import people
from tests.subscribers.imports.lists import OTHER, file_of, imported, row
from tests.subscribers.imports.test_purging import cells


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
    record = erasing.begin(session, found.person, PARTS, by="officer:x", now=now, quiet=NONE)
    while not erasing.go_on(session, record.id, PARTS, now=now):
        pass
    session.expire_all()

    assert [bool(one) for one in cells(session)] == [False, True]
    with pytest.raises(NotFoundError):
        find(session, now)


def test_a_number_that_nothing_names_leaves_no_trace_of_having_been_looked_for(session, now, listed):
    with pytest.raises(NotFoundError):
        find(session, now, "07700 900999")

    assert aged.count(session, Address) == 0
