"""The most memory that a worker holds for a whole send in one slice: a large one beside a small one."""

import statistics
from collections.abc import Callable

from bench.desk import Desk
from bench.email_pipeline import emails
from bench.engine import ONE_SLICE
from bench.figures import Figure, at_most, median
from bench.texts import Texts

_FEW, _MANY = 10_000, 200_000
_LARGE_ROUNDS_OF_TEXTS = 1
"""Two hundred thousand texts take minutes, and what a process holds hardly varies."""


def run(desk: Desk) -> list[Figure]:
    """Megabytes, and how much more the large one takes."""
    few, many = desk.size(_FEW), desk.size(_MANY)

    def texts(count: int) -> float:
        return Texts(desk, count).ours(seconds=ONE_SLICE).peak_mb

    def mails(count: int) -> float:
        return emails(desk, count, seconds=ONE_SLICE).peak_mb

    rounds = min(_LARGE_ROUNDS_OF_TEXTS, desk.rounds)
    return [
        *_compared(desk, "texts", texts, (few, many), large_rounds=rounds),
        *_compared(desk, "emails", mails, (few, many), large_rounds=desk.rounds),
    ]


def _compared(
    desk: Desk, name: str, peak: Callable[[int], float], sizes: tuple[int, int], *, large_rounds: int
) -> list[Figure]:
    few, many = sizes
    small = [peak(few) for _ in range(desk.rounds)]
    large = [peak(many) for _ in range(large_rounds)]
    desk.say(f"{name}: {few:,} {statistics.median(small):.0f} MB, {many:,} {statistics.median(large):.0f} MB")
    growth = [(one / statistics.median(small) - 1) * 100 for one in large]
    return [
        median(f"memory_{name}", large, "MB", at_most(250)),
        median(f"memory_{name}_growth", growth, "%", at_most(10)),
    ]
