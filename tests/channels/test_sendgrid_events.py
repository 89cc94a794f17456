"""SendGrid's events: who may report, and what they say. The signature cases hold for mail just the same."""

import datetime as dt
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.channels.errors import InvalidSignatureError, UnreadablePayloadError
from peoplelink.channels.messages import EventKind, FailureReason, ProviderRequest
from peoplelink.channels.sendgrid import SendGridChannel, SendGridSettings
from tests.channels.signing import Signer

EVENTS, MAIL = Signer(), Signer()


def channel(event_key, parse_key):
    return SendGridChannel(
        SendGridSettings(
            api_key="SG.key",
            from_address="link@example.org",
            event_public_key=event_key,
            parse_public_key=parse_key,
        )
    )


CHANNEL = channel(EVENTS.public_key, MAIL.public_key)
ONE_KEY = channel(EVENTS.public_key, EVENTS.public_key)

EVENT = {
    "email": "person@example.com",
    "timestamp": 1_795_000_000,
    "event": "delivered",
    "sg_event_id": "ev-1",
    "sg_message_id": "m-1.recvd-5",
    "category": ["call-1"],
    "pl_delivery": "d-1",
    "pl_attempt": "2",
    "pl_call": "call-1",
    "a_field_of_tomorrow": {"x": 1},
}
BODY = b'[{"event":"delivered","url":"\\u003c"},\r\n{"event":"open"}]\r\n'


def events(*batch):
    return CHANNEL.parse_status(EVENTS.request(json.dumps(batch).encode()))


def test_what_sendgrid_signed_is_let_in_byte_for_byte():
    CHANNEL.verify_status(EVENTS.request(BODY))
    CHANNEL.verify_inbound(MAIL.request(b"--xYzZY\r\n\xff\x00\x85"))


def test_the_case_of_header_names_does_not_matter():
    asked = EVENTS.request(BODY)
    lower = {name.lower(): value for name, value in asked.headers.items()}

    CHANNEL.verify_status(ProviderRequest(asked.url, lower, BODY))


@pytest.mark.parametrize("age", [0, 6 * 24 * 3600, -300])
def test_a_retry_days_later_is_let_in(age):
    CHANNEL.verify_status(EVENTS.request(BODY, stamp=str(int(time.time()) - age)))


GOOD = EVENTS.headers(BODY)
SIGNATURE, TIMESTAMP = GOOD


def altered(**changes):
    return {
        **GOOD,
        **{{"signature": SIGNATURE, "timestamp": TIMESTAMP}[name]: value for name, value in changes.items()},
    }


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({}, BODY, id="missing"),
        pytest.param({SIGNATURE: GOOD[SIGNATURE]}, BODY, id="no timestamp"),
        pytest.param({TIMESTAMP: GOOD[TIMESTAMP]}, BODY, id="no signature"),
        pytest.param(altered(signature=""), BODY, id="empty"),
        pytest.param(Signer().headers(BODY), BODY, id="another key"),
        pytest.param({SIGNATURE: GOOD[TIMESTAMP], TIMESTAMP: GOOD[SIGNATURE]}, BODY, id="swapped"),
        pytest.param(altered(signature=GOOD[SIGNATURE][:-8]), BODY, id="cut"),
        pytest.param(altered(signature=GOOD[SIGNATURE][:-1]), BODY, id="bad padding"),
        pytest.param(altered(signature="AAAA"), BODY, id="not DER"),
        pytest.param(altered(signature="é\udcff"), BODY, id="not ASCII"),
        pytest.param(altered(timestamp="٣"), BODY, id="another script's digits"),
        pytest.param(altered(timestamp=str(int(GOOD[TIMESTAMP]) + 1)), BODY, id="another time"),
        pytest.param(altered(timestamp="9" * 50), BODY, id="an endless time"),
        pytest.param(GOOD, BODY + b" ", id="another body"),
        pytest.param(GOOD, BODY.replace(b"\r\n", b"\n"), id="rewritten body"),
        pytest.param(GOOD, b"", id="no body"),
        pytest.param(EVENTS.headers(BODY, stamp=str(int(time.time()) - 8 * 24 * 3600)), BODY, id="too old"),
        pytest.param(EVENTS.headers(BODY, stamp=str(int(time.time()) + 3600)), BODY, id="too new"),
    ],
)
def test_what_sendgrid_did_not_sign_is_kept_out(headers, body):
    asked = ProviderRequest("https://link.example.org", headers, body)

    with pytest.raises(InvalidSignatureError):
        ONE_KEY.verify_status(asked)
    with pytest.raises(InvalidSignatureError):
        ONE_KEY.verify_inbound(asked)


def test_the_key_of_one_webhook_does_not_open_the_other():
    with pytest.raises(InvalidSignatureError):
        CHANNEL.verify_status(MAIL.request(BODY))
    with pytest.raises(InvalidSignatureError):
        CHANNEL.verify_inbound(EVENTS.request(BODY))


@given(st.text(max_size=40), st.text(max_size=20), st.binary(max_size=100))
def test_no_request_at_all_raises_anything_else(signature, timestamp, body):
    asked = ProviderRequest("https://link.example.org", {SIGNATURE: signature, TIMESTAMP: timestamp}, body)

    with pytest.raises(InvalidSignatureError):
        CHANNEL.verify_status(asked)


@pytest.mark.parametrize("key", ["", "not base64!", "AAAA", "é"])
def test_a_bad_key_is_told_at_the_start(key):
    with pytest.raises(ValueError, match="key"):
        channel(EVENTS.public_key, key)


