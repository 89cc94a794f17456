"""Children are started again, and ended with all that they forked."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from peoplelink.embedded import guard, ports
from peoplelink.embedded.errors import DidNotStartError, PortTakenError
from peoplelink.embedded.supervisor import Plan, Supervisor

SLEEPS = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
# As RQ does: the horse leads a process group of its own, and outlives a worker that is killed.
FORKS = """
import os, time
if os.fork() == 0:
    os.setpgrp()
print("forked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    made = Supervisor(os.environ, tmp_path / "log", said.append)
    yield made
    made.stop(hurry=lambda: True)


def python(name, code, wave=0):
    return Plan(name, [sys.executable, "-c", code], wave)


def only_child(supervisor):
    [child] = supervisor._children
    return child


def tend_until(supervisor, condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        supervisor.tend()
        time.sleep(0.05)


def test_a_killed_child_is_started_again(supervisor, said):
    supervisor.add(python("sleeper", SLEEPS))
    first = only_child(supervisor).process
    first.kill()

    tend_until(supervisor, lambda: only_child(supervisor).process not in {first, None})

    assert only_child(supervisor).poll() is None
    assert "sleeper ended by itself" in said[0]


def test_a_child_that_never_stays_up_ends_the_start_with_its_last_words(supervisor):
    supervisor.add(python("broken", "raise SystemExit('no such setting')"))

    with pytest.raises(DidNotStartError, match="no such setting"):
        supervisor.await_ready(lambda: False, seconds=30, stopped=lambda: False)


def test_children_that_listen_end_at_the_first_request(supervisor):
    supervisor.add(python("sleeper", SLEEPS))
    began = time.monotonic()

    supervisor.stop(hurry=lambda: False)

    assert time.monotonic() - began < 2
    assert only_child(supervisor).process.returncode == -signal.SIGTERM


def test_a_deaf_child_is_ended_within_ten_seconds(supervisor, tmp_path):
    supervisor.add(python("deaf", DEAF))
    tend_until(supervisor, lambda: "deaf" in (tmp_path / "log" / "deaf.log").read_text())
    began = time.monotonic()

    supervisor.stop(hurry=lambda: False)

    assert 6 < time.monotonic() - began < 10
    assert only_child(supervisor).living() == []


def test_what_a_killed_child_had_forked_is_ended_too(supervisor, tmp_path):
    supervisor.add(python("worker", FORKS))
    tend_until(supervisor, lambda: (tmp_path / "log" / "worker.log").read_text().count("forked") == 2)
    worker = only_child(supervisor).process
    horses = set(guard.members(worker.pid)) - {worker.pid}
    worker.kill()
    tend_until(supervisor, lambda: only_child(supervisor).process not in {worker, None})

    supervisor.stop(hurry=lambda: True)

    assert len(horses) == 1
    assert guard.members(worker.pid) == []
    assert only_child(supervisor).living() == []


def test_the_sandbox_and_the_queue_are_stopped_after_those_who_use_them(supervisor, tmp_path):
    notes = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(time.time()))); "
    for name, wave in (("queue", 2), ("sandbox", 1), ("worker", 0)):
        supervisor.add(python(name, f"{notes}print('up', flush=True); time.sleep(60)", wave))
    logs = {name: tmp_path / "log" / f"{name}.log" for name in ("worker", "sandbox", "queue")}
    tend_until(supervisor, lambda: all("up" in log.read_text() for log in logs.values()))

    supervisor.stop(hurry=lambda: False)

    moments = [float(log.read_text().split()[-1]) for log in logs.values()]
    assert moments == sorted(moments)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_children_end_when_the_supervisor_is_killed(tmp_path):
    code = f"""
import os, sys, time
from pathlib import Path
from peoplelink.embedded.supervisor import Plan, Supervisor
supervisor = Supervisor(os.environ, Path({str(tmp_path)!r}), print)
supervisor.add(Plan("sleeper", [sys.executable, "-c", {SLEEPS!r}]))
print(supervisor._children[0].process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert guard.members(child) == [child]

        parent.kill()

    until = time.monotonic() + 5
    while guard.members(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert guard.members(child) == []


def test_a_taken_port_is_named_with_what_to_do():
    port = ports.claim(0, "--port")

    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTakenError, match=f"{port}.*--port {port + 10}"):
        ports.claim(port, "--port")
