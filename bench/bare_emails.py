"""What our emails are measured against: a loop that builds calls of 1,000 people and posts them, and nothing else."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.crowd import EMAIL
from bench.engine import finished
from bench.processes import Meter
from peoplelink.channels.sendgrid import MAX_PERSONALIZATIONS
from peoplelink.channels.sendgrid_http import open_client
from peoplelink.outbound import words

_LEAVE = "http://127.0.0.1:8000/leave/00000000-0000-4000-8000-{number:012}.0123456789abcdefghijklmnopq"
_REPLY_TO = "r-00000000000040008000000000000000-0123456789abcdef@reply.example.org"


def bare(order: Mapping[str, Any]) -> dict[str, Any]:
    """`count` emails by the official client with plain dicts, as many calls at once as our channel makes."""
    client = open_client("SG.bench", order["url"], 30.0)
    meter, began = Meter(order["servers"]), time.monotonic()
    text, html = words.email_text(EMAIL), words.email_html(EMAIL)
    with ThreadPoolExecutor(order["concurrency"]) as threads:
        starts = range(0, order["count"], MAX_PERSONALIZATIONS)
        calls = [threads.submit(_call, client, text, html, start, order["count"]) for start in starts]
        for call in calls:
            call.result()
    return finished(order["count"], began, meter)


def _call(client: Any, text: str, html: str, start: int, count: int) -> None:
    people = range(start, min(start + MAX_PERSONALIZATIONS, count))
    answer = client.client.mail.send.post(request_body=_mail(text, html, people))
    assert answer.status_code == 202  # noqa: PLR2004


def _mail(text: str, html: str, people: range) -> dict[str, Any]:
    call_id = f"00000000-0000-4000-8000-{people.start:012}.1"
    return {
        "personalizations": [_person(number, call_id) for number in people],
        "from": {"email": "people.link@example.org", "name": "People Link"},
        "reply_to": {"email": _REPLY_TO, "name": "People Link"},
        "subject": "Litter pick, -s0-",
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
        "categories": [call_id],
        "tracking_settings": {"click_tracking": {"enable": False, "enable_text": False}},
    }


def _person(number: int, call_id: str) -> dict[str, Any]:
    leave = _LEAVE.format(number=number)
    name = f"Neighbour {number}"
    return {
        "to": [{"email": f"resident{number}@example.com"}],
        "substitutions": {"-pl_leave-": leave, "-t0-": name, "-h0-": name, "-s0-": name},
        "headers": {
            "List-Unsubscribe": f"<{leave}>, <mailto:{_REPLY_TO}?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "custom_args": {
            "pl_delivery": f"00000000-0000-4000-8000-{number:012}",
            "pl_attempt": "1",
            "pl_call": call_id,
        },
    }
