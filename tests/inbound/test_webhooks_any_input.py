"""Signed requests with anything in them: none causes a server error, none is lost."""

import random

import pytest
from sqlalchemy import func, select

from peoplelink.inbound import failures
from peoplelink.inbound.models import Webhook
from tests.inbound.posts import BODIES, FORM, KINDS, text_body


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_causes_a_server_error(provider, look, kind):
    dice = random.Random(kind)
    statuses = set()
    for _ in range(500):
        body, content_type, query = _spoiled(dice, kind)
        statuses.add(provider.post(kind, body, content_type=content_type, query=query).status_code)
    for _ in range(failures.TRIES):
        provider.process()

    waiting = look(lambda s: s.scalar(select(func.count()).where(Webhook.processed_at.is_(None))))
    gave_up = look(lambda s: s.scalar(select(func.count()).where(Webhook.problem == failures.GAVE_UP)))
    assert statuses <= {200, 204, 403}
    assert 200 in statuses or 204 in statuses
    assert (waiting, gave_up) == (0, 0)


def _spoiled(dice, kind):
    """A well-formed body of its kind with bytes changed, cut, doubled or put in, signed all the same."""
    body = bytearray(
        text_body("Hello\x00 \ud83d".encode("utf-8", "surrogatepass")) if kind == "twilio_inbound" else BODIES[kind]
    )
    for _ in range(dice.randrange(0, 6)):
        place = dice.randrange(len(body) + 1)
        match dice.randrange(5):
            case 0:
                body[place : place + dice.randrange(40)] = b""
            case 1:
                body[place:place] = dice.choice(
                    [b"\x00", b"%00", b"\xff\xfe", b"&&=&", b"%ED%A0%80", b"[]{}", b"\r\n", "é".encode()]
                )
            case 2:
                body[place:place] = dice.randbytes(dice.randrange(30))
            case 3:
                body += body[place : place + 60]
            case 4:
                body[place : place + 1] = b"%" if dice.random() < 0.5 else b"\\"
        if not body:
            break
    content_type = dice.choice(
        [None, FORM, "application/json", "multipart/form-data", "multipart/form-data; boundary=é", ""]
    )
    query = dice.choice(
        ["", "", "?d=%00&a=9999999999999999", "?d=x&a=-1", "?" + "q" * 300, "?d=%ff%fe", "?%ed%a0%80=1"]
    )
    return bytes(body), content_type, query
