"""What goes wrong, and when: thrown from the round's dice before it begins."""

import functools
import os
import random
import signal
from collections.abc import Callable, Iterable
from typing import Any

import requests

from tests.crash.agenda import Agenda
from tests.crash.plan import LEASE, Size
from tests.crash.services import Unit
from tests.crash.stack import Stack

_OFTEN = {
    "kill a horse": 10,
    "kill a worker": 3,
    "kill a worker and leave its horse": 3,
    "freeze a horse": 6,
    "freeze a worker": 2,
    "freeze a worker and its horse": 2,
    "kill a web process": 3,
    "kill the website": 1,
    "freeze a web process": 2,
    "freeze the website": 1,
    "kill a scheduler": 1,
    "freeze a scheduler": 1,
    "flush the queue": 4,
    "kill the queue": 2,
    "stop the database": 2,
    "lose webhooks": 2,
}
"""In a window of 70 seconds."""

_WINDOW = 70.0
_AWAY = (0.3, 5.0)  # seconds a server is down
_WEATHER = (2.0, 6.0)  # seconds a weather lasts
_ALWAYS = {
    "duplicate_callbacks": 0.05,
    "shuffle_callbacks": 0.2,
    "rate_undelivered": 0.01,
    "rate_bounce": 0.01,
    "rate_dropped": 0.005,
    "rate_deferred": 0.02,
    "rate_spamreport": 0.002,
    "timeout_seconds": 30,
}
"""Part of a provider's life; a storm comes on top."""
_STORMS: dict[str, tuple[float, float]] = {
    "rate_429": (0.05, 0.3),
    "rate_5xx_before": (0.02, 0.2),
    "rate_5xx_after": (0.02, 0.3),
    "rate_timeout_after": (0.01, 0.1),
    "rate_lookup_5xx": (0.1, 0.5),
}


