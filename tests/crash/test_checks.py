"""Each rule finds the breach it is for, and nothing else does: a crash test that cannot fail shows nothing."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from tests.crash.checks import breaches
from tests.crash.facts import Accepted, Facts, Request, Row, Stop

NOON = dt.datetime(2026, 3, 21, 12, tzinfo=dt.UTC)
NUMBER, MAILBOX = "+447700900123", "ash@example.org"
TEXT = Row(1, "d-text", "broadcast", "b-1", "sms", NUMBER, "delivered", None, 1)
EMAIL = Row(2, "d-email", "broadcast", "b-1", "email", MAILBOX, "delivered", None, 1)
TEXTED = Accepted("SM1", "sms", NUMBER, "d-text", 1, "delivered", NOON)
MAILED = Accepted("sg1", "email", MAILBOX, "d-email", 1, "delivered", NOON)


def facts(**changes):
    """A round in which all went well."""
    good = Facts(
        rows=[TEXT, EMAIL],
        ledger=[TEXTED, MAILED],
        requests=[
            Request(NOON, "sms", NUMBER, "d-text", 1, "accepted"),
            Request(NOON, "email", MAILBOX, "d-email", 1, "accepted"),
        ],
        stops=[],
        expected={NUMBER: "b-1", MAILBOX: "b-1"},
        suppressed={},
        broadcasts={"b-1": "finished"},
        attempts={("d-text", 1), ("d-email", 1)},
    )
    return replace(good, **changes)


def after(seconds):
    return NOON + dt.timedelta(seconds=seconds)


def stopped_at(moment, *requests, **changes):
    """A resident stopped, and the provider confirmed it."""
    first = Request(NOON, "sms", NUMBER, "d-text", 1, "accepted")
    given = {
        "stops": [Stop(NUMBER, moment)],
        "suppressed": {NUMBER: frozenset({"stop"})},
        "confirmed": Counter([NUMBER]),
    }
    return facts(requests=[first, *requests], **given | changes)


def test_a_good_round_has_no_breach():
    assert breaches(facts()) == []


BAD = {
    "nobody twice": [
        facts(ledger=[TEXTED, replace(TEXTED, id="SM2"), MAILED]),
        facts(rows=[TEXT, EMAIL, replace(TEXT, id=3, public_id="d-other", status="suppressed")]),
    ],
    "nobody missed": [facts(rows=[TEXT], ledger=[TEXTED])],
    "everybody ends": [
        facts(rows=[replace(TEXT, status="unconfirmed"), EMAIL]),
        facts(rows=[replace(TEXT, status="queued"), EMAIL], ledger=[MAILED]),
        facts(broadcasts={"b-1": "sending"}),
    ],
    "states are true": [
        facts(ledger=[MAILED]),
        facts(rows=[replace(TEXT, status="suppressed"), EMAIL]),
        facts(rows=[replace(TEXT, status="failed"), EMAIL], ledger=[MAILED]),
    ],
    "states equal the ledger's": [
        facts(rows=[replace(TEXT, status="sent"), EMAIL]),
        facts(rows=[replace(TEXT, status="failed", reason="unreachable"), EMAIL]),
        facts(ledger=[replace(TEXTED, status="undelivered"), MAILED]),
        facts(ledger=[TEXTED, replace(MAILED, status="deferred")]),
    ],
    "silence after STOP": [
        stopped_at(NOON, Request(after(1.01), "sms", NUMBER, "d-text", 1, "refused")),
    ],
    "every STOP is known": [
        facts(stops=[Stop(NUMBER, None)]),
        facts(stops=[Stop(NUMBER, NOON)], suppressed={NUMBER: frozenset({"bounced"})}),
        stopped_at(NOON, confirmed=Counter()),
    ],
    "proofs hold": [facts(proofs={"b-1": ("A link was changed.",)})],
    "nothing unknown": [facts(attempts={("d-text", 1)})],
    "services stop": [facts(slow_to_stop={"worker-a": 60.0})],
}


@pytest.mark.parametrize(("rule", "bad"), [(rule, bad) for rule, many in BAD.items() for bad in many])
def test_a_rule_finds_the_breach_it_is_for(rule, bad):
    assert rule in {breach.rule for breach in breaches(bad)}


def test_a_second_confirmation_of_a_stop_is_a_breach():
    answers = [
        Row(number, f"a-{number}", "opt_out_answer", None, "sms", NUMBER, "failed", "unreachable", 1)
        for number in (3, 4)
    ]

    found = breaches(stopped_at(NOON, rows=[TEXT, EMAIL, *answers], confirmed=Counter()))

    assert [(breach.rule, breach.says) for breach in found] == [("every STOP is known", "confirmed 2 times")]


@pytest.mark.parametrize("seconds", [-5, 0, 0.99])
def test_a_message_up_to_a_second_after_stop_is_no_breach(seconds):
    assert breaches(stopped_at(NOON, Request(after(seconds), "sms", NUMBER, "d-text", 1, "refused 500"))) == []


def test_the_confirmation_of_a_stop_may_come_later():
    answer = Row(3, "d-answer", "opt_out_answer", None, "sms", NUMBER, "delivered", None, 1)
    late = Request(after(20), "sms", NUMBER, "d-answer", 1, "accepted")

    found = breaches(
        stopped_at(
            NOON, late, rows=[TEXT, EMAIL, answer],
            ledger=[TEXTED, MAILED, replace(TEXTED, id="SM2", delivery="d-answer")],
            attempts={("d-text", 1), ("d-email", 1), ("d-answer", 1)}, confirmed=Counter(),
        )
    )  # fmt: skip

    assert found == []


def test_somebody_who_stopped_before_the_release_is_not_missed():
    gone = facts(rows=[EMAIL], ledger=[MAILED], suppressed={NUMBER: frozenset({"stop"})})

    assert breaches(gone) == []


def test_a_final_reason_and_no_message_is_an_end():
    rows = [replace(TEXT, status="failed", reason="throttled"), replace(EMAIL, status="suppressed")]

    assert breaches(facts(rows=rows, ledger=[])) == []
