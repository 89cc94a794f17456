"""Mails as SendGrid might post them to us with Send Raw, good and bad."""

import base64
import json

from tests.channels.forms import mail, multipart, nested
from tests.fuzz.texts import COMMANDS, JUNK, RAW

MAILBOXES = [f"resident{number}@example.com" for number in range(20)]
ODD_SENDERS = (
    "", "<>", "nobody", "@", "a@", "@b", "MAILER-DAEMON@example.com", "hello@reply.example.org",
    "people.link@example.org", "a" * 400 + "@example.com", "ü@exämple.com",
    '"a b"@example.com', "a@example.com, b@example.com", "a@[127.0.0.1]",
    "=?utf-8?q?=F0=9F=98=80?= <x@example.com>", "x@example.com\r\nBcc: y@example.com", "noreply@example.com", "a@b@c",
)  # fmt: skip
_KINDS = (
    "text/plain; charset=utf-8", "text/plain", "text/plain; charset=cp850", "text/plain; charset=iso-8859-1",
    "text/html", "text/plain; charset=no-such", 'text/plain; charset="', "text/plain; charset=utf-16",
    "text/calendar", "",
    "garbage", "multipart/mixed", "multipart/mixed; boundary=b", "multipart/alternative; boundary=",
    "message/rfc822", "image/png",
    "text/plain; charset=utf-7", "text/plain; charset*=utf-8''x", "text/plain; format=flowed; delsp=yes",
)  # fmt: skip
_ENCODINGS = ("8bit", "7bit", "base64", "quoted-printable", "binary", "x-uuencode", "", "no-such")
_HEADERS = (
    ("Auto-Submitted", "auto-replied"), ("Auto-Submitted", "no"), ("Precedence", "bulk"),
    ("X-Auto-Response-Suppress", "All"), ("List-Id", "<list.example.com>"), ("Return-Path", "<>"), ("In-Reply-To",
    "<x" * 500), ("References", "\x00"),
    ("Subject", "=?utf-8?b?!!!?="), ("Subject", "JOIN NEWPARKS"), ("Subject", "STOP"), ("Subject", "=?x?q?=00?="),
    ("Message-ID", ""), ("Message-ID", "x" * 5000), ("Date", "yesterday"), ("Date",
    "Mon, 99 Foo 99999 99:99:99 +9999"),
    ("To", "r-00000000000040008000000000000000-0123456789abcdef@reply.example.org"), ("From", ""), ("X", "y" * 20000),
    ("Content-Type", "text/html"), ("Received", "from [" * 300), ("Reply-To", "else@example.com"),
)  # fmt: skip
_CHECKS = ("pass", "fail", "softfail", "none", "", "💥", "pass\r\n")
_KEYS = ("{@example.com : pass}", "{@example.com : fail}", "none", "", "{", "{@example.com : pass} {@x : fail}", "\x00")


def post(dice):
    """The body of one post."""
    whole = _post(dice)
    if dice.random() < 0.08:  # cut off, or a byte is another
        at = dice.randrange(len(whole))
        return whole[:at] if dice.random() < 0.5 else whole[:at] + bytes([dice.randrange(256)]) + whole[at + 1 :]
    return whole


def _post(dice):
    sender = dice.choice(ODD_SENDERS) if dice.random() < 0.2 else dice.choice(MAILBOXES)
    recipient = "hello@reply.example.org" if dice.random() < 0.9 else dice.choice(("", "x@example.net", "@"))
    envelope = json.dumps({"to": [recipient], "from": sender})
    if dice.random() < 0.06:
        envelope = dice.choice(("", "null", "[]", "{", '{"to": 1}', '{"from": null, "to": [null]}', "1" * 5000))
    fields = {
        "SPF": dice.choice(_CHECKS),
        "dkim": dice.choice(_KEYS),
        "envelope": envelope,
        "email": _mail(dice, sender),
    }
    if dice.random() < 0.05:
        fields.pop(dice.choice(sorted(fields)))
    return multipart(fields)


def _mail(dice, sender):
    kind = dice.random()
    if kind < 0.04:
        return nested(dice.choice((1, 5, 60, 400)))
    if kind < 0.06:
        return bytes(dice.randrange(256) for _ in range(dice.randrange(2000)))
    if kind < 0.12:
        return _forwarded(dice, sender)
    headers = [dice.choice(_HEADERS) for _ in range(dice.choice((0, 0, 1, 3)))]
    raw = mail(
        _words(dice), headers=headers,
        kind=dice.choice(_KINDS) if dice.random() < 0.4 else _KINDS[0],
        encoding=dice.choice(_ENCODINGS) if dice.random() < 0.3 else "8bit",
    )  # fmt: skip
    raw = raw.replace(b"person@example.com", sender.encode("utf-8", "surrogatepass"))
    return raw.replace(b"<1@example.com>", b"<%d@example.com>" % dice.randrange(10**9))


def _forwarded(dice, sender):
    """A mail that holds another as a file, in the ways that mail programs do it, and in ways that none should."""
    inner = _mail(dice, sender)
    head = dice.choice(
        (b"Content-Type: message/rfc822", b'Content-Type: x/y\r\nContent-Disposition: attachment; filename="a.eml"')
    )
    if dice.random() < 0.4:
        inner, head = base64.b64encode(inner), head + b"\r\nContent-Transfer-Encoding: base64"
    box = b"--f\r\n\r\n" + _words(dice) + b"\r\n--f\r\n" + head + b"\r\n\r\n" + inner + b"\r\n--f--\r\n"
    return mail(box, kind="multipart/mixed; boundary=f").replace(
        b"person@example.com", sender.encode("utf-8", "surrogatepass")
    )


def _words(dice):
    kind = dice.random()
    if kind < 0.02:
        return b"a long story " * 80_000  # a megabyte
    if kind < 0.2:
        return dice.choice(RAW) + dice.choice(JUNK).encode() + dice.choice(COMMANDS).encode("cp850", "replace")
    quoted = "\r\n\r\nOn Monday People Link wrote:\r\n> Reply STOP to leave\r\n" if dice.random() < 0.3 else ""
    return (dice.choice(COMMANDS) + quoted).encode("utf-8", "surrogatepass")
