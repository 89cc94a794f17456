"""Texts through claim, send and record, beside the usual way: the client as shipped, 32 threads, a commit each."""

from bench.desk import Desk
from bench.figures import Figure, at_least, median, ratio
from bench.texts import TEXTS, Texts

_TARGET = at_least(3)
_FEWER = 4
"""The default way gets a quarter of the texts at 0 ms: it is the rate that is compared."""
_FEWER_YET = 8


def run(desk: Desk) -> list[Figure]:
    """How many times as fast, at 0 and at 100 ms."""
    texts = Texts(desk, desk.size(TEXTS))
    return [
        *_beside(texts, "sms_vs_default_0ms", latency=0.0, fewer=_FEWER),
        *_beside(texts, "sms_vs_default_100ms", latency=0.1, fewer=_FEWER_YET),
    ]


def _beside(texts: Texts, name: str, *, latency: float, fewer: int) -> list[Figure]:
    texts.desk.say(f"{texts.count:,} texts and {texts.count // fewer:,} the default way, at {latency * 1000:g} ms")
    default, ours = [], []
    for _ in range(texts.desk.rounds):
        default.append(texts.default(texts.count // fewer, latency=latency).rate)
        ours.append(texts.ours(latency=latency).rate)
        texts.desk.say(f"the default way {default[-1]:,.0f}/s, ours {ours[-1]:,.0f}/s")
    return [
        ratio(name, ours, default, "times", _TARGET),
        median(f"{name}_default", default, "texts/s"),
        median(f"{name}_ours", ours, "texts/s"),
    ]
