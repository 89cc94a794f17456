"""Every request to send is remembered if told to, whatever became of it, and so is when the app said yes to a text."""

import contextlib

import pytest
from python_http_client.exceptions import HTTPError
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.parts import OURS, Reply, a_mail

RESIDENT = "+447700900123"


@pytest.fixture
def sandbox(start_sandbox):
    return start_sandbox(keep_requests=True)


def text(twilio, to=RESIDENT):
    with contextlib.suppress(TwilioRestException):
        twilio.messages.create(to=to, body="Hello", from_=OURS, status_callback="http://127.0.0.1:1/status?d=7")


def mail(mailer, *people):
    with contextlib.suppress(HTTPError):
        mailer.send(a_mail(*people))


def requests_of(sandbox):
    return sandbox.call("GET", "/sandbox/requests").json


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ({}, "accepted"),
        ({"rate_429": 1}, "refused 429"),
        ({"rate_5xx_before": 1}, "refused 500"),
        ({"rate_5xx_after": 1}, "accepted, then 500"),
    ],
)
def test_a_request_is_remembered_with_what_became_of_it(sandbox, twilio, mailer, faults, outcome):
    sandbox.order(**faults)

    text(twilio)
    mail(mailer, {"to": [{"email": "Ash@example.org"}], "custom_args": {"d": "8"}}, "birch@example.org")

    rows = [(row["medium"], row["to"], row["mark"], row["outcome"]) for row in requests_of(sandbox)]
    assert rows == [
        ("sms", RESIDENT, "http://127.0.0.1:1/status?d=7", outcome),
        ("email", "ash@example.org", {"d": "8"}, outcome),
        ("email", "birch@example.org", None, outcome),
    ]


def test_silence_after_accepting_is_told_apart_from_a_yes(sandbox, mailer):
    sandbox.order(rate_timeout_after=1, timeout_seconds=0.1)

    with contextlib.suppress(OSError):
        mailer.send(a_mail())

    assert [row["outcome"] for row in requests_of(sandbox)] == ["accepted, then silence"]


def test_a_refusal_by_the_providers_own_rules_is_remembered(sandbox, twilio):
    sandbox.text_in(RESIDENT, "STOP")

    text(twilio)

    assert [row["outcome"] for row in requests_of(sandbox)] == ["refused"]


def test_clearing_the_ledger_forgets_requests_too(sandbox, twilio):
    text(twilio)

    sandbox.call("DELETE", "/sandbox/ledger")

    assert requests_of(sandbox) == []


def test_nothing_is_remembered_unless_told_to(start_sandbox, make_twilio):
    sandbox = start_sandbox()

    text(make_twilio(sandbox))

    assert requests_of(sandbox) == []


def test_the_ledger_says_when_the_app_had_said_yes_to_a_text(sandbox, sink):
    sandbox.text_in(RESIDENT, "STOP")
    sink.answer = lambda path: Reply(503)
    sandbox.text_in("+447700900124", "STOP")

    told = {entry["from"]: entry["told_at"] for entry in sandbox.ledger("?origin=all") if entry["origin"] == "handset"}

    assert told[RESIDENT] is not None
    assert told["+447700900124"] is None


def test_a_brief_ledger_has_no_words(sandbox, twilio, mailer):
    text(twilio)
    mail(mailer)

    texted, mailed = sandbox.ledger("?brief=1")

    assert not {"body", "text", "html", "subject"} & (texted.keys() | mailed.keys())
    assert (texted["to"], mailed["to"]) == (RESIDENT, "ash@example.org")
