"""Texts through claim, send and record, beside a bare loop of the same client, transport and concurrency."""

from bench.desk import Desk
from bench.figures import Figure, Target, at_least, median, ratio
from bench.texts import TEXTS, Texts

_AT_ONCE, _WITH_LATENCY = at_least(0.80), at_least(0.90)
_WIDE = 400
"""Requests under way at once where a provider lets us: with as many as by default, latency alone limits both."""


def run(desk: Desk) -> list[Figure]:
    """The ratio at 0 and at 100 ms."""
    texts = Texts(desk, desk.size(TEXTS))
    ceiling = texts.ceiling()
    quick = _beside(texts, "sms_pipeline_0ms", _AT_ONCE, latency=0.0, concurrency=texts.concurrency)
    slow = _beside(texts, "sms_pipeline_100ms", _WITH_LATENCY, latency=0.1, concurrency=texts.concurrency)
    wide = _beside(texts, "sms_pipeline_100ms_wide", _WITH_LATENCY, latency=0.1, concurrency=_WIDE)
    stub = Figure("sms_pipeline_stub", ceiling / quick[1].value, "of bare", at_least(3))
    return [*quick, *slow, *wide, stub]


def _beside(texts: Texts, name: str, target: Target, *, latency: float, concurrency: int) -> list[Figure]:
    texts.desk.say(f"{texts.count:,} texts, provider at {latency * 1000:g} ms, {concurrency} at once")
    bare, ours = [], []
    for _ in range(texts.desk.rounds):
        bare.append(texts.bare(latency=latency, concurrency=concurrency).rate)
        ours.append(texts.ours(latency=latency, concurrency=concurrency).rate)
        texts.desk.say(f"bare {bare[-1]:,.0f}/s, ours {ours[-1]:,.0f}/s")
    return [
        ratio(name, ours, bare, target=target),
        median(f"{name}_bare", bare, "texts/s"),
        median(f"{name}_ours", ours, "texts/s"),
    ]
