"""How the rows of a file are looked at, and what is said of those that cannot be used."""

import pytest

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers.imports import checking, files, refused, services
from peoplelink.subscribers.imports.models import ImportStatus
from tests.subscribers import people
from tests.subscribers.imports.lists import (
    CHECKING,
    OTHER,
    begin,
    file_of,
    in_pieces,
    looked_at,
    row,
    rows_of,
)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"source": ""}, "The source of the consent is missing."),
        ({"date": ""}, "The date of consent is missing."),
        ({"wording": ""}, "The exact wording of the consent is missing."),
        ({"wording": "Yes"}, "Write 10 to 3000 characters for the wording."),
        ({"date": "2027-01-01"}, "The date of consent must be a day from 2000 until today."),
        ({"date": "1999-01-01"}, "The date of consent must be a day from 2000 until today."),
        ({"date": "last summer"}, "Write the date of consent like 2025-03-14 or 14/03/2025."),
        ({"mobile": "", "email": ""}, "There is neither a mobile number nor an email address."),
        ({"mobile": "0116 326 0000"}, "That is a landline, and we cannot text it."),
        ({"mobile": "", "email": "sam@"}, "Enter an email address, like name@example.com."),
        ({"zones": ""}, "The zone is missing."),
        ({"zones": "Narnia"}, 'We do not have the zone "Narnia".'),
        (
            {"zones": "Narnia; New Parks; Mordor", "topics": "Dragons", "source": "", "mobile": "0116 326 0000"},
            (
                "That is a landline, and we cannot text it. Enter a UK mobile number, like 07400 123456."
                ' The source of the consent is missing. We do not have the zone "Narnia".'
                ' We do not have the zone "Mordor". We do not have the topic "Dragons".'
            ),
        ),
        ({"zones": "Newperks"}, 'We do not have the zone "Newperks".'),
        ({"topics": "Football"}, 'We do not have the topic "Football".'),
        ({"language": "Klingon"}, "We do not have this language."),
        ({"name": "x" * 61}, "Use at most 60 characters for the name."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_with_the_reason(planted, now, said, reason):
    one = looked_at(planted, file_of(row(**said), row(OTHER)), now)

    (line, status, why), good = rows_of(planted, one)
    assert (line, status) == (2, "refused")
    assert why.startswith(reason.rstrip("."))
    assert good == (3, "waiting", None)


def test_the_same_person_twice_in_a_file_is_named_by_line(planted, now):
    data = file_of(
        row(),
        row(email="x@example.org", zones="?"),
        row("+44 7700 900123"),
        row(OTHER, "a@example.org"),
        row("", "A@example.org"),
    )

    one = looked_at(planted, data, now)

    assert [(line, why) for line, _, why in rows_of(planted, one) if why] == [
        (3, 'We do not have the zone "?".'),
        (4, "The same number or mailbox stands on line 2."),
        (6, "The same number or mailbox stands on line 5."),
    ]


def test_an_administrator_of_some_zones_imports_for_those_only(planted, now):
    own = people.zone(planted, "coalville").id

    one = looked_at(planted, file_of(row()), now, zone_ids=[own])

    assert rows_of(planted, one) == [(2, "refused", "The zone New Parks is not one of yours.")]
    assert services.within(one, {own})
    assert not services.within(one, {own + 1})


def test_a_second_reader_at_the_same_place_changes_nothing(planted, now):
    data = file_of(row(), row(OTHER))
    one = begin(planted, data, now)
    form = files.Form(one.encoding, one.delimiter, one.header, one.columns)
    records = list(files.rows(in_pieces(data)(), form))

    first = checking.take(planted, one.id, records[:1], after=0, settings=CHECKING, now=now)
    again = checking.take(planted, one.id, records[:1], after=0, settings=CHECKING, now=now)

    assert (first, again) == (True, False)
    assert len(rows_of(planted, one)) == 1


def test_a_file_with_a_heading_only_is_unreadable(planted, now):
    one = looked_at(planted, file_of(), now)

    assert (one.status, one.problem) == (ImportStatus.UNREADABLE, checking.NO_ROWS)


def test_too_many_rows_are_refused_whole(planted, now, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    data = file_of(row(), row(OTHER), row("07700 900125"))
    one = begin(planted, data, now)
    form = files.Form(one.encoding, one.delimiter, one.header, one.columns)

    checking.take(planted, one.id, list(files.rows(in_pieces(data)(), form)), after=0, settings=CHECKING, now=now)

    assert one.status is ImportStatus.UNREADABLE


def test_too_large_a_file_is_refused(planted, now, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 100)

    with pytest.raises(InvalidInputError, match="larger than"):
        begin(planted, file_of(row()), now)


def test_refused_rows_come_out_with_line_reason_and_no_formula(planted, now):
    one = looked_at(planted, file_of(row("=cmd()", name="@SUM(A1)")), now)

    head, line = "".join(refused.lines(planted, one)).removeprefix("\ufeff").splitlines()
    assert head.startswith("line,reason,mobile,email,name")
    assert line.startswith("2,")
    assert "'=cmd()" in line
    assert "'@SUM(A1)" in line
