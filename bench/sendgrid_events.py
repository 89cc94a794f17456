"""Signed batches of 500 events over HTTP, counted when applied, beside verifying and parsing alone."""

import base64
import time
from collections.abc import Mapping
from typing import Any

import orjson

from bench import load
from bench.desk import Desk
from bench.engine import Run
from bench.figures import Figure, at_least, median, ratio
from bench.processes import call
from bench.status_callbacks import applied, installation, sent
from bench.website import free_port
from peoplelink import clock
from peoplelink.channels.messages import Medium, ProviderRequest
from peoplelink.channels.sendgrid import SendGridChannel
from peoplelink.config import Config
from peoplelink.runtime import sendgrid_settings
from peoplelink.sandbox.signing import load_private, signed_headers

_EVENTS = 50_000
_IN_A_POST = 500
_CONNECTIONS = 4
_PATH = "/webhooks/sendgrid/events"


def run(desk: Desk) -> list[Figure]:
    """Events a second, and the ratio."""
    count = desk.size(_EVENTS, least=_IN_A_POST)
    template = sent(desk, Medium.EMAIL, count)
    desk.say(f"{count:,} events, {_IN_A_POST} a post, over {_CONNECTIONS} connections, one worker")
    alone, ours = [], []
    for _ in range(desk.rounds):
        one = _round(desk, template, count)
        alone.append(one[0])
        ours.append(one[1])
        desk.say(f"verifying and parsing alone {alone[-1]:,.0f}/s, ours {ours[-1].rate:,.0f}/s")
    rates = [one.rate for one in ours]
    return [
        median("sendgrid_events", rates, "events/s", at_least(5000)),
        ratio("sendgrid_events_ratio", rates, alone, "of parsing alone"),
        median("sendgrid_events_alone", alone, "events/s"),
        *(median(f"sendgrid_events_cpu_{part}", [one.share_ms(part) for one in ours], "ms") for part in ours[0].cpu),
    ]


def _round(desk: Desk, template: str, count: int) -> tuple[float, Run]:
    log = desk.folder / "web.log"
    with desk.database(template) as url:
        port = free_port()
        env = desk.environment(url, port=port)
        bodies = _bodies(desk)
        signed = [(body, _headers(desk, body)) for body in bodies]
        coded = [(base64.b64encode(body).decode(), headers) for body, headers in signed]
        alone = call("bench.sendgrid_events:read_alone", {"env": env, "posts": coded})
        requests = [load.post(port, _PATH, body, "application/json", **_named(headers)) for body, headers in signed]
        with installation(env, port, log) as pids:
            run = applied(desk, port, requests, count, connections=_CONNECTIONS, pids=pids)
    return count / alone["seconds"], run


def read_alone(order: Mapping[str, Any]) -> dict[str, Any]:
    """What nobody can do without: the signature of each post, and its events."""
    channel = SendGridChannel(sendgrid_settings(Config.from_env(order["env"])))
    posts = [
        ProviderRequest(url=_PATH, headers=headers, body=base64.b64decode(body), content_type="application/json")
        for body, headers in order["posts"]
    ]
    began = time.monotonic()
    for post in posts:
        channel.verify_status(post)
        channel.parse_status(post)
    return {"seconds": time.monotonic() - began}


def _bodies(desk: Desk) -> list[bytes]:
    with desk.postgres.connect("measured") as connection:
        rows = connection.execute(
            "SELECT d.public_id, a.value FROM deliveries AS d JOIN addresses AS a ON a.id = d.address_id ORDER BY d.id"
        ).fetchall()
    events = [_event(public_id, address, number) for number, (public_id, address) in enumerate(rows)]
    return [orjson.dumps(events[start : start + _IN_A_POST]) for start in range(0, len(events), _IN_A_POST)]


def _event(public_id: str, address: str, number: int) -> dict[str, Any]:
    call_id = f"00000000-0000-4000-8000-{number // _IN_A_POST:012}.1"
    return {
        "email": address,
        "timestamp": int(clock.now().timestamp()),
        "smtp-id": f"<{number}@geopod-ismtpd-1>",
        "event": "delivered",
        "category": [call_id],
        "sg_event_id": f"ZGVsaXZlcmVkLTAt{number:032}",
        "sg_message_id": f"{number:022}.recvd-5f54b5d587-jv5bj-1-61E5B5D1-1B.0",
        "response": "250 2.0.0 OK",
        "ip": "192.0.2.1",
        "tls": 1,
        "pl_delivery": public_id,
        "pl_attempt": "1",
        "pl_call": call_id,
    }


def _headers(desk: Desk, body: bytes) -> dict[str, str]:
    key = load_private(desk.secrets["SANDBOX_EVENT_PRIVATE_KEY"])
    return signed_headers(key, body, timestamp=int(clock.now().timestamp()))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}
