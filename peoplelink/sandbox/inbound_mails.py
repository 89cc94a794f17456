"""A resident writes to our domain: Inbound Parse posts the whole MIME ("Send Raw") to the app, signed."""

import base64
import binascii
import email
import email.policy
import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import orjson

from peoplelink.clock import now
from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.records import Letter
from peoplelink.sandbox.signing import signed_headers
from peoplelink.sandbox.webhooks import Answer, post
from peoplelink.sandbox.world import World

BOUNDARY = "xYzZY"
_SERVER_FAULT = 500
_GIVE_UP_TRIES = 20  # pauses double up to five minutes; SendGrid itself goes on for three days
_LONGEST_PAUSE = 300.0


@dataclass(frozen=True)
class Posted:
    """What came of an inbound mail: the app's status, None if it was not reached or the mail was lost by order."""

    id: str
    status: int | None
    lost: bool = False


def write_mail(*, sender: str, to: str, subject: str, text: str, in_reply_to: str | None = None) -> bytes:
    """A plain mail as a mail program would write it: UTF-8 in 8 bits, which Inbound Parse hands on as it is."""
    message = EmailMessage(policy=email.policy.SMTP.clone(cte_type="8bit"))
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    if in_reply_to:
        message["In-Reply-To"] = message["References"] = in_reply_to
    message.set_content(text, cte="8bit" if not text.isascii() else None)
    return message.as_bytes()


def read_raw(text: str) -> bytes:
    """The bytes of a base64 mail; raises InvalidInputError."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as err:
        raise InvalidInputError("raw_base64 must be base64.") from err


async def hear_mail(world: World, *, sender: str, to: str, raw: bytes) -> Posted:
    """Take a mail for our domain and post it once; a 5xx is tried again behind our back.

    Raises InvalidInputError when the mailbox is not at our domain: such mail never reaches SendGrid.
    """
    if to.lower().rpartition("@")[2] != world.settings.inbound_domain.lower():
        raise InvalidInputError(f"Only mail to {world.settings.inbound_domain} comes to the app.")
    letter = world.state.add_letter(Letter(secrets.token_urlsafe(12), to, sender.lower(), raw, now()))
    if world.faults.strikes("lose_webhooks", (letter.sender,)):
        return Posted(letter.id, None, lost=True)
    if world.faults.strikes("duplicate_callbacks", (letter.sender,)):
        world.agenda.put(world.settings.step_ms / 1000, _post_letter, world, letter, 0)
    answer = await _try(world, letter, 0)
    return Posted(letter.id, answer.status)


async def _post_letter(world: World, letter: Letter, tried: int) -> None:
    await _try(world, letter, tried)


async def _try(world: World, letter: Letter, tried: int) -> Answer:
    body = parse_body(letter)
    headers = signed_headers(world.settings.parse_key, body, timestamp=int(now().timestamp()))
    headers |= {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "User-Agent": "SendGrid Inbound Parse"}
    answer = await post(world.http, world.settings.mail_url, body, headers)
    if (answer.status is None or answer.status >= _SERVER_FAULT) and tried < _GIVE_UP_TRIES:
        pause = min(world.settings.retry_ms / 1000 * 2**tried, _LONGEST_PAUSE)
        world.agenda.put(pause, _post_letter, world, letter, tried + 1)
    return answer


def parse_body(letter: Letter) -> bytes:
    """The multipart body. `email` is the mail byte for byte, 8-bit characters included."""
    headers = letter.parsed
    fields = {
        "dkim": f"{{@{letter.sender.rpartition('@')[2]} : pass}}".encode(),
        "email": letter.raw,
        "to": str(headers["To"] or letter.to).encode(),
        "from": str(headers["From"] or letter.sender).encode(),
        "subject": letter.subject.encode(errors="replace"),
        "sender_ip": b"192.0.2.1",
        "envelope": orjson.dumps({"to": [letter.to], "from": letter.sender}),
        "charsets": orjson.dumps({"to": "UTF-8", "from": "UTF-8", "subject": "UTF-8"}),
        "SPF": b"pass",
    }
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields.items()
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
