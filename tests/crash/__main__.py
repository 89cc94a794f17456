"""`make crash`: rounds of sending in which everything is killed, frozen, flushed and cut off, and then the accounts."""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.crash import report, rounds
from tests.crash.plan import FULL, SHORT, Round, Size
from tests.crash.rounds import Result
from tests.crash.servers import Postgres

_SIZES = {"texts": int, "emails": int, "broadcasts": int, "stops": int, "rate": int, "window": float, "settle": float}


def main() -> int:
    """Play every round; 1 if a promise was broken in any."""
    wanted = _arguments()
    folder = wanted.folder / time.strftime("%Y%m%d-%H%M%S")
    size = _size(wanted)
    print(f"SEED={wanted.seed}; {size.texts} texts and {size.emails} emails a round; logs in {folder}", flush=True)
    print(report.head(), flush=True)
    results = []
    for result in _play(wanted, size, folder):
        results.append(result)
        print("\n".join([report.row(result), *report.breaches(result)]), flush=True)
    print(report.total(results))
    return 1 if any(result.breaches for result in results) else 0


def _play(wanted: argparse.Namespace, size: Size, folder: Path) -> Iterator[Result]:
    numbers = {
        "postgresql": range(wanted.first, wanted.first + wanted.rounds),
        "sqlite": range(1, wanted.sqlite_rounds + 1),
    }
    postgres = Postgres() if wanted.rounds else None
    try:
        for engine, those in numbers.items():
            for number in those:
                own = folder / f"{engine}-{number:02}"
                result = rounds.play(Round(number, wanted.seed, engine, size), own,
                                     postgres if engine == "postgresql" else None)  # fmt: skip
                rounds.save(result, own)
                yield result
    finally:
        if postgres is not None:
            postgres.close()


def _size(wanted: argparse.Namespace) -> Size:
    size = SHORT if wanted.short else FULL
    changes = {name: getattr(wanted, name) for name in _SIZES}
    return replace(size, **{name: value for name, value in changes.items() if value is not None})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="on PostgreSQL")
    parser.add_argument("--sqlite-rounds", type=int, default=2)
    parser.add_argument("--first", type=int, default=1, help="number of the first round, to play one again")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--short", action="store_true", help="small rounds, as CI plays")
    parser.add_argument("--folder", type=Path, default=Path("var/crash"), help="where logs and evidence go")
    for name, kind in _SIZES.items():
        parser.add_argument(f"--{name}", type=kind)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
