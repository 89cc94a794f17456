"""A worker that is told to stop, or loses its parent, while messages are in flight: each is written down."""

import os
import signal

import pytest

from peoplelink.channels.messages import Medium
from peoplelink.outbound.states import DeliveryStatus
from tests.workers.stage import until_true

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def in_flight(stage, at_least):
    return lambda: stage.counts().get(DeliveryStatus.SENDING, 0) >= at_least


def each_sent_once(stage, medium="sms"):
    sent = [one["to"] for one in stage.sandbox.accepted(medium=medium)]
    assert len(sent) == len(set(sent)) == stage.counts()[DeliveryStatus.SENT] + stage.counts().get("delivered", 0)


@pytest.mark.parametrize(("medium", "latency"), [(Medium.SMS, 4), (Medium.EMAIL, 8)])
def test_one_sigterm_and_what_is_in_flight_is_recorded(stage, medium, latency):
    stage.plant(500, medium)
    stage.fault(latency_ms=latency * 1000)
    worker = stage.worker()
    stage.ring()
    until_true(in_flight(stage, 100), 20)

    worker.ask_to_stop()
    until_true(lambda: worker.pid is None, 30)

    counts = stage.counts()
    assert DeliveryStatus.SENDING not in counts
    assert worker.exit_status() == 0
    assert worker.members() == []
    each_sent_once(stage, medium.value)


def test_a_horse_whose_worker_was_killed_records_what_is_in_flight_and_ends(stage):
    stage.plant(800)
    stage.fault(latency_ms=2000)
    worker = stage.worker()
    stage.ring()
    until_true(in_flight(stage, 100), 20)

    os.kill(worker.pid, signal.SIGKILL)
    until_true(lambda: not worker.members(), 60)

    counts = stage.counts()
    assert DeliveryStatus.SENDING not in counts
    assert counts[DeliveryStatus.QUEUED] > 0
    each_sent_once(stage)


def test_a_worker_without_work_ends_at_once_and_a_second_request_changes_nothing(stage):
    worker = stage.worker()
    until_true(lambda: b"rq:workers" in stage.queue_keys(), 20)

    worker.ask_to_stop()
    worker.ask_to_stop()

    assert until_true(lambda: worker.pid is None, 5) < 5
    assert worker.exit_status() == 0
