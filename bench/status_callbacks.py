"""Signed Twilio callbacks over HTTP, counted when applied, beside a bare route: the same check, an UPDATE, a commit."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bench import load
from bench.desk import Desk
from bench.engine import Run
from bench.figures import Figure, at_least, median, ratio
from bench.processes import Child, Meter
from bench.texts import WrongCountError, released
from bench.website import free_port, running, served
from peoplelink.channels.messages import Medium
from peoplelink.channels.twilio import STATUS_PATH

_CALLBACKS = 10_000
_CONNECTIONS = 16  # two for each of the website's threads
_SECONDS = 300.0
_LOOK_EVERY = 0.1
SENT = (
    "UPDATE deliveries SET status = 'sent', rank = 30, attempt = 1, claimed_at = now(), sent_at = now(),"
    " provider_message_id = 'SM' || md5(public_id), look_up_at = now() + interval '1 day'"
)


def run(desk: Desk) -> list[Figure]:
    """Callbacks a second, the ratio, and the processor time of everybody together for one."""
    count = desk.size(_CALLBACKS)
    template = sent(desk, Medium.SMS, count)
    desk.say(f"{count:,} callbacks over {_CONNECTIONS} connections, one worker")
    bare, ours = [], []
    for _ in range(desk.rounds):
        bare.append(_bare(desk, template, count))
        ours.append(_ours(desk, template, count))
        desk.say(f"bare {bare[-1].rate:,.0f}/s, ours {ours[-1].rate:,.0f}/s")
    return [
        ratio("status_callbacks", [one.rate for one in ours], [one.rate for one in bare], target=at_least(0.80)),
        median("status_callbacks_bare", [one.rate for one in bare], "callbacks/s"),
        median("status_callbacks_ours", [one.rate for one in ours], "callbacks/s"),
        median("status_callbacks_cpu_bare", [one.cpu_ms for one in bare], "ms"),
        median("status_callbacks_cpu_ours", [one.cpu_ms for one in ours], "ms"),
        *(median(f"status_callbacks_cpu_{part}", [one.share_ms(part) for one in ours], "ms") for part in ours[0].cpu),
    ]


def sent(desk: Desk, medium: Medium, count: int) -> str:
    """The name of a database in which a broadcast to so many has been handed over, and no receipt has come."""

    def build(name: str) -> None:
        with desk.postgres.connect(name) as connection:
            connection.execute(SENT)
            connection.execute("VACUUM (ANALYZE)")

    return desk.built(f"sent_{medium}", build, template=released(desk, medium, count), of=f"{count}:{desk.seed}")


def _bare(desk: Desk, template: str, count: int) -> Run:
    with _prepared(desk, template) as (env, port, requests):
        log = desk.folder / "web.log"
        with served("bench.bare_web:app", env, port, ready="/", log=log) as web:
            return applied(desk, port, requests, count, connections=_CONNECTIONS, pids={"web": web})


def _ours(desk: Desk, template: str, count: int) -> Run:
    log = desk.folder / "web.log"
    with _prepared(desk, template) as (env, port, requests), installation(env, port, log) as pids:
        return applied(desk, port, requests, count, connections=_CONNECTIONS, pids=pids)


@contextlib.contextmanager
def installation(env: dict[str, str], port: int, log: Path) -> Iterator[dict[str, int]]:
    """Our website and one worker that reads what comes in; their process ids."""
    worker = running(["worker", "inbound", "urgent"], env, log=log)
    with worker as working, served("wsgi:app", env, port, ready="/healthz", log=log) as web:
        yield {"web": web, "worker": working}


@contextlib.contextmanager
def _prepared(desk: Desk, template: str) -> Iterator[tuple[dict[str, str], int, list[bytes]]]:
    with desk.database(template) as url:
        port = free_port()
        env = desk.environment(url, port=port)
        yield env, port, _requests(desk, env, port)


def applied(desk: Desk, port: int, requests: list[bytes], count: int, *, connections: int, pids: dict[str, int]) -> Run:
    """Send them all, and wait until `count` deliveries are delivered: from the first request to the last row."""
    meter = Meter(pids | desk.servers)
    caller = Child("bench.load:fired", load.order(port, requests, connections=connections))
    with desk.postgres.connect("measured") as connection:
        until, done = time.monotonic() + _SECONDS, 0
        while done < count:
            if time.monotonic() > until:
                raise WrongCountError(f"{done} of {count} were applied in {_SECONDS:g} s")
            time.sleep(_LOOK_EVERY)
            row = connection.execute("SELECT count(*) FROM deliveries WHERE status = 'delivered'").fetchone()
            done = row[0] if row else 0
        ended = time.monotonic()
    used, answer = meter.used(), caller.result()
    if answer["good"] != len(requests):
        raise WrongCountError(f"{answer['good']} of {len(requests)} requests were answered well")
    return Run(count, ended - answer["began"], used.others, answer["peak_mb"])


def _requests(desk: Desk, env: dict[str, str], port: int) -> list[bytes]:
    validator = RequestValidator(env["TWILIO_AUTH_TOKEN"])
    with desk.postgres.connect("measured") as connection:
        rows = connection.execute("SELECT public_id, provider_message_id FROM deliveries ORDER BY id").fetchall()
    return [_request(validator, env, port, public_id, sid) for public_id, sid in rows]


def _request(validator: RequestValidator, env: dict[str, str], port: int, public_id: str, sid: str) -> bytes:
    path = f"{STATUS_PATH}?{urlencode({'d': public_id, 'a': 1})}"
    form = {
        "AccountSid": env["TWILIO_ACCOUNT_SID"],
        "ApiVersion": "2010-04-01",
        "From": env["TWILIO_FROM"],
        "MessageSid": sid,
        "MessageStatus": "delivered",
        "RawDlrDoneDate": "2611241200",
        "SmsSid": sid,
        "SmsStatus": "delivered",
        "To": "+447400000000",
    }
    signature = validator.compute_signature(env["PEOPLELINK_PUBLIC_URL"] + path, form)
    body = urlencode(form).encode()
    return load.post(port, path, body, "application/x-www-form-urlencoded; charset=UTF-8", X_Twilio_Signature=signature)
