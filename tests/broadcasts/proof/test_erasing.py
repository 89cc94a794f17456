"""Retention and erasure take deliveries away: the proof says so, goes on holding for the rest, and hides nothing."""

import pytest
from sqlalchemy import delete, update

from peoplelink.broadcasts import proof
from peoplelink.broadcasts.proof import chain, rows
from peoplelink.channels.messages import EventKind
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.broadcasts.proof import story
from tests.factories import NOW

WISH = "erased at the resident's wish"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    """Stretches of two deliveries, so that seven lie in four of them."""
    monkeypatch.setattr(rows, "SIZE", 2)


def erase(session, broadcast, some, because=WISH):
    ids = [row.id for row in some]
    with proof.rows_changing(session, broadcast, ids, because=because, now=NOW):
        session.execute(delete(Delivery).where(Delivery.id.in_(ids)))


@pytest.mark.parametrize("which", [[0], [6], [1, 2], [0, 3, 6], list(range(7))])
def test_what_was_erased_is_no_change_of_the_past(session, which):
    broadcast = story.finished(session)
    all_ = story.rows(session, broadcast)

    erase(session, broadcast, [all_[index] for index in which])

    verdict = story.verdict(session, broadcast)
    taken = "1 delivery taken away" if len(which) == 1 else f"{len(which)} deliveries taken away"
    assert verdict.problems == []
    assert verdict.notes == [f"Link 5 (rows changed): {taken} ({WISH}), 21 March 2026, 14:30:00 UTC."]


def test_the_link_says_how_many_and_the_digests_before_and_after(session):
    broadcast = story.finished(session)

    erase(session, broadcast, story.rows(session, broadcast)[:3], because="kept for two years")

    facts = chain.links(session, broadcast)[-1].facts
    assert (facts["because"], facts["before"], facts["after"], facts["stretches"]) == ("kept for two years", 4, 1, 2)
    assert facts["digest_before"] != facts["digest"]
    assert "differed" not in facts


def test_what_is_left_stays_proven(session):
    broadcast = story.finished(session)
    first, second, *_, last = story.rows(session, broadcast)
    erase(session, broadcast, [first])

    session.execute(update(Delivery).where(Delivery.id.in_([second.id, last.id])).values(status="cancelled"))

    problems = story.verdict(session, broadcast).problems
    assert [problem.split()[1] for problem in problems] == [second.public_id, last.public_id]


def test_one_erased_without_a_link_among_lawful_ones_is_found(session):
    broadcast = story.finished(session)
    first, second, *_ = story.rows(session, broadcast)
    erase(session, broadcast, [first])

    session.execute(delete(Delivery).where(Delivery.id == second.id))

    assert story.verdict(session, broadcast).problems == [
        "1 delivery taken away since the release, and no link says that they were erased."
    ]


def test_a_change_is_not_forgotten_by_erasing_what_was_changed(session):
    broadcast = story.finished(session)
    failed = story.rows(session, broadcast)[0]
    session.execute(update(Delivery).where(Delivery.id == failed.id).values(status="delivered", reason=None))

    erase(session, broadcast, [failed])

    [problem] = story.verdict(session, broadcast).problems
    assert problem.startswith(
        "Before deliveries were taken away by Link 5 (rows changed), some had been changed already"
    )
    assert problem.endswith(f"moved {failed.public_id} failed:unreachable delivered.")


def test_erasing_goes_on_after_late_news_and_after_erasing(session):
    broadcast = story.finished(session, without_receipt=2)
    _, waits, also, *_, last = story.rows(session, broadcast)
    story.receipt(session, waits, EventKind.DELIVERED, now=NOW)
    erase(session, broadcast, [last])
    erase(session, broadcast, [waits])
    story.receipt(session, also, EventKind.DELIVERED, now=NOW)
    erase(session, broadcast, story.rows(session, broadcast)[:1])

    assert story.verdict(session, broadcast).problems == []
    assert story.kinds(session, broadcast)[4:] == ["late", "rows_changed", "rows_changed", "late", "rows_changed"]


def test_somebody_may_be_erased_while_it_is_being_sent(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)
    erase(session, broadcast, story.rows(session, broadcast)[2:3])
    story.hand_over(session, broadcast)

    story.finish(session, broadcast)

    assert story.verdict(session, broadcast).problems == []


def test_addresses_may_be_hashed_anew(session):
    broadcast = story.finished(session)
    all_ = story.rows(session, broadcast)

    with proof.rows_changing(session, broadcast, [row.id for row in all_], because="another address key", now=NOW):
        for row in all_:
            session.get_one(Address, row.address_id).hash = f"new {row.id}"

    verdict = story.verdict(session, broadcast)
    assert verdict.problems == []
    assert verdict.notes == [
        "Link 5 (rows changed): deliveries changed (another address key), 21 March 2026, 14:30:00 UTC."
    ]


def test_a_broadcast_from_before_proofs_can_be_erased_from(session):
    broadcast = story.finished(session)
    for table in ("broadcast_proof_stretches", "broadcast_proofs"):
        session.execute(delete(proof_table(table)).where(proof_table(table).c.broadcast_id == broadcast.id))

    erase(session, broadcast, story.rows(session, broadcast)[:1])

    assert story.kinds(session, broadcast) == ["rows_changed"]


def proof_table(name):
    return Delivery.metadata.tables[name]


def test_what_fails_in_the_middle_adds_no_link(session):
    broadcast = story.finished(session)
    some = [story.rows(session, broadcast)[0].id]

    with pytest.raises(ZeroDivisionError), proof.rows_changing(session, broadcast, some, because=WISH, now=NOW):
        raise ZeroDivisionError

    assert story.kinds(session, broadcast)[-1] == "finished"
    assert DeliveryStatus(story.rows(session, broadcast)[0].status) is DeliveryStatus.FAILED
