"""Rounds of texts: ours, the bare loop, the default way; each with a database and a count of its own."""

from functools import cached_property
from typing import Any

from bench import load
from bench.crowd import Crowd, quiet_runtime, release
from bench.desk import Desk
from bench.engine import Run, measure
from bench.processes import call
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.runtime import twilio_settings

TEXTS = 20_000
_LANE = "sms:bulk"
_SENT = "SELECT count(*) FROM deliveries WHERE status = 'sent' AND provider_message_id IS NOT NULL"


class WrongCountError(Exception):
    """Not everything was sent and recorded: a figure would mean nothing."""


class Texts:
    """`count` texts of one broadcast, to be sent over and over."""

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk, self.count = desk, count

    @cached_property
    def concurrency(self) -> int:
        """How many texts an installation has under way at once by default."""
        return twilio_settings(Config.from_env(self.desk.environment(self.desk.postgres.url("none")))).concurrency

    @cached_property
    def released(self) -> str:
        """A database in which they wait."""
        return released(self.desk, Medium.SMS, self.count)

    @cached_property
    def known_sender(self) -> bool:
        """True once Redis knows the sender: one it does not know starts a second late, for a flush may have lost it."""
        with self.desk.database() as url:
            order = {"env": self.desk.environment(url), "servers": {}, "lane": "sms:urgent", "count": 0}
            call("bench.engine:drained", order)
        return True

    def ours(self, *, latency: float = 0.0, concurrency: int | None = None, seconds: float | None = None) -> Run:
        """Through claim, send and record."""
        desk = self.desk
        assert self.known_sender
        with desk.database(self.released) as url:
            order: dict[str, Any] = {"concurrency": concurrency, "seconds": seconds}
            run = self._measured("bench.engine:drained", latency, order | {"env": desk.environment(url), "lane": _LANE})
            check_sent(desk, self.count)
        return run

    def bare(self, *, latency: float = 0.0, concurrency: int | None = None) -> Run:
        """The same client, transport and concurrency, and nothing else."""
        order = {"concurrency": concurrency or self.concurrency, "url": self.desk.stub.url}
        return self._measured("bench.bare_texts:bare", latency, order)

    def default(self, count: int, *, latency: float = 0.0) -> Run:
        """The client as shipped, one commit a message; fewer of them, since the rate is all we want."""
        with self.desk.database(self.released) as url:
            order = {"database": url, "url": self.desk.stub.url, "count": count}
            return self._measured("bench.bare_texts:default", latency, order)

    def ceiling(self) -> float:
        """How many texts a second the stub takes from somebody who sends requests made beforehand."""
        self.bare()
        fired = load.fire(self.desk.stub.port, [self.desk.stub.last()], connections=100, times=5 * self.count)
        rate = float(fired["good"] / fired["seconds"])
        self.desk.say(f"the stub takes {rate:,.0f} texts/s")
        return rate

    def _measured(self, target: str, latency: float, order: dict[str, Any]) -> Run:
        stub = self.desk.stub
        stub.reset(latency)
        self.desk.postgres.checkpoint()
        run = measure(target, {"count": self.count, "servers": self.desk.servers} | order)
        if stub.count() != run.count:
            raise WrongCountError(f"{stub.count()} requests for {run.count} texts")
        return run


def released(desk: Desk, medium: Medium, count: int) -> str:
    """The name of a database in which a broadcast to so many waits to be sent."""

    def build(name: str) -> None:
        desk.say(f"a broadcast to {count:,}, to be copied for each round")
        with desk.postgres.connect(name) as connection:
            Crowd(count, medium, desk.seed).plant(connection)
            runtime = quiet_runtime(Config.from_env(desk.environment(desk.postgres.url(name))))
            release(runtime, medium)
            runtime.database.engine.dispose()
            connection.execute("VACUUM (ANALYZE)")

    return desk.built(f"{medium}_{count}", build, template=desk.empty, of=str(desk.seed))


def check_sent(desk: Desk, count: int) -> None:
    """Raises WrongCountError unless every message is recorded as handed over."""
    with desk.postgres.connect("measured") as connection:
        row = connection.execute(_SENT).fetchone()
    if row is None or row[0] != count:
        raise WrongCountError(f"{row and row[0]} of {count} recorded as sent")
