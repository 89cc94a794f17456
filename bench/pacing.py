"""Two workers sharing a sender's rate: what the provider saw arrive, in texts of one segment and of two."""

import time
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from redis import Redis

from bench.crowd import Crowd, quiet_runtime, release
from bench.desk import Desk
from bench.figures import Figure, at_most, median
from bench.processes import Child, ready
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.outbound.engine import drain

_RATES = {10: 30.0, 100: 15.0, 1000: 12.0}
"""Segments a second, and for how many seconds each is watched."""
_PEOPLE = 8_000  # two texts each, three segments together: enough for the highest rate
_LANE = "sms:bulk"
_LATENCY = 0.05
_LONG = " It is for everybody, whatever the weather, and there is tea afterwards." * 2
_STARTS = 1.5  # seconds: a sender nobody has used for a while starts a second late

_IN_SCRIPTS = frozenset({"time", "hmget", "hget", "hset", "expire"})
"""What only our script calls, inside Redis; commandstats counts it like a call of a client."""


def run(desk: Desk) -> list[Figure]:
    """For each rate: the mean, the worst second, and the calls of Redis."""
    template = desk.built("pacing", lambda name: _build(desk, name), template=desk.empty, of=f"{desk.seed}{_PEOPLE}")
    figures = []
    for rate, full in _RATES.items():
        seconds = max(6.0, full * desk.scale)
        desk.say(f"{rate} segments a second for {seconds:g} s, two workers")
        rounds = [_round(desk, template, rate, seconds) for _ in range(desk.rounds)]
        figures += _figures(desk, rate, rounds)
    return figures


def _figures(desk: Desk, rate: int, rounds: Sequence[Mapping[str, float]]) -> list[Figure]:
    for one in rounds:
        desk.say(", ".join(f"{name} {value:.2f}" for name, value in one.items()))
    allowed = max(2.0, 0.05 * rate)  # a message has up to two segments
    return [
        median(f"pacing_{rate}_mean", [one["mean"] for one in rounds], "segments/s"),
        median(f"pacing_{rate}_mean_off", [abs(one["mean"] / rate - 1) * 100 for one in rounds], "%", at_most(2)),
        median(f"pacing_{rate}_worst_second", [one["worst"] - rate for one in rounds], "over", at_most(allowed)),
        median(f"pacing_{rate}_redis", [one["redis"] for one in rounds], "calls/s", at_most(30)),
    ]


def _build(desk: Desk, name: str) -> None:
    with desk.postgres.connect(name) as connection:
        Crowd(_PEOPLE, Medium.SMS, desk.seed).plant(connection)
        runtime = quiet_runtime(Config.from_env(desk.environment(desk.postgres.url(name))))
        release(runtime, Medium.SMS)
        release(runtime, Medium.SMS, more=_LONG)
        runtime.database.engine.dispose()
        connection.execute("VACUUM (ANALYZE)")


def _round(desk: Desk, template: str, rate: int, seconds: float) -> dict[str, float]:
    desk.stub.reset(_LATENCY)
    with desk.database(template) as url, Redis.from_url(desk.valkey.url) as redis:
        redis.flushall()
        env = desk.environment(url, TWILIO_SEGMENTS_PER_SECOND=str(rate))
        workers = [Child("bench.pacing:worked", {"env": env, "lane": _LANE}) for _ in range(2)]
        for worker in workers:
            worker.wait()
        before, until = _calls(redis), time.monotonic() + _STARTS + seconds
        for worker in workers:
            worker.tell(str(until))
        for worker in workers:
            worker.result()
        calls = _calls(redis) - before
    found = seen(_in_segments(desk.stub.arrivals()), until - seconds, until)
    return found | {"redis": calls / (_STARTS + seconds)}


def worked(order: Mapping[str, Any]) -> dict[str, Any]:
    """One worker: slice after slice, until the time is over."""
    runtime = quiet_runtime(Config.from_env(order["env"]))
    until = float(ready())
    while (left := until - time.monotonic()) > 0:
        drain(runtime, order["lane"], seconds=min(runtime.config.timing.slice, left))
    return {}


def _calls(redis: "Redis") -> int:
    stats: dict[str, dict[str, int]] = redis.info("commandstats")
    named = {name.removeprefix("cmdstat_"): one["calls"] for name, one in stats.items()}
    return sum(calls for name, calls in named.items() if name not in _IN_SCRIPTS | {"info", "flushall"})


def _in_segments(arrivals: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """When, and how many segments: the longer texts have two."""
    lengths = [length for _, length in arrivals]
    middle = (min(lengths) + max(lengths)) / 2
    return [(moment, 2 if length > middle else 1) for moment, length in arrivals]


def seen(arrivals: Sequence[tuple[float, int]], begin: float, end: float) -> dict[str, float]:
    """The mean over the steady part, and the most segments that any second had."""
    steady = [(moment, cost) for moment, cost in arrivals if begin <= moment <= end]
    moments = [moment for moment, _ in steady]
    sums = [0, *accumulate(cost for _, cost in steady)]
    # A message keeps the next one waiting for its own cost, so the last does not count.
    mean = sums[-2] / (moments[-1] - moments[0])
    worst, last = 0, 0
    for first, moment in enumerate(moments):
        while last < len(moments) and moments[last] < moment + 1:
            last += 1
        worst = max(worst, sums[last] - sums[first])
    return {"mean": mean, "worst": float(worst)}
