"""Processor time of worker, database and queue together for a text, beside that of the bare loop."""

from bench.desk import Desk
from bench.figures import Figure, at_most, median
from bench.texts import TEXTS, Texts


def run(desk: Desk) -> list[Figure]:
    """Milliseconds, from /proc, of processes that did nothing else meanwhile."""
    texts = Texts(desk, desk.size(TEXTS))
    desk.say(f"{texts.count:,} texts, provider at 0 ms")
    bare, ours = [], []
    for _ in range(desk.rounds):
        bare.append(texts.bare())
        ours.append(texts.ours())
        desk.say(f"bare {bare[-1].cpu_ms:.3f} ms, ours {ours[-1].cpu_ms:.3f} ms a text")
    return [
        median("cpu_per_text", [one.cpu_ms for one in ours], "ms", at_most(1.0)),
        median("cpu_per_text_bare", [one.cpu_ms for one in bare], "ms"),
        *(median(f"cpu_per_text_{part}", [one.share_ms(part) for one in ours], "ms") for part in ours[0].cpu),
    ]
