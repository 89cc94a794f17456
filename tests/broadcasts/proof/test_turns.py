"""Links that are added at once, and an end that comes together with news, on real transactions of both databases."""

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select, text

from peoplelink.broadcasts import proof, settling
from peoplelink.broadcasts.models import Broadcast, ProofLink
from peoplelink.broadcasts.proof import chain
from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.channels.messages import EventKind
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from tests.broadcasts.proof import story
from tests.factories import NOW, make_broadcast

LATER = NOW + dt.timedelta(hours=73)


def race(actions):
    """Run all at the same moment, to the end; raises what any of them raised."""
    together, errors = threading.Barrier(len(actions)), []

    def run(action):
        together.wait()
        try:
            action()
        except BaseException as err:  # noqa: BLE001 - the test looks at every one of them
            errors.append(err)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def problems_of(database, broadcast):
    with database.read() as session:
        return verify(session, session.get_one(Broadcast, broadcast.id)).problems


@pytest.fixture
def handed_over(change):
    """A broadcast of which everything has gone out, and two receipts have not come."""

    def begin(session):
        broadcast = story.sent(session)
        story.release(session, broadcast)
        story.hand_over(session, broadcast, without_receipt=2)
        settling.refresh(session, broadcast.id, now=NOW)
        return broadcast

    return change(begin)


def test_links_that_are_added_at_once_make_one_chain(database, change):
    broadcast = change(make_broadcast)

    def add(number):
        def adding():
            for _ in range(3):
                with database.transaction() as session:
                    mine = session.get_one(Broadcast, broadcast.id)
                    proof.add(session, mine, proof.Kind.PAUSED, {"by": f"officer {number}"}, now=NOW)

        return adding

    race([add(number) for number in range(8)])

    with database.read() as session:
        links = chain.links(session, session.get_one(Broadcast, broadcast.id))
    assert [link.number for link in links] == list(range(1, 25))
    assert [link.previous for link in links] == ["", *(link.link for link in links[:-1])]
    assert problems_of(database, broadcast) == []


def test_of_two_who_end_a_broadcast_one_adds_the_end_and_mails_it(database, handed_over):
    def end():
        with database.transaction() as session:
            settling.refresh(session, handed_over.id, now=LATER)

    race([end] * 4)

    with database.read() as session:
        ends = select(func.count()).select_from(ProofLink).where(ProofLink.kind == proof.Kind.FINISHED)
        mails = select(func.count()).select_from(Dispatch).where(Dispatch.purpose == Purpose.NOTICE)
        assert (session.scalar(ends), session.scalar(mails)) == (1, 1)
    assert problems_of(database, handed_over) == []


def test_receipts_that_come_together_with_the_end_are_in_it_or_have_a_link(database, handed_over):
    def end():
        with database.transaction() as session:
            settling.refresh(session, handed_over.id, now=LATER)

    def receipt(index):
        def coming():
            with database.transaction() as session:
                mine = session.get_one(Broadcast, handed_over.id)
                waits = story.rows(session, mine)[1 + index]
                story.receipt(session, waits, EventKind.DELIVERED, now=LATER)

        return coming

    race([end, receipt(0), receipt(1), end])

    assert problems_of(database, handed_over) == []


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_the_end_waits_for_news_that_is_not_committed_yet(database, handed_over):
    ended = threading.Event()

    def end():
        with database.transaction() as session:
            settling.refresh(session, handed_over.id, now=LATER)
        ended.set()

    thread = threading.Thread(target=end)
    with database.transaction() as session:
        waits = story.rows(session, session.get_one(Broadcast, handed_over.id))[1]
        story.receipt(session, waits, EventKind.DELIVERED, now=NOW)
        thread.start()
        while not _somebody_waits(database):
            assert not ended.is_set()
    thread.join(60)

    assert ended.is_set()
    assert problems_of(database, handed_over) == []
    with database.read() as session:
        assert session.get_one(Delivery, waits.id).status is DeliveryStatus.DELIVERED


def _somebody_waits(database):
    with database.read() as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


def test_news_of_single_messages_takes_no_turn(session):
    assert proof.take_turn(session, [10**6]) is False
