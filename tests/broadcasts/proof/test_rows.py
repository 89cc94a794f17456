"""Deliveries in stretches: where one ends and the next begins."""

import pytest

from peoplelink.broadcasts.proof import rows
from peoplelink.broadcasts.proof.rows import Row, people_digest, stretches
from tests.broadcasts.proof import story


def made(*ids, state="delivered"):
    return [Row(id_, f"public-{id_}|hash|1", state) for id_ in ids]


def shape(found):
    return [(one.number, one.after, one.up_to, [row.id for row in one.rows]) for one in found]


@pytest.mark.parametrize(
    ("ids", "ends", "expected"),
    [
        ((), None, []),
        ((5,), None, [(1, 0, 5, [5])]),
        ((5, 7, 9), None, [(1, 0, 7, [5, 7]), (2, 7, 9, [9])]),
        ((5, 7, 9, 12), None, [(1, 0, 7, [5, 7]), (2, 7, 12, [9, 12])]),
        ((5, 7, 9), [7, 9], [(1, 0, 7, [5, 7]), (2, 7, 9, [9])]),
        ((9,), [7, 9], [(1, 0, 7, []), (2, 7, 9, [9])]),
        ((5,), [7, 9], [(1, 0, 7, [5]), (2, 7, 9, [])]),
        ((), [7, 9, 11], [(1, 0, 7, []), (2, 7, 9, []), (3, 9, 11, [])]),
        ((5, 6, 7, 8), [7, 9], [(1, 0, 7, [5, 6, 7]), (2, 7, 9, [8])]),
        ((5, 20), [7, 9], [(1, 0, 7, [5]), (2, 7, 20, [20])]),
    ],
)
def test_stretches_have_a_size_at_first_and_keep_their_limits(monkeypatch, ids, ends, expected):
    monkeypatch.setattr(rows, "SIZE", 2)

    assert shape(stretches(made(*ids), ends)) == expected


def test_states_are_told_in_runs():
    [stretch] = stretches([*made(1, 2), *made(3, state="failed:unreachable"), *made(4)])

    assert stretch.states == [["delivered", 2], ["failed:unreachable", 1], ["delivered", 1]]


def test_a_digest_is_of_who_gets_what_and_not_of_what_became_of_it():
    assert people_digest(made(1, 2)) == people_digest(made(1, 2, state="failed"))
    assert people_digest(made(1, 2)) != people_digest(made(2, 1))
    assert people_digest(made(1, 2)) != people_digest(made(1))


def test_rows_are_read_in_order_with_their_address_hash_and_state(session):
    broadcast = story.finished(session)
    wanted = story.rows(session, broadcast)

    found = list(rows.read(session, broadcast.dispatch_id))

    assert [row.id for row in found] == [delivery.id for delivery in wanted]
    assert found[0].state == "failed:unreachable"
    assert found[1].who == f"{wanted[1].public_id}|{wanted[1].address.hash}|{wanted[1].content_id}"
    assert found[1].public_id == wanted[1].public_id


def test_a_part_of_them_is_read_by_ids(session):
    broadcast = story.finished(session)
    ids = [row.id for row in story.rows(session, broadcast)]

    found = rows.read(session, broadcast.dispatch_id, after=ids[1], up_to=ids[3])

    assert [row.id for row in found] == ids[2:4]
