"""Posts that providers make to us, signed as they sign them."""

import itertools
import json
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from peoplelink import clock
from peoplelink.inbound import tasks
from peoplelink.sandbox.signing import load_private, signed_headers
from tests.channels.forms import CONTENT_TYPE, raw_post

FORM = "application/x-www-form-urlencoded"
PATHS = {
    "twilio_inbound": "/webhooks/twilio/inbound",
    "twilio_status": "/webhooks/twilio/status",
    "sendgrid_events": "/webhooks/sendgrid/events",
    "sendgrid_inbound": "/webhooks/sendgrid/inbound",
}
_sids = itertools.count(1)


def sid():
    return f"SM{next(_sids):032x}"


class Provider:
    """Both providers, knowing our secrets as they do."""

    def __init__(self, client, runtime, key_pairs):
        self.client, self.runtime = client, runtime
        self._keys = {"sendgrid_events": key_pairs["event"][0], "sendgrid_inbound": key_pairs["parse"][0]}

    def headers(self, kind, body, *, query=""):
        """The signature headers of a body."""
        if kind in self._keys:
            return signed_headers(load_private(self._keys[kind]), body, timestamp=int(clock.now().timestamp()))
        from urllib.parse import parse_qs  # noqa: PLC0415

        fields = Fields(parse_qs(body.decode("latin-1"), keep_blank_values=True))
        url = self.runtime.config.public_url + PATHS[kind] + query
        signature = RequestValidator(self.runtime.config.twilio_auth_token).compute_signature(url, fields)
        return {"X-Twilio-Signature": signature}

    def post(self, kind, body, *, content_type=None, query="", headers=None):
        """Post a body, signed unless `headers` say otherwise."""
        signed = self.headers(kind, body, query=query) if headers is None else headers
        content_type = content_type or {"sendgrid_inbound": CONTENT_TYPE, "sendgrid_events": "application/json"}.get(
            kind, FORM
        )
        return self.client.post(PATHS[kind] + query, data=body, content_type=content_type, headers=signed)

    def text(self, body, *, sender="+447700900123", **fields):
        """A text from a resident."""
        return self.post("twilio_inbound", text_body(body, sender=sender, **fields))

    def status(self, delivery, word, *, attempt=1, **fields):
        """News of a text of ours."""
        said = {"MessageSid": sid(), "MessageStatus": word} | fields
        return self.post("twilio_status", urlencode(said).encode(), query=f"?d={delivery}&a={attempt}")

    def events(self, *events):
        """News of emails of ours."""
        return self.post("sendgrid_events", json.dumps(list(events)).encode())

    def mail(self, words=b"Hello", **fields):
        """An email from a resident: see `mail_body`."""
        return self.post("sendgrid_inbound", mail_body(words, **fields))

    def process(self):
        """What the worker does with it."""
        tasks.process_webhooks(self.runtime)


class Fields(dict):
    """Fields of a form as RequestValidator reads them."""

    def getlist(self, name):
        return self[name]


def text_body(body, *, sender="+447700900123", **fields):
    """An inbound text as Twilio posts it."""
    said = {"MessageSid": sid(), "From": sender, "To": "+447700900000", "Body": body, "NumMedia": "0"} | fields
    return urlencode(said).encode()


def mail_body(
    words=b"Hello",
    *,
    sender="resident@example.com",
    to="hello@reply.example.org",
    subject="Re: News",
    message_id=None,
    headers=(),
    kind="text/plain; charset=utf-8",
    encoding="8bit",
    spf="pass",
    dkim="{@example.com : pass}",
    returns_to=None,
):
    """An inbound mail as SendGrid posts it with Send Raw."""
    message_id = message_id or f"<{next(_sids)}@example.com>"
    lines = [f"{name}: {value}" for name, value in headers]
    lines += [f"From: A Person <{sender}>", f"To: {to}", f"Subject: {subject}", f"Message-ID: {message_id}"]
    lines += ["MIME-Version: 1.0", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"]
    raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + words
    envelope = {"to": [to], "from": sender if returns_to is None else returns_to}
    return raw_post(raw, envelope=envelope, spf=spf, dkim=dkim)


KINDS = sorted(PATHS)
BODIES = {
    "twilio_inbound": text_body("Hello"),
    "twilio_status": b"MessageSid=SM1&MessageStatus=delivered",
    "sendgrid_events": b'[{"event":"delivered","sg_event_id":"e1"}]\r\n',
    "sendgrid_inbound": mail_body(),
}