def test_an_event_is_read_with_our_ids():
    [event] = events(EVENT)

    assert (event.delivery, event.attempt, event.call_id) == ("d-1", 2, "call-1")
    assert (event.event_id, event.provider_message_id) == ("ev-1", "m-1.recvd-5")
    assert event.occurred_at == dt.datetime.fromtimestamp(1_795_000_000, dt.UTC)


@pytest.mark.parametrize(
    ("fields", "kind", "reason", "permanent", "word"),
    [
        ({"event": "processed"}, EventKind.ACCEPTED, None, False, "processed"),
        ({"event": "deferred", "reason": "busy"}, EventKind.ACCEPTED, None, False, "deferred"),
        ({"event": "delivered"}, EventKind.DELIVERED, None, False, "delivered"),
        ({"event": "open"}, EventKind.UNKNOWN, None, False, "open"),
        ({"event": "click"}, EventKind.UNKNOWN, None, False, "click"),
        ({"event": "group_resubscribe"}, EventKind.UNKNOWN, None, False, "group_resubscribe"),
        ({"event": "tomorrow"}, EventKind.UNKNOWN, None, False, "tomorrow"),
        ({"event": "spamreport"}, EventKind.COMPLAINED, None, False, "spamreport"),
        ({"event": "unsubscribe"}, EventKind.UNSUBSCRIBED, None, False, "unsubscribe"),
        ({"event": "group_unsubscribe"}, EventKind.UNSUBSCRIBED, None, False, "group_unsubscribe"),
        ({"event": "bounce", "type": "bounce"}, EventKind.FAILED, FailureReason.BAD_ADDRESS, True, "bounce bounce"),
        ({"event": "bounce"}, EventKind.FAILED, FailureReason.BAD_ADDRESS, True, "bounce"),
        ({"event": "bounce", "type": "blocked"}, EventKind.FAILED, FailureReason.BLOCKED, False, "bounce blocked"),
        ({"event": "bounce", "type": "new"}, EventKind.FAILED, FailureReason.UNKNOWN, False, "bounce new"),
        (
            {"event": "dropped", "reason": "Bounced Address"},
            EventKind.FAILED,
            FailureReason.BAD_ADDRESS,
            True,
            "dropped",
        ),
        (
            {"event": "dropped", "reason": "Unsubscribed Address"},
            EventKind.FAILED,
            FailureReason.OPTED_OUT,
            True,
            "dropped",
        ),
        (
            {"event": "dropped", "reason": "Spam Reporting Address"},
            EventKind.FAILED,
            FailureReason.OPTED_OUT,
            True,
            "dropped",
        ),
        (
            {"event": "dropped", "reason": "Invalid SMTPAPI header"},
            EventKind.FAILED,
            FailureReason.CONTENT,
            False,
            "dropped",
        ),
        ({"event": "dropped", "reason": "Invalid"}, EventKind.FAILED, FailureReason.BAD_ADDRESS, True, "dropped"),
        ({"event": "dropped", "reason": "New"}, EventKind.FAILED, FailureReason.UNKNOWN, False, "dropped"),
        ({"event": "dropped", "reason": None}, EventKind.FAILED, FailureReason.UNKNOWN, False, "dropped"),
    ],
)
def test_sendgrids_word_becomes_ours(fields, kind, reason, permanent, word):
    [event] = events({**EVENT, **fields})

    assert (event.kind, event.reason, event.permanent, event.provider_word) == (kind, reason, permanent, word)


def test_reasons_that_quote_the_address_stay_out():
    said = {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 <person@example.com> unknown"}

    [event] = events({**EVENT, **said})

    assert event.provider_code == "5.1.1"
    assert "person" not in repr(event)


def test_a_late_bounce_without_our_arguments_keeps_the_call():
    late = {name: value for name, value in EVENT.items() if not name.startswith("pl_") and name != "sg_message_id"}

    [event] = events({**late, "event": "bounce", "category": "call-1"})

    assert (event.call_id, event.delivery, event.attempt, event.provider_message_id) == ("call-1", None, None, None)


def test_odd_events_do_not_hide_the_others():
    odd = [1, None, "x", [], {}, {"event": 5}, {**EVENT, "timestamp": "noon"}, {**EVENT, "pl_delivery": {}}]

    assert [event.event_id for event in events(*odd, EVENT)] == ["ev-1"]


@pytest.mark.parametrize(
    ("field", "value", "name", "read"),
    [
        ("timestamp", 10**18, "occurred_at", None),
        ("timestamp", None, "occurred_at", None),
        ("pl_attempt", "-1", "attempt", None),
        ("pl_attempt", 10**30, "attempt", None),
        ("category", [], "call_id", "call-1"),
        ("category", [{}], "call_id", "call-1"),
        ("status", "person@example.com", "provider_code", ""),
        ("sg_event_id", "a\x00b", "event_id", "a\ufffdb"),
    ],
)
def test_an_odd_value_is_left_out_and_the_event_read(field, value, name, read):
    [event] = events({**EVENT, field: value})

    assert getattr(event, name) == read


def test_the_same_news_without_an_id_gets_the_same_id():
    nameless = {name: value for name, value in EVENT.items() if name != "sg_event_id"}

    first, second, other = events(nameless, nameless, {**nameless, "event": "open"})

    assert first.event_id == second.event_id != other.event_id


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"\xff", b"[" * 100_000, b'"delivered"'])
def test_a_body_that_is_no_batch_cannot_be_read(body):
    with pytest.raises(UnreadablePayloadError):
        CHANNEL.parse_status(EVENTS.request(body))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(EVENT)), inner, max_size=6),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=4))
def test_no_batch_at_all_blows_up(batch):
    read = events(*batch)

    assert all(event.event_id for event in read)
