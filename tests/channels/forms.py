"""Builds what Inbound Parse posts: a multipart form of raw bytes, as SendGrid's servers write it."""

import json

from peoplelink.channels.messages import ProviderRequest
from peoplelink.channels.sendgrid_inbound import parse_inbound

BOUNDARY = "xYzZY"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
ENVELOPE = {"to": ["token1@reply.example.org"], "from": "person@example.com"}


def multipart(fields, files=()):
    """`fields` by name, as bytes or text; `files` as (name, filename, type, bytes)."""
    parts = []
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else value.encode()
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data)
    for name, filename, kind, data in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(head.encode() + f"Content-Type: {kind}\r\n\r\n".encode() + data)
    return b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def raw_post(mail, *, envelope=ENVELOPE, spf="pass", dkim="{@example.com : pass}"):
    """The body for Send Raw."""
    return multipart({"SPF": spf, "dkim": dkim, "envelope": json.dumps(envelope), "email": mail})


def mail(body=b"Hello", *, headers=(), kind="text/plain; charset=utf-8", encoding="8bit"):
    """A small mail; `headers` as (name, value) come first."""
    lines = [f"{name}: {value}" for name, value in headers]
    lines += ["From: A Person <person@example.com>", "To: token1@reply.example.org", "Subject: Re: News"]
    lines += ["Message-ID: <1@example.com>", "MIME-Version: 1.0"]
    lines += [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def nested(depth):
    """A mail of boxes within boxes."""
    inner = b"Content-Type: text/plain\r\n\r\nThe words"
    for level in range(depth):
        mark = f"b{level}".encode()
        head = b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n'
        inner = head + b"--" + mark + b"\r\n" + inner + b"\r\n--" + mark + b"--\r\n"
    return b"From: person@example.com\r\nMIME-Version: 1.0\r\n" + inner


def read(body, content_type=CONTENT_TYPE):
    """What the channel makes of a post."""
    return parse_inbound(ProviderRequest("https://link.example.org", {}, body, content_type))


def read_raw(raw, **changes):
    """What the channel makes of a mail."""
    return read(raw_post(raw, **changes))
