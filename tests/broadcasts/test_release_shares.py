"""A range that is written over several connections at once: the same rows as over one, whatever one of them meets."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError

from peoplelink import clock
from peoplelink.broadcasts import releasing, tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.outbound import release
from peoplelink.outbound.models import Delivery
from tests import factories
from tests.broadcasts.pages import saved
from tests.factories import make_subscriber, make_zone

PEOPLE = 23


@pytest.fixture
def waiting(database):
    """A broadcast that waits for release, to many."""
    with database.transaction() as session:
        factories.add_noise(session)
        zone = make_zone(session, name="New Parks")
        for _ in range(PEOPLE):
            make_subscriber(session, zones=[zone], sms=True)
    return saved(database, zones=[zone], sms="A fair.", status=BroadcastStatus.RELEASING)


def written(database):
    with database.read() as session:
        everybody = session.scalar(select(func.count()).select_from(Delivery))
        return everybody, session.scalar(select(func.count(Delivery.address_id.distinct())))


def test_shares_of_a_range_meet_and_miss_nothing():
    assert releasing._shares(0, 7, 3) == [(0, 2), (2, 4), (4, 7)]
    assert releasing._shares(5, 6, 2) == [(5, 5), (5, 6)]
    assert releasing._shares(10, 30, 1) == [(10, 30)]


@pytest.mark.parametrize("hands", [1, 2, 5])
def test_everybody_is_written_once_however_many_hands(database, runtime, waiting, monkeypatch, hands):
    before = written(database)[0]
    monkeypatch.setattr(releasing, "HANDS", hands)

    tasks.release(runtime)

    after, _ = written(database)
    with database.read() as session:
        broadcast = session.get_one(Broadcast, waiting.id)
        mine = session.scalars(select(Delivery.address_id).where(Delivery.dispatch_id == broadcast.dispatch_id)).all()
    assert after - before == len(mine) == len(set(mine)) == PEOPLE
    assert broadcast.recipients == {"sms": PEOPLE}
    assert broadcast.status is BroadcastStatus.SENDING


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_share_that_fails_fails_the_range_which_is_written_again(database, runtime, waiting, monkeypatch):
    add, calls = release.add_recipients, []

    def second_fails(session, *args, **columns):
        calls.append(session)
        if len(calls) == 2:
            raise DataError("INSERT", None, Exception("a fault of the database"))
        return add(session, *args, **columns)

    monkeypatch.setattr(release, "add_recipients", second_fails)
    with pytest.raises(DataError):
        tasks.release(runtime)
    with database.read() as session:
        held = session.get_one(Broadcast, waiting.id)
    tasks.release(runtime)

    with database.read() as session:
        broadcast = session.get_one(Broadcast, waiting.id)
        mine = session.scalars(select(Delivery.address_id).where(Delivery.dispatch_id == broadcast.dispatch_id)).all()
    assert (held.status, held.released_up_to) == (BroadcastStatus.RELEASING, 0)
    assert len(set(calls)) >= 3, "each share has a session of its own"
    assert len(mine) == len(set(mine)) == PEOPLE


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_on_sqlite_one_hand_writes_for_it_has_one_writer(database, waiting, monkeypatch):
    now, shares = clock.now(), []
    monkeypatch.setattr(releasing, "_write", lambda *args: shares.append(args[2]))
    with database.transaction() as session:
        broadcast = session.get_one(Broadcast, waiting.id)
        broadcast.dispatch = factories.make_dispatch(session)
        session.flush()
        releasing.next_range(session, broadcast.id, now=now, size=10, others=database)

    assert [len(one) for one in shares] == [1]
