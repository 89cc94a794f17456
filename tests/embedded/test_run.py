"""`peoplelink run` for real: every part starts, is kept running, and is gone at the end."""

import os
import signal
import socket
import sys
import time

import pytest
from redis import Redis

from peoplelink.embedded import secrets
from tests.embedded.running import Installation, alive, command, status

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One installation for the tests that leave it running."""
    installation = Installation(tmp_path_factory.mktemp("running"))
    yield installation
    installation.stop()


@pytest.fixture
def fresh(tmp_path):
    installation = Installation(tmp_path)
    yield installation
    installation.stop()


def test_every_part_answers(running):
    assert status(f"{running.url}/readyz") == 200
    assert status(running.handset) == 200


def test_it_names_the_stand_ins_and_the_first_officer_once(running):
    assert "SQLite, in var/peoplelink.db" in running.said()
    assert running.said().count("officer@example.org with ") == 1


def test_what_it_keeps_is_for_the_owner_only(running):
    assert (running.folder / "var").stat().st_mode & 0o077 == 0


def test_no_key_stands_in_the_logs(running):
    kept = (running.folder / "var" / "secrets.env").read_text()
    keys = [line.partition("=")[2] for line in kept.splitlines() if "PRIVATE" in line or "TOKEN" in line]
    logs = "".join(path.read_text() for path in (running.folder / "var" / "log").iterdir())

    assert keys
    assert not any(key in logs + running.said() for key in keys)


def test_the_doctor_finds_nothing_wrong(running):
    running.until(lambda: "none is at work" not in command(running.folder, "doctor").stdout, 20)

    examined = command(running.folder, "doctor")

    assert "WRONG" not in examined.stdout
    assert examined.returncode == 0


@pytest.mark.parametrize("words", ["worker urgent inbound bulk", "scheduler", "peoplelink.sandbox", "gunicorn"])
def test_a_killed_child_is_started_again(running, words):
    replacement = running.kill_child(words)

    assert alive(replacement)
    running.until(lambda: status(f"{running.url}/readyz") == status(running.handset) == 200, 30)


def test_the_queue_comes_back_after_a_kill_with_what_it_held(running):
    url = secrets.read(running.folder / "var" / "running.env")["REDIS_URL"]
    with Redis.from_url(url) as connection:
        connection.set("kept", "yes")
    time.sleep(1.5)  # it writes to disk once a second

    running.kill_child("valkey-server" if running.child("valkey-server") else "redis-server")

    running.until(lambda: status(f"{running.url}/readyz") == 200, 30)
    with Redis.from_url(url) as connection:
        assert connection.get("kept") == b"yes"


def test_a_second_one_in_the_same_folder_is_refused(running):
    second = command(running.folder, "run", "--port", "0", "--sandbox-port", "0")

    assert second.returncode == 1
    assert "already runs from this folder" in second.stderr


def test_a_taken_port_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command(tmp_path, "run", "--port", str(port))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: Port {port} on this machine is taken by another program.")


def test_a_half_set_provider_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.embedded.running.environment", lambda: os.environ | {"SENDGRID_API_KEY": "SG.x"})

    refused = command(tmp_path, "run", "--port", "0", "--sandbox-port", "0")

    assert refused.returncode == 1
    assert "Set SENDGRID_FROM" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_ctrl_c_ends_everything_within_ten_seconds(fresh):
    processes = fresh.processes()
    began = time.monotonic()

    fresh.process.send_signal(signal.SIGINT)
    fresh.process.wait(15)

    assert time.monotonic() - began < 10
    assert len(processes) >= 8  # ourselves, queue, sandbox, web and its two, two workers, scheduler
    assert [pid for pid in processes if alive(pid)] == []
    assert "People Link has stopped." in fresh.said()


def test_nothing_outlives_a_killed_supervisor(fresh):
    processes = fresh.processes()

    fresh.process.kill()
    fresh.process.wait()

    fresh.until(lambda: not any(alive(pid) for pid in processes), 15)


def test_a_second_start_finds_the_data_of_the_first(fresh):
    added = command(
        fresh.folder, "officer", "add", "--name", "Second officer", "--email", "second@example.org",
        "--role", "viewer", "--all-zones", "--generate",
    )  # fmt: skip
    fresh.stop()

    again = Installation(fresh.folder)

    try:
        twice = command(
            fresh.folder, "officer", "add", "--name", "Second officer", "--email", "second@example.org",
            "--role", "viewer", "--all-zones", "--generate",
        )  # fmt: skip
    finally:
        again.stop()
    assert added.returncode == 0, added.stderr
    assert "already an officer" in twice.stderr
    assert "Sign in at" not in again.said()


def test_the_doctor_says_what_to_do_when_nothing_runs(tmp_path):
    examined = command(tmp_path, "doctor")

    assert examined.returncode == 1
    assert "Set DATABASE_URL" in examined.stdout


def test_the_doctor_says_that_a_stopped_installation_does_not_run(fresh):
    fresh.stop()

    examined = command(fresh.folder, "doctor")

    wrong = [line for line in examined.stdout.splitlines() if line.startswith(("WRONG", "look"))]
    assert examined.returncode == 1
    assert len(wrong) == 1, examined.stdout
    assert "is not running" in wrong[0]
    assert "Start it: make run" in wrong[0]
