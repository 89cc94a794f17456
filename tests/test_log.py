import json
import subprocess
import sys

import pytest

from peoplelink import log


@pytest.mark.parametrize(
    "number",
    ["07700 900123", "+447700900123", "0044 7700 900123", "07700-900-123", "+44 (0)7700 900123", "(07700) 900123"],
)
def test_every_spelling_of_a_number_is_blotted(number):
    redacted = log.redact(f"to {number}.")

    assert "900" not in redacted
    assert "[number]" in redacted


@pytest.mark.parametrize("mailbox", ["a@example.org", "first.last+tag@sub.example.co.uk", "<x@example.com>"])
def test_a_mailbox_is_blotted(mailbox):
    assert "example" not in log.redact(f"to {mailbox} now")


@pytest.mark.parametrize(
    "text", ["delivery 7f3c9c1e-0d4b-4b7e-9c39-0123456789ab", "2026-03-21T14:30:00Z", "count 1204 of 1210", "port 8000"]
)
def test_ids_times_and_counts_stay(text):
    assert log.redact(text) == text


SPEAKING = """
import logging, structlog
from peoplelink import log
log.set_up()
structlog.get_logger("x").info("sent", to="+447700900123", delivery="d1")
logging.getLogger("library").warning("refused %s", "+447700900123")
try:
    raise ValueError("resident@example.org")
except ValueError:
    structlog.get_logger("x").exception("failed")
"""


def test_fields_library_lines_and_tracebacks_pass_the_filter():
    # A process of its own: logging is set up once a process.
    said = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True, text=True, check=True).stderr

    assert "900123" not in said
    assert "resident@" not in said
    event = json.loads(said.splitlines()[0])
    assert (event["event"], event["delivery"], event["to"]) == ("sent", "d1", "[number]")
    assert "ValueError: [mailbox]" in said
