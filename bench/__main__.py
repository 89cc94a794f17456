"""Ask the questions, one after another, and say what came out."""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench import (
    audience_page,
    claim_growth,
    cpu_per_text,
    email_pipeline,
    figures,
    memory,
    pacing,
    release_1m,
    sendgrid_events,
    sms_pipeline,
    sms_vs_default,
    status_callbacks,
)
from bench.desk import Desk
from bench.figures import Figure
from bench.servers import SETTINGS

QUESTIONS: dict[str, Callable[[Desk], list[Figure]]] = {
    "sms_pipeline": sms_pipeline.run,
    "sms_vs_default": sms_vs_default.run,
    "cpu_per_text": cpu_per_text.run,
    "email_pipeline": email_pipeline.run,
    "release_1m": release_1m.run,
    "audience_page": audience_page.run,
    "status_callbacks": status_callbacks.run,
    "sendgrid_events": sendgrid_events.run,
    "claim_growth": claim_growth.run,
    "memory": memory.run,
    "pacing": pacing.run,
}


def main() -> int:
    """Measure, print the table, write it down. A missed target is marked; only an error ends with another code."""
    wanted = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are stopped, too
    path = wanted.folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    _say(f"SEED={wanted.seed} SCALE={wanted.scale:g} ROUNDS={wanted.rounds}; {os.cpu_count()} processors")
    _say(f"PostgreSQL as shipped but for {', '.join(f'{name}={value}' for name, value in SETTINGS.items())}")
    desk = Desk(wanted.folder.resolve(), wanted.seed, wanted.scale, wanted.rounds)
    found: list[Figure] = []
    try:
        with closing(desk):
            for name in wanted.only or QUESTIONS:
                found += _asked(desk, name)
    finally:
        # An error in the last question does not take what an hour of others found.
        _say(figures.table(found))
        figures.save(found, path, scale=wanted.scale, seed=wanted.seed)
        _say(str(path))
    return 0


def _asked(desk: Desk, name: str) -> list[Figure]:
    began = time.monotonic()
    _say(f"{name}: {' '.join((sys.modules[QUESTIONS[name].__module__].__doc__ or '').split())}")
    found = QUESTIONS[name](desk)
    desk.say(f"{time.monotonic() - began:.0f} s")
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *QUESTIONS], help="questions; all where none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a tenth of everything, to try it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="where data and results go")
    return parser.parse_args()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
