"""Events and inbound mail: signed with the right key over the raw bytes, tried again until taken."""

import base64
import email
import email.policy
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key
from sendgrid import EventWebhook, EventWebhookHeader

from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.signing import load_private, new_key_pair, public_text
from tests.sandbox.parts import DOMAIN, EVENT_PRIVATE, EVENT_PUBLIC, PARSE_PUBLIC, Reply, a_mail

EVENTS = "/webhooks/sendgrid/events"
INBOUND = "/webhooks/sendgrid/inbound"


def events(sink):
    return [event for heard in sink.at(EVENTS) for event in json.loads(heard.body)]


def verifies(heard, public, body=None):
    return EventWebhook(public).verify_signature(
        (body or heard.body).decode(),
        heard.headers[EventWebhookHeader.SIGNATURE],
        heard.headers[EventWebhookHeader.TIMESTAMP],
    )


def test_a_mail_is_processed_then_delivered_with_our_arguments_at_the_top(mailer, sandbox, sink):
    answer = mailer.send(
        a_mail(
            {"to": [{"email": "ash@example.org"}], "custom_args": {"gw_delivery": "d1", "event": "ours"}},
            categories=["news", "call-1"],
        )
    )
    sandbox.idle()

    first, second = events(sink)
    assert [first["event"], second["event"]] == ["processed", "delivered"]
    assert first["gw_delivery"] == second["gw_delivery"] == "d1"
    assert first["sg_message_id"].startswith(answer.headers["X-Message-Id"] + ".")
    assert first["sg_message_id"] == second["sg_message_id"]
    assert first["sg_event_id"] != second["sg_event_id"]
    assert first["category"] == ["news", "call-1"]
    assert isinstance(first["timestamp"], int)


def test_a_single_category_is_a_string(mailer, sandbox, sink):
    mailer.send(a_mail(categories=["news"]))
    sandbox.idle()

    assert {event["category"] for event in events(sink)} == {"news"}


def test_events_verify_over_the_raw_body_only(mailer, sandbox, sink):
    mailer.send(a_mail("ash@example.org", "bo@example.org"))
    sandbox.idle()

    heard = sink.at(EVENTS)[0]
    assert b",\r\n{" in heard.body
    assert heard.body.endswith(b"]\r\n")
    assert b"\\u003c" in heard.body
    assert verifies(heard, EVENT_PUBLIC)
    assert not verifies(heard, PARSE_PUBLIC)
    assert not verifies(heard, EVENT_PUBLIC, json.dumps(json.loads(heard.body)).encode())


def test_a_large_call_comes_in_several_batches_each_event_once(mailer, sandbox, sink):
    mailer.send(a_mail(*(f"p{n}@example.org" for n in range(1000))))
    sandbox.idle()

    told = events(sink)
    assert len(sink.at(EVENTS)) >= 4
    assert len(told) == len({event["sg_event_id"] for event in told}) == 2000


def test_a_refused_batch_comes_again_the_same_until_it_is_taken(mailer, sandbox, sink):
    sink.answer = lambda path: Reply(500 if len(sink.heard) < 4 else 200)

    mailer.send(a_mail())
    sandbox.idle()

    assert len(sink.heard) >= 4
    assert len({event["sg_event_id"] for event in events(sink)}) == 2
    assert all(verifies(heard, EVENT_PUBLIC) for heard in sink.heard)


def write(sandbox, **mail):
    return sandbox.call("POST", "/sandbox/inbound/mail", {"from": "ash@example.org", "to": f"r-1@{DOMAIN}", **mail})


def parts(heard):
    """The fields of the multipart body, as bytes: no decoding on the way."""
    assert heard.headers["Content-Type"] == "multipart/form-data; boundary=xYzZY"
    chunks = heard.body.split(b"--xYzZY")[1:-1]
    pairs = [chunk.removeprefix(b"\r\n").removesuffix(b"\r\n").split(b"\r\n\r\n", 1) for chunk in chunks]
    return {head.decode().split('name="')[1].split('"')[0]: value for head, value in pairs}


def test_a_mail_is_posted_whole_with_its_envelope(sandbox, sink):
    answer = write(sandbox, subject="Caf\u00e9", text="Zażółć gęślą jaźń")

    fields = parts(sink.at(INBOUND)[0])
    mail = email.message_from_bytes(fields["email"], policy=email.policy.default)
    assert answer.json["status"] == 204
    assert json.loads(fields["envelope"]) == {"to": [f"r-1@{DOMAIN}"], "from": "ash@example.org"}
    assert json.loads(fields["charsets"])["subject"] == "UTF-8"
    assert (fields["SPF"], fields["dkim"]) == (b"pass", b"{@example.org : pass}")
    assert "Zażółć".encode() in fields["email"]
    assert (mail["Subject"], mail.get_content().strip()) == ("Caf\u00e9", "Zażółć gęślą jaźń")
    assert mail["Message-ID"]


@pytest.mark.parametrize("charset", ["cp850", "iso-8859-1", "utf-8"])
def test_raw_bytes_arrive_as_they_were_and_verify(sandbox, sink, charset):
    raw = b"From: ash@example.org\r\nTo: x\r\nSubject: \xe9\r\n\r\n" + "é".encode(charset) + b"\r\n\r\n--\r\n"

    answer = write(sandbox, raw_base64=base64.b64encode(raw).decode())

    heard = sink.at(INBOUND)[0]
    assert answer.status == 200
    assert parts(heard)["email"] == raw
    signature = base64.b64decode(heard.headers[EventWebhookHeader.SIGNATURE])
    signed = heard.headers[EventWebhookHeader.TIMESTAMP].encode() + heard.body
    _verify(PARSE_PUBLIC, signature, signed)


def _verify(public, signature, signed):
    load_der_public_key(base64.b64decode(public)).verify(signature, signed, ec.ECDSA(hashes.SHA256()))


def test_inbound_mail_is_tried_again_after_a_5xx_and_not_after_a_4xx(sandbox, sink):
    sink.answer = lambda path: Reply(503 if len(sink.heard) < 3 else 400)

    answer = write(sandbox, text="Hello")
    sandbox.idle()

    assert answer.json["status"] == 503
    assert len(sink.at(INBOUND)) == 3


def test_a_mail_to_another_domain_never_arrives(sandbox, sink):
    answer = write(sandbox, to="x@elsewhere.example.org", text="Hello")

    assert answer.status == 400
    assert sink.heard == []


def test_a_key_pair_is_one_line_of_base64_and_reads_back():
    private, public = new_key_pair()
    key = load_private(private)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    assert public_text(key) == public == public_text(load_private(pem))
    assert "-" not in public
    assert "\n" not in public


@pytest.mark.parametrize(
    "text", ["", "rubbish", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", EVENT_PUBLIC]
)
def test_what_is_no_private_key_is_refused(text):
    with pytest.raises(InvalidInputError):
        load_private(text)


def test_the_fixture_keys_differ():
    assert EVENT_PUBLIC == public_text(load_private(EVENT_PRIVATE)) != PARSE_PUBLIC
