"""From "send now" to "finished": nobody twice, nobody missed, whatever is killed or clicked twice."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import audience, releasing, services, tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.outbound import tasks as outbound_tasks
from peoplelink.outbound.models import Content
from peoplelink.outbound.states import Urgency
from tests.broadcasts.released import addresses_of, release_all, sent_broadcast
from tests.factories import make_broadcast, make_officer, make_subscriber, make_zone

EMAIL_TEXT = "A **fair**, {name|neighbour}."


def test_sending_rings_for_release_and_says_who_sent_it_without_approval(session, jobs, now):
    with transaction(session):
        broadcast = sent_broadcast(session)

    event = session.scalar(select(AuditEvent).where(AuditEvent.action == "broadcast.sent"))
    assert broadcast.status is BroadcastStatus.RELEASING
    assert jobs.rung == ["release"]
    assert event.subject_id == broadcast.public_id
    assert event.actor == broadcast.created_by.actor
    assert event.detail["approval"] == "off"


def test_release_freezes_words_people_and_counts(session, now):
    broadcast = sent_broadcast(session, residents=2, sms="A fair.", email=EMAIL_TEXT)
    make_subscriber(session, zones=broadcast.zones, sms="+447700900199")

    release_all(session, broadcast, now)

    contents = {c.medium: c for c in session.scalars(select(Content).filter_by(dispatch_id=broadcast.dispatch_id))}
    assert contents[Medium.SMS].text == "People Link: A fair. Reply STOP to leave."
    assert contents[Medium.EMAIL].subject == "A fair on Saturday"
    assert broadcast.recipients == {"sms": 3, "email": 2}
    assert broadcast.left_out["email"]["no address"] == 1
    assert len(addresses_of(session, broadcast)) == 5
    assert broadcast.status is BroadcastStatus.SENDING
    assert broadcast.dispatch.released_at == now
    assert broadcast.dispatch.urgency is Urgency.URGENT


def test_a_broadcast_of_one_medium_makes_no_rows_of_the_other(session, now):
    broadcast = sent_broadcast(session, residents=2, sms=None, email=EMAIL_TEXT)

    release_all(session, broadcast, now)

    assert broadcast.recipients == {"email": 2}
    assert len(addresses_of(session, broadcast)) == 2


def test_a_large_audience_goes_behind_what_is_urgent(session, now):
    broadcast = sent_broadcast(session, residents=101, email=EMAIL_TEXT)

    release_all(session, broadcast, now)

    assert broadcast.dispatch.urgency is Urgency.BULK
    assert len(addresses_of(session, broadcast)) == 202


def test_a_broadcast_to_nobody_is_finished_at_once(session, now):
    broadcast = sent_broadcast(session, residents=0)

    release_all(session, broadcast, now)

    assert broadcast.status is BroadcastStatus.FINISHED
    assert broadcast.recipients == {"sms": 0}


class KilledError(Exception):
    """Stands for a worker that dies between two statements."""


def killed_in_a_range(database, broadcast_id, now):
    with database.transaction() as session:
        releasing.next_range(session, broadcast_id, now=now, size=3)
        raise KilledError


@pytest.mark.parametrize("ranges_before", [0, 1, 2, 4])
def test_a_release_that_is_killed_goes_on_and_misses_nobody(database, now, ranges_before):
    with database.transaction() as session:
        broadcast = sent_broadcast(session, residents=5, email=EMAIL_TEXT)
        counted = audience.count(session, broadcast, now=now)
        wanted = set(session.scalars(audience.recipients(broadcast, now=now)))
    with database.transaction() as session:
        releasing.start(session, broadcast.id, counted, now=now)
    for _ in range(ranges_before):
        with database.transaction() as session:
            releasing.next_range(session, broadcast.id, now=now, size=3)

    with pytest.raises(KilledError):
        killed_in_a_range(database, broadcast.id, now)
    more = True
    while more:
        with database.transaction() as session:
            more = releasing.next_range(session, broadcast.id, now=now, size=3)

    with database.read() as session:
        written = addresses_of(session, session.get_one(Broadcast, broadcast.id))
        assert len(written) == len(set(written)) == 10
        assert set(written) == wanted


def test_two_workers_that_release_together_write_each_address_once(database, runtime, now):
    with database.transaction() as session:
        broadcast = sent_broadcast(session, residents=40, email=EMAIL_TEXT)

    race([lambda: tasks.release(runtime)] * 3)

    with database.read() as session:
        found = session.get_one(Broadcast, broadcast.id)
        assert len(addresses_of(session, found)) == 80
        assert found.recipients == {"sms": 40, "email": 40}
        assert found.status is BroadcastStatus.SENDING


def test_of_two_clicks_on_send_one_sends(database, jobs, now):
    with database.transaction() as session:
        officer, zone = make_officer(session), make_zone(session)
        broadcast = make_broadcast(session, zones=[zone], created_by=officer)

    def click():
        with database.transaction() as session:
            mine = session.get_one(Broadcast, broadcast.id)
            services.send_now(session, mine, by=mine.created_by, edition=1, now=now)

    errors = race([click] * 4)

    assert [type(error) for error in errors] == [services.NotADraftError] * 3
    assert jobs.rung == ["release"]
    with database.read() as session:
        sent = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "broadcast.sent")
        assert session.scalar(sent) == 1


def race(actions):
    """Run all at the same moment; the errors that came of it."""
    together, errors = threading.Barrier(len(actions)), []

    def run(action):
        together.wait()
        try:
            action()
        except Exception as err:  # noqa: BLE001 - the test looks at every one of them
            errors.append(err)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def test_a_release_left_behind_is_rung_for_again(database, runtime, jobs):
    with database.transaction() as session:
        sent_broadcast(session)
    jobs.rung.clear()

    tasks.refresh(runtime)

    assert jobs.rung == ["release"]


def test_the_task_releases_every_broadcast_that_waits(database, runtime, jobs):
    with database.transaction() as session:
        first, second = sent_broadcast(session), sent_broadcast(session)
    jobs.rung.clear()

    tasks.release(runtime)
    tasks.release(runtime)

    with database.read() as session:
        found = [session.get_one(Broadcast, broadcast.id) for broadcast in (first, second)]
        assert [broadcast.status for broadcast in found] == [BroadcastStatus.SENDING] * 2
        assert [len(addresses_of(session, broadcast)) for broadcast in found] == [3, 3]
        assert found[0].released_at <= clock.now()
    assert "lane:sms:urgent" in jobs.rung


def test_lanes_take_a_released_broadcast_out_and_the_news_of_it_ends_it(database, runtime, jobs):
    with database.transaction() as session:
        broadcast = sent_broadcast(session, residents=3, sms="Hello {name|neighbour}.", email=EMAIL_TEXT)
    tasks.release(runtime)

    for lane in ("sms:urgent", "email:urgent"):
        outbound_tasks.drain_lane(runtime, lane)

    with database.read() as session:
        found = session.get_one(Broadcast, broadcast.id)
        assert found.status is BroadcastStatus.SENT_OUT
    texts = [message.body.text for message in runtime.channels[Medium.SMS].sent]
    assert texts == ["People Link: Hello neighbour. Reply STOP to leave."] * 3
    assert len(runtime.channels[Medium.EMAIL].sent) == 3


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_release_that_fails_does_not_keep_the_others_waiting(database, runtime):
    with database.transaction() as session:
        broken, sound = sent_broadcast(session), sent_broadcast(session)
        broken.released_up_to = 2**31 - 1  # the next checkpoint does not fit the column

    with pytest.raises(DataError):
        tasks.release(runtime)

    with database.read() as session:
        assert session.get_one(Broadcast, broken.id).status is BroadcastStatus.RELEASING
        assert session.get_one(Broadcast, sound.id).status is BroadcastStatus.SENDING