class Faults:
    """Throws the dice, does what they say, and undoes it all at the end of the window."""

    def __init__(self, stack: Stack, agenda: Agenda, dice: random.Random) -> None:
        self._stack, self._agenda, self._dice = stack, agenda, dice
        self._frozen: set[int] = set()
        self._down: set[str] = set()
        self.done: dict[str, int] = dict.fromkeys(_OFTEN, 0)

    def plan(self, size: Size) -> None:
        """Put every fault of the window on the agenda."""
        for what, often in _OFTEN.items():
            if self._stack.postgres is None and what == "stop the database":
                continue
            times = often * size.window / _WINDOW
            for _ in range(int(times) + (self._dice.random() < times % 1)):
                self._agenda.at(self._dice.uniform(2, size.window), self._act(what))
        moment = 0.0
        while moment < size.window:
            self._agenda.at(moment, functools.partial(self._order, self._weather()))
            moment += self._dice.uniform(*_WEATHER)

    def calm(self) -> None:
        """Nothing goes wrong any more: the frozen thaw, servers come back, the provider is well."""
        for pid in self._frozen:
            _signal(pid, signal.SIGCONT)
        self._frozen.clear()
        self._order(dict.fromkeys([*_STORMS, *_ALWAYS, "lose_webhooks", "latency_ms"], 0) | {"timeout_seconds": 30})
        self._agenda.note("calm")

    def _act(self, what: str) -> Callable[[], None]:
        chance, long = self._dice.random(), self._dice.uniform(1.1, 2.5) * LEASE
        away = self._dice.uniform(*_AWAY)
        acts: dict[str, Callable[[], Iterable[object] | None]] = {
            "kill a horse": lambda: _kill(_one(self._horses(), chance)),
            "kill a worker": lambda: self._one_of("worker", chance).kill(),
            "kill a worker and leave its horse": lambda: self._one_of("worker", chance).kill(orphans=True),
            "freeze a horse": lambda: self._freeze(_one(self._horses(), chance), long),
            "freeze a worker": lambda: self._freeze(_main(self._one_of("worker", chance)), long),
            "freeze a worker and its horse": lambda: self._freeze(self._one_of("worker", chance).members(), long),
            "kill a web process": lambda: _kill(_one(self._stack.units["web"].forked(), chance)),
            "kill the website": self._stack.units["web"].kill,
            "freeze a web process": lambda: self._freeze(_one(self._stack.units["web"].forked(), chance), long),
            "freeze the website": lambda: self._freeze(self._stack.units["web"].members(), long),
            "kill a scheduler": lambda: self._one_of("scheduler", chance).kill(),
            "freeze a scheduler": lambda: self._freeze(_main(self._one_of("scheduler", chance)), long),
            "flush the queue": self._stack.queue.flush,
            "kill the queue": lambda: self._kill_queue(away),
            "stop the database": lambda: self._stop_database(away),
            "lose webhooks": lambda: self._lose_webhooks(1 + away),
        }

        def act() -> None:
            found = acts[what]()
            hit = found is None or bool(list(found))
            self.done[what] += hit
            self._agenda.note(what + (f" {found or ''}" if hit else ": there was none"))

        return act

    def _horses(self) -> list[int]:
        return sorted(pid for unit in self._those("worker") for pid in unit.forked() if pid not in self._frozen)

    def _those(self, kind: str) -> list[Unit]:
        return [unit for name, unit in self._stack.units.items() if name.startswith(kind)]

    def _one_of(self, kind: str, chance: float) -> Unit:
        return _one(self._those(kind), chance)[0]

    def _freeze(self, pids: Iterable[int], seconds: float) -> list[int]:
        chosen = [pid for pid in pids if pid not in self._frozen and _signal(pid, signal.SIGSTOP)]
        self._frozen.update(chosen)
        self._agenda.later(seconds, lambda: self._thaw(chosen))
        return chosen

    def _thaw(self, pids: list[int]) -> None:
        thawed = [pid for pid in pids if pid in self._frozen and _signal(pid, signal.SIGCONT)]
        self._frozen.difference_update(pids)
        if thawed:
            self._agenda.note(f"thaw {thawed}")

    def _kill_queue(self, away: float) -> list[str]:
        return self._take_down("queue", away, self._stack.queue.kill, self._stack.queue.start_again)

    def _stop_database(self, away: float) -> list[str]:
        postgres = self._stack.postgres
        assert postgres is not None
        return self._take_down("database", away, postgres.stop_at_once, postgres.start_again)

    def _take_down(self, name: str, away: float, stop: Callable[[], None], start: Callable[[], None]) -> list[str]:
        if name in self._down:
            return []
        self._down.add(name)
        stop()

        def up() -> None:
            start()
            self._down.discard(name)
            self._agenda.note(f"the {name} is back")

        self._agenda.later(away, up)
        return [f"for {away:.1f} s"]

    def _lose_webhooks(self, seconds: float) -> list[str]:
        self._order({"lose_webhooks": 1})
        self._agenda.later(seconds, lambda: self._order({"lose_webhooks": 0}))
        return [f"for {seconds:.1f} s"]

    def _weather(self) -> dict[str, float]:
        plan: dict[str, float] = (
            dict.fromkeys(_STORMS, 0) | _ALWAYS | {"latency_ms": self._dice.choice([0, 50, 300, 800])}
        )
        for name in self._dice.sample(sorted(_STORMS), self._dice.choice([0, 0, 1, 2, 3])):
            plan[name] = round(self._dice.uniform(*_STORMS[name]), 3)
        return plan

    def _order(self, plan: dict[str, Any]) -> None:
        requests.post(f"{self._stack.sandbox_url}/sandbox/faults", json=plan, timeout=10).raise_for_status()
        storms = {name: rate for name, rate in plan.items() if name in _STORMS and rate}
        if storms or "lose_webhooks" in plan:
            self._agenda.note(f"weather {storms or plan}")


def _one(things: list[Any], chance: float) -> list[Any]:
    """One of them by a throw of the dice that was made before the round; none of none."""
    return [things[int(chance * len(things))]] if things else []


def _main(unit: Unit) -> list[int]:
    return [unit.pid] if unit.pid else []


def _kill(pids: Iterable[int]) -> list[int]:
    return [pid for pid in pids if _signal(pid, signal.SIGKILL)]


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
