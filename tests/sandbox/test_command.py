"""`python -m peoplelink.sandbox` as a process: starts, says where, stops; says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.sandbox.parts import ACCOUNT, API_KEY, DOMAIN, EVENT_PRIVATE, PARSE_PRIVATE, TOKEN

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SENDGRID_API_KEY": API_KEY,
    "SANDBOX_EVENT_PRIVATE_KEY": EVENT_PRIVATE,
    "SANDBOX_PARSE_PRIVATE_KEY": PARSE_PRIVATE,
    "PEOPLELINK_PUBLIC_URL": "http://127.0.0.1:1/",
    "PEOPLELINK_INBOUND_DOMAIN": DOMAIN,
}


def begin(*flags, **changes):
    env = {**os.environ, **ENVIRONMENT, **changes}
    return subprocess.Popen(
        [sys.executable, "-m", "peoplelink.sandbox", *flags],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_when_asked(tmp_path, stop):
    process = begin("--port", "0", "--journal", str(tmp_path / "j.jsonl"), "--fault", "latency_ms=1")
    line = process.stdout.readline()
    with urllib.request.urlopen(line.split()[-1] + "/sandbox/faults", timeout=5) as answer:
        plan = answer.read()

    process.send_signal(stop)
    _, errors = process.communicate(timeout=10)

    assert line.startswith("sandbox listening on http://127.0.0.1:")
    assert b'"latency_ms":1' in plan
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_a_clear_message():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = begin("--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 1
    assert "Choose another with --port" in errors


@pytest.mark.parametrize(
    ("flags", "changes", "words"),
    [
        ((), {"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ((), {"SANDBOX_EVENT_PRIVATE_KEY": "rubbish"}, "P-256"),
        (("--fault", "rate_42=1"), {}, "Unknown faults"),
        (("--fault", "latency_ms=slow"), {}, "is not a number"),
        (("--keywords", "sometimes"), {}, "sometimes"),
    ],
)
def test_a_wrong_setting_is_named(flags, changes, words):
    process = begin("--port", "0", *flags, **changes)
    _, errors = process.communicate(timeout=10)

    assert process.returncode == 2
    assert words in errors
