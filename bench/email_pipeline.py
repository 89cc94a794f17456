"""Emails through claim, send and record, beside a bare loop that builds and posts the same calls."""

from typing import Any

from bench import load
from bench.desk import Desk
from bench.engine import Run, measure
from bench.figures import Figure, at_least, median, ratio
from bench.texts import WrongCountError, check_sent, released
from peoplelink.channels.messages import Medium
from peoplelink.channels.sendgrid import MAX_PERSONALIZATIONS
from peoplelink.config import Config
from peoplelink.runtime import sendgrid_settings

_EMAILS = 100_000
_CALLS = 500  # for the stub's own ceiling


def run(desk: Desk) -> list[Figure]:
    """Recipients a second, and the ratio."""
    count = desk.size(_EMAILS, least=MAX_PERSONALIZATIONS)
    desk.say(f"{count:,} emails, provider at 0 ms")
    bare, ours, ceiling = [], [], 0.0
    for _ in range(desk.rounds):
        bare.append(_bare(desk, count).rate)
        ceiling = ceiling or _ceiling(desk)
        ours.append(emails(desk, count).rate)
        desk.say(f"bare {bare[-1]:,.0f}/s, ours {ours[-1]:,.0f}/s")
    stub = Figure("email_pipeline_stub", ceiling / max(bare), "of bare", at_least(3))
    return [
        median("email_pipeline", ours, "recipients/s", at_least(20_000)),
        ratio("email_pipeline_ratio", ours, bare),
        median("email_pipeline_bare", bare, "recipients/s"),
        stub,
    ]


def emails(desk: Desk, count: int, *, seconds: float | None = None) -> Run:
    """A round of ours; `seconds` is the length of a slice, where not as by default."""
    template = released(desk, Medium.EMAIL, count)
    desk.stub.reset()
    desk.postgres.checkpoint()
    with desk.database(template) as url:
        order: dict[str, Any] = {"lane": "email:bulk", "env": desk.environment(url), "seconds": seconds}
        run = measure("bench.engine:drained", order | {"count": count, "servers": desk.servers})
        check_sent(desk, count)
    if not desk.stub.count():
        raise WrongCountError("nothing reached the stub")
    return run


def _bare(desk: Desk, count: int) -> Run:
    desk.stub.reset()
    concurrency = sendgrid_settings(Config.from_env(desk.environment(desk.postgres.url("none")))).concurrency
    order = {"count": count, "servers": desk.servers, "url": desk.stub.url, "concurrency": concurrency}
    return measure("bench.bare_emails:bare", order)


def _ceiling(desk: Desk) -> float:
    """How many recipients a second the stub takes in calls made beforehand, of the length that the bare loop's had."""
    length = desk.stub.arrivals()[0][1]
    post = load.post(desk.stub.port, "/v3/mail/send", b" " * length, "application/json", Connection="close")
    fired = load.fire(desk.stub.port, [post], connections=4, times=_CALLS)
    rate = float(fired["good"] / fired["seconds"]) * MAX_PERSONALIZATIONS
    desk.say(f"the stub takes {rate:,.0f} recipients/s")
    return rate
