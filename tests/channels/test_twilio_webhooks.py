"""What Twilio pushes to us: who may, and what it says."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from peoplelink.channels.errors import InvalidSignatureError, UnreadablePayloadError
from peoplelink.channels.messages import (
    EventKind,
    FailureReason,
    Media,
    Medium,
    OptOutWord,
    ProviderRequest,
)
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.channels.twilio_errors import CODES, reason_for

URL = "https://link.example.org/webhooks/twilio/status?d=d-1&a=2"
SID = "SM" + "a" * 32
FORM = "application/x-www-form-urlencoded"


def channel(token="a-token"):
    return TwilioChannel(
        TwilioSettings(account_sid="AC" + "1" * 32, auth_token=token, public_url="https://link.example.org")
    )


def request(fields, *, token="a-token", url=URL, headers=None, signed_url=None):
    """A callback as Twilio sends it: form-encoded, signed over the address and every field."""
    signature = RequestValidator(token).compute_signature(signed_url or url, _Multi(fields))
    return ProviderRequest(
        url=url,
        headers={"X-Twilio-Signature": signature, **(headers or {})},
        body=urlencode(fields, doseq=True).encode(),
        content_type=FORM,
    )


class _Multi(dict):
    def getlist(self, name):
        value = self[name]
        return value if isinstance(value, list) else [value]


FIELDS = {"MessageSid": SID, "MessageStatus": "delivered", "To": "+447700900123", "Body": " é & “😀” ", "Empty": ""}


@pytest.mark.parametrize(
    "asked",
    [
        request(FIELDS),
        request({**FIELDS, "Repeated": ["b", "a", "b"]}),
        request(FIELDS, signed_url=URL.replace("example.org", "example.org:443")),
        request({}),
        request(FIELDS, headers={"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA1"}),
    ],
)
def test_what_twilio_signed_is_let_in(asked):
    channel().verify_status(asked)
    channel().verify_inbound(asked)


def test_the_case_of_header_names_does_not_matter():
    asked = request(FIELDS)
    lower = {name.lower(): value for name, value in asked.headers.items()}

    channel().verify_status(ProviderRequest(asked.url, lower, asked.body, asked.content_type))


@pytest.mark.parametrize("token", ["new", "old"])
def test_either_token_signs_while_they_are_rotated(token):
    channel("new old").verify_status(request(FIELDS, token=token))


GOOD = request(FIELDS)
SIGNATURE = GOOD.headers["X-Twilio-Signature"]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(ProviderRequest(URL, {}, GOOD.body), id="missing"),
        pytest.param(ProviderRequest(URL, {"X-Twilio-Signature": ""}, GOOD.body), id="empty"),
        pytest.param(request(FIELDS, token="another"), id="another token"),
        pytest.param(ProviderRequest(URL, {"X-Twilio-Signature": SIGNATURE[:-4]}, GOOD.body), id="cut"),
        pytest.param(ProviderRequest(URL, {"X-Twilio-Signature": SIGNATURE.swapcase()}, GOOD.body), id="altered"),
        pytest.param(ProviderRequest(URL, {"X-Twilio-Signature": "é\udcff" * 14}, GOOD.body), id="not ASCII"),
        pytest.param(ProviderRequest(URL, GOOD.headers, GOOD.body + b"&More=1"), id="another body"),
        pytest.param(ProviderRequest(URL, GOOD.headers, b"\xff\xfe"), id="odd bytes"),
        pytest.param(ProviderRequest(URL, GOOD.headers, b"a=1&" * 5000), id="too many fields"),
        pytest.param(ProviderRequest(URL, GOOD.headers, b""), id="no body"),
        pytest.param(ProviderRequest(URL.replace("d-1", "d-2"), GOOD.headers, GOOD.body), id="another delivery"),
        pytest.param(ProviderRequest(URL + "#rc=5", GOOD.headers, GOOD.body), id="another address"),
        pytest.param(
            request(FIELDS, headers={"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}),
            id="another algorithm",
        ),
        pytest.param(
            request(FIELDS, headers={"X-Twilio-Webhooks-Signature-Settings": "algorithm=none"}), id="no algorithm"
        ),
    ],
)
def test_what_twilio_did_not_sign_is_kept_out(asked):
    with pytest.raises(InvalidSignatureError):
        channel().verify_status(asked)
    with pytest.raises(InvalidSignatureError):
        channel().verify_inbound(asked)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5), st.binary(max_size=200))
def test_no_request_at_all_raises_anything_else(headers, body):
    with pytest.raises(InvalidSignatureError):
        channel().verify_status(ProviderRequest(URL, headers, body))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("accepted", EventKind.ACCEPTED),
        ("queued", EventKind.ACCEPTED),
        ("sending", EventKind.ACCEPTED),
        ("sent", EventKind.SENT),
        ("delivered", EventKind.DELIVERED),
        ("read", EventKind.DELIVERED),
        ("undelivered", EventKind.FAILED),
        ("failed", EventKind.FAILED),
        ("canceled", EventKind.FAILED),
        ("teleported", EventKind.UNKNOWN),
    ],
)
def test_twilios_word_becomes_ours(word, kind):
    [event] = channel().parse_status(request({"MessageSid": SID, "MessageStatus": word}))

    assert event.kind is kind
    assert event.provider_word == word
    assert event.event_id == f"{SID}:{word}:"
    assert (event.delivery, event.attempt, event.provider_message_id) == ("d-1", 2, SID)


@pytest.mark.parametrize(
    ("code", "reason", "permanent"),
    [
        ("30003", FailureReason.UNREACHABLE, False),
        ("30004", FailureReason.BLOCKED, False),
        ("30005", FailureReason.BAD_ADDRESS, True),
        ("30006", FailureReason.NOT_MOBILE, True),
        ("30007", FailureReason.CONTENT, False),
        ("30008", FailureReason.UNKNOWN, False),
        ("30036", FailureReason.EXPIRED, False),
        ("21610", FailureReason.OPTED_OUT, True),
        ("30001", FailureReason.THROTTLED, False),
        ("30034", FailureReason.CONFIGURATION, False),
        ("39999", FailureReason.UNKNOWN, False),
        ("", FailureReason.UNKNOWN, False),
        ("²", FailureReason.UNKNOWN, False),
    ],
)
def test_a_failure_says_why_and_whether_the_address_is_bad(code, reason, permanent):
    fields = {"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": code}

    [event] = channel().parse_status(request(fields))

    assert (event.reason, event.permanent, event.provider_code) == (reason, permanent, code)
    assert event.event_id == f"{SID}:undelivered:{code}"


def test_every_code_in_the_table_has_a_reason_an_officer_can_read():
    assert all(reason_for(str(code)) is rule[1] for code, rule in CODES.items())


def test_an_error_code_on_good_news_is_no_failure():
    [event] = channel().parse_status(request({"MessageSid": SID, "MessageStatus": "delivered", "ErrorCode": "30005"}))

    assert (event.reason, event.permanent) == (None, False)


@pytest.mark.parametrize("query", ["", "?d=&a=", "?a=x", "?a=9999999999999999999999", "?a=-1"])
def test_a_callback_without_our_ids_is_read_without_them(query):
    url = "https://link.example.org/webhooks/twilio/status" + query

    [event] = channel().parse_status(request({"MessageSid": SID, "MessageStatus": "sent"}, url=url))

    assert (event.delivery, event.attempt) == (None, None)


@pytest.mark.parametrize("body", [b"", b"MessageStatus=sent", b"MessageSid=SM1", b"\xff", b"{}"])
def test_a_status_that_names_no_message_cannot_be_read(body):
    with pytest.raises(UnreadablePayloadError):
        channel().parse_status(ProviderRequest(URL, {}, body))


INBOUND = {"MessageSid": SID, "From": "+447700900123", "To": "+447700900000", "Body": " Yes é \n", "NumMedia": "0"}


def test_a_text_is_read_untrimmed():
    message = channel().parse_inbound(request(INBOUND))

    assert message.medium is Medium.SMS
    assert (message.sender, message.recipient) == ("+447700900123", "+447700900000")
    assert (message.text, message.provider_message_id) == (" Yes é \n", SID)
    assert (message.opt_out, message.media, message.automatic, message.trusted_sender) == (None, (), False, True)


@pytest.mark.parametrize(
    ("told", "word"),
    [("STOP", OptOutWord.STOP), ("START", OptOutWord.START), ("HELP", OptOutWord.HELP), ("", None), ("ODD", None)],
)
def test_twilios_verdict_on_a_keyword_is_read(told, word):
    assert channel().parse_inbound(request({**INBOUND, "OptOutType": told})).opt_out is word


def test_pictures_are_kept_as_addresses():
    pictures = {"NumMedia": "2", "MediaUrl0": "https://api.example.org/0", "MediaContentType0": "image/JPEG"}

    message = channel().parse_inbound(request({**INBOUND, **pictures}))

    assert message.media == (Media("media-1", "image/jpeg", url="https://api.example.org/0"),)


@pytest.mark.parametrize("number", ["-1", "x", "", "99999999", "²"])
def test_an_odd_count_of_pictures_is_harmless(number):
    assert channel().parse_inbound(request({**INBOUND, "NumMedia": number})).media == ()


def test_characters_that_no_database_stores_are_replaced():
    fields = {name: value for name, value in INBOUND.items() if name != "Body"}
    body = urlencode({**fields, "Body": "a\x00b"}).encode() + b"%ED%A0%80"

    text = channel().parse_inbound(ProviderRequest(URL, {}, body)).text

    assert "\x00" not in text
    assert text.startswith("a\ufffdb")
    assert text.encode()


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_text_from_nobody_cannot_be_read(missing):
    with pytest.raises(UnreadablePayloadError):
        channel().parse_inbound(request({**INBOUND, missing: ""}))
