"""A backup is put back in the middle of a broadcast: nobody gets a second message, and a STOP since then holds."""

import datetime as dt
import time
from collections import Counter

import pytest
from redis import Redis
from sqlalchemy import select, update

from peoplelink import clock, restored
from peoplelink.app import make_runtime
from peoplelink.channels.messages import Medium
from peoplelink.errors import ConflictError
from peoplelink.outbound import watch
from peoplelink.outbound.models import Delivery, Lane
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.outbound.tasks import drain_lane
from tests.workers.copies import back_up, restore

LANES = ("sms:bulk", "email:bulk")
LATER = dt.timedelta(seconds=6)
STOPPER = "+447400000009"


@pytest.fixture
def parts(stage):
    made = make_runtime(stage.config)
    yield made
    made.database.engine.dispose()
    made.redis.close()


def wait(parts, ids, *, until):
    """Have some deliveries wait until a moment (None: no longer)."""
    with parts.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.id % 2 == ids).values(not_before=until))


def drain(parts):
    for lane in LANES:
        drain_lane(parts, lane)


def each_got(stage):
    return Counter(one["to"] for one in stage.sandbox.accepted())


def sent_half_then_copied_then_sent_on(stage, parts):
    """Ten texts and ten emails: the odd ones before the backup, of the even ones all but two after it."""
    stage.plant(10)
    stage.plant(10, Medium.EMAIL)
    wait(parts, 0, until=clock.now() + dt.timedelta(hours=1))
    drain(parts)
    parts.database.engine.dispose()
    stage.database.engine.dispose()
    backup = back_up(stage.config.database_url)
    wait(parts, 0, until=None)
    with parts.database.transaction() as session:  # one text and one email stay unsent
        last = select(Delivery.id).where(Delivery.status == DeliveryStatus.QUEUED).order_by(Delivery.id.desc())
        for lane in LANES:
            left = session.scalars(last.where(Delivery.lane == lane).limit(1)).one()
            session.execute(
                update(Delivery).where(Delivery.id == left).values(not_before=clock.now() + dt.timedelta(hours=1))
            )
    drain(parts)
    assert watch.may_send(parts.database, parts.redis, now=clock.now() + LATER)  # the scheduler's next look
    assert sum(each_got(stage).values()) == 18
    parts.database.engine.dispose()
    stage.database.engine.dispose()
    return backup


def test_after_a_restore_nobody_gets_a_second_message_and_a_stop_since_holds(stage, parts):
    backup = sent_half_then_copied_then_sent_on(stage, parts)
    stage.sandbox.text(STOPPER, "STOP")
    restore(stage.config.database_url, backup)
    wait(parts, 0, until=None)

    drain(parts)
    told = []
    assert sum(each_got(stage).values()) == 18
    assert len(paused(parts)) == 4
    time.sleep(1.1)  # the providers' records are believed from then on
    restored.settle(parts, told.append)
    assert paused(parts) == []
    drain(parts)

    got = each_got(stage)
    assert set(got.values()) == {1}
    assert len(got) == 19  # all but the one who said STOP before their text had gone
    assert STOPPER not in got
    assert "5 texts looked unsent; 4 of them had been sent." in " ".join(told) or "4 texts looked unsent" in " ".join(
        told
    )
    with pytest.raises(ConflictError):
        restored.settle(parts, told.append)


def test_a_restore_that_nobody_could_notice_is_announced(stage, parts):
    backup = sent_half_then_copied_then_sent_on(stage, parts)
    restore(stage.config.database_url, backup)
    wait(parts, 0, until=None)
    with Redis.from_url(stage.queue.url) as redis:
        redis.flushall()

    with parts.database.transaction() as session:
        watch.begin(session, now=clock.now())
    drain(parts)
    assert sum(each_got(stage).values()) == 18
    time.sleep(1.1)
    restored.settle(parts, str)
    drain(parts)

    assert set(each_got(stage).values()) == {1}
    assert len(each_got(stage)) == 20


def paused(parts):
    with parts.database.read() as session:
        return list(session.scalars(select(Lane.name).where(Lane.paused_at.is_not(None))))
