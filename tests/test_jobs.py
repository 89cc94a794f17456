import time

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import Queue

from peoplelink import jobs


@pytest.fixture
def bells(valkey):
    return jobs.RqJobs(valkey)


def waiting(valkey):
    return {name: [job.args for job in Queue(name, connection=valkey).jobs] for name in jobs.QUEUES}


def until(comes_true):
    for _ in range(200):
        if comes_true():
            return
        time.sleep(0.02)
    raise AssertionError("not within four seconds")


def away():
    raise RedisConnectionError("away")


def test_each_bell_goes_to_its_queue(valkey, bells):
    bells.ring(["lane:sms:urgent", "lane:email:bulk", "webhooks", "release"])

    assert waiting(valkey) == {
        "urgent": [("lane:sms:urgent",)],
        "inbound": [("webhooks",)],
        "bulk": [("lane:email:bulk",), ("release",)],
    }


def test_a_bell_rung_twice_makes_one_job_until_it_is_answered(valkey, bells):
    bells.ring(["webhooks"])
    bells.ring(["webhooks"])
    assert len(waiting(valkey)["inbound"]) == 1

    bells.answered("webhooks")
    bells.ring(["webhooks"])

    assert len(waiting(valkey)["inbound"]) == 2


def test_a_job_that_waits_long_is_not_joined_by_another(valkey, bells):
    bells.ring(["webhooks"])
    valkey.expire("peoplelink:bell:webhooks", 30)  # half a minute later

    bells.ring(["webhooks"])

    assert len(waiting(valkey)["inbound"]) == 1
    assert valkey.ttl("peoplelink:bell:webhooks") > 55


def test_a_job_that_was_lost_is_missed_after_a_moment(valkey, bells):
    bells.ring(["webhooks"])
    Queue("inbound", connection=valkey).empty()

    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == []

    valkey.expire("peoplelink:bell:webhooks", 54)  # six seconds later
    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == [("webhooks",)]


def test_many_who_ask_for_a_ring_soon_are_rung_for_once_and_whoever_comes_later_again(valkey, bells):
    for _ in range(50):
        bells.ring_soon("webhooks")
    assert waiting(valkey)["inbound"] == []

    until(lambda: waiting(valkey)["inbound"])
    assert waiting(valkey)["inbound"] == [("webhooks",)]

    bells.answered("webhooks")
    bells.ring_soon("webhooks")
    until(lambda: len(waiting(valkey)["inbound"]) == 2)


def test_a_ring_that_finds_no_redis_hurts_nobody_and_the_next_one_works(valkey, bells, monkeypatch):
    ring, tried = bells.ring, []
    monkeypatch.setattr(bells, "ring", lambda names: tried.append(names) or away())
    bells.ring_soon("webhooks")
    until(lambda: tried)
    monkeypatch.setattr(bells, "ring", ring)

    bells.ring_soon("webhooks")

    until(lambda: waiting(valkey)["inbound"] == [("webhooks",)])


def test_a_bell_nobody_knows_is_a_fault():
    with pytest.raises(KeyError):
        jobs.queue_of("nothing")


def test_while_a_worker_stays_a_ring_makes_no_new_job(valkey, bells):
    assert bells.stay("webhooks", "me")

    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == []

    bells.leave("webhooks", "me")
    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == [("webhooks",)]


def test_one_stays_and_another_neither_stays_nor_sends_it_away(valkey, bells):
    assert bells.stay("webhooks", "me")

    assert not bells.stay("webhooks", "another")
    bells.leave("webhooks", "another")
    bells.answered("webhooks")
    assert bells.stay("webhooks", "me")

    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == []


def test_whoever_stays_and_is_killed_is_not_waited_for(valkey, bells):
    bells.stay("webhooks", "me")

    assert 0 < valkey.ttl("peoplelink:stays:webhooks") <= 5
