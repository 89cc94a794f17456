"""Whoever changes the past by SQL is told of, by name, on both databases: the broadcast, the links, the deliveries."""

import pytest
from sqlalchemy import text

from peoplelink.channels.messages import EventKind
from tests.broadcasts.proof import story
from tests.broadcasts.proof.tampering import CASES, LINKS, STATES, delete, tamper, update
from tests.factories import NOW, make_address, make_content, make_delivery, make_dispatch, make_officer, make_zone


@pytest.fixture
def scene(session):
    """A broadcast that is over, another one, and rows to point to instead."""
    broadcast = story.finished(session, failed=1, unconfirmed=1)
    second = story.finished(session)
    stranger = make_delivery(session, content=make_content(session, make_dispatch(session)))
    make_officer(session)
    names = {
        "broadcast": broadcast.id, "dispatch": broadcast.dispatch_id, "officer": broadcast.sent_by_id,
        "second": second.id, "strange": stranger.dispatch_id, "address": make_address(session).id,
        "later": "2026-03-30 10:00:00+00:00" if session.get_bind().dialect.name == "postgresql" else
        "2026-03-30 10:00:00.000000",
    }  # fmt: skip
    return broadcast, names


@pytest.mark.parametrize(("statements", "said"), CASES.items())
def test_what_was_changed_is_named(session, scene, statements, said):
    broadcast, names = scene

    tamper(session, statements, names)

    problems = story.verdict(session, broadcast).problems
    assert any(said in problem for problem in problems), problems


def test_one_change_of_a_delivery_is_one_sentence(session, scene):
    broadcast, names = scene
    tamper(session, next(iter(STATES)), names)

    problems = story.verdict(session, broadcast).problems

    first = story.rows(session, broadcast)[0].public_id
    assert problems == [f"Delivery {first} was “failed: unreachable” at the end, and says “delivered” now."]


def test_what_was_not_touched_stays_proven(session, scene):
    _, names = scene
    second = story.finished(session)
    for statements in CASES:
        with session.begin_nested() as savepoint:
            tamper(session, statements, names)
            assert story.verdict(session, second).problems == []
            savepoint.rollback()


def test_many_changed_deliveries_are_counted(session):
    broadcast = story.finished(session, residents=10)
    session.execute(
        text("UPDATE deliveries SET status = 'cancelled' WHERE dispatch_id = :id"), {"id": broadcast.dispatch_id}
    )

    problems = story.verdict(session, broadcast).problems

    assert len(problems) == 11
    assert problems[-1] == "11 deliveries more are in another state than at the end."


def test_rows_exchanged_between_two_states_are_found_although_the_counts_stay(session, scene):
    broadcast, _ = scene
    first, *_, last = story.rows(session, broadcast)
    first.status, first.reason, last.status, last.reason = last.status, last.reason, first.status, first.reason
    session.flush()

    problems = story.verdict(session, broadcast).problems

    assert len(problems) == 2
    assert {first.public_id, last.public_id} == {problem.split()[1] for problem in problems}


def test_a_change_between_release_and_end_is_found_afterwards(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)
    story.hand_over(session, broadcast)
    session.delete(story.rows(session, broadcast)[2])
    session.flush()
    story.finish(session, broadcast)

    problems = story.verdict(session, broadcast).problems

    assert any("do not hold the same people at the end as at the release" in problem for problem in problems)
    assert any("1 delivery taken away since the release" in problem for problem in problems)


def test_links_taken_from_the_end_are_found_by_the_head_that_was_mailed(session):
    broadcast = story.finished(session, without_receipt=1)
    waits = next(row for row in story.rows(session, broadcast) if row.status == "sent")
    story.receipt(session, waits, EventKind.DELIVERED, now=NOW)
    head = story.verdict(session, broadcast).head
    tamper(session, delete(LINKS, "broadcast_id = :id AND number = 5"), {"id": broadcast.id})
    tamper(session, update("deliveries", "status = 'sent'", "id = :id"), {"id": waits.id})

    assert story.verdict(session, broadcast).problems == []
    assert story.verdict(session, broadcast, head=head).problems == [
        "The proof does not lead to the head you gave: links were changed, replaced or taken away."
    ]


def test_a_zone_may_get_another_name(session, scene):
    broadcast, _ = scene
    broadcast.zones[0].name = "New Parks and Stocking Farm"

    assert story.verdict(session, broadcast).problems == []


def test_a_zone_added_to_the_town_is_no_change_of_the_past(session, scene):
    broadcast, _ = scene
    make_zone(session)

    assert story.verdict(session, broadcast).problems == []
