import pytest
from rq import Queue

from peoplelink import jobs


@pytest.fixture
def bells(valkey):
    return jobs.RqJobs(valkey)


def waiting(valkey):
    return {name: [job.args for job in Queue(name, connection=valkey).jobs] for name in jobs.QUEUES}


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


def test_the_mark_of_a_lost_job_runs_out(valkey, bells):
    bells.ring(["webhooks"])

    assert 0 < valkey.ttl("peoplelink:bell:webhooks") <= 5


def test_a_bell_nobody_knows_is_a_fault():
    with pytest.raises(KeyError):
        jobs.queue_of("nothing")


def test_while_a_worker_stays_at_it_a_ring_makes_no_new_job(valkey, bells):
    bells.still_answering("webhooks")

    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == []

    bells.answered("webhooks")
    bells.ring(["webhooks"])
    assert waiting(valkey)["inbound"] == [("webhooks",)]
