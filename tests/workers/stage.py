"""Real processes of an installation, started and stopped by hand: worker, scheduler, website, sandbox, servers."""

import os
import sys
import time

import requests
from redis import Redis
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.db import Database
from peoplelink.demo.sandbox import Sandbox
from peoplelink.embedded import environment, first_start, ports, secrets
from peoplelink.engines import make_engine
from peoplelink.jobs import RqJobs
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import Purpose, Urgency
from peoplelink.outbound.words import Words
from tests.crash.servers import Queue
from tests.crash.services import Unit
from tests.factories import make_address, make_delivery

TIMING = {
    "PEOPLELINK_TIMING_SWEEP": "2",
    "PEOPLELINK_TIMING_SCHEDULER_LEASE": "6",
    "PEOPLELINK_TIMING_LOOK_UP": "3",
    "PEOPLELINK_TIMING_EMAIL_LOGS_LAG": "1",
    "PEOPLELINK_TIMING_CATCH_UP_SETTLE": "0.1",
    "PEOPLELINK_TIMING_LOOK_UP_AGAIN": "3",
}


class Stage:
    """One installation below a folder; `new_database` gives the URL of an empty database."""

    def __init__(self, folder, database_url, **settings):
        self.folder = folder
        self.queue = Queue(folder / "redis")
        self.port, sandbox_port = ports.claim(0, "web"), ports.claim(0, "sandbox")
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.sandbox = Sandbox(self.sandbox_url)
        own = {name: value for name, value in os.environ.items() if not name.startswith("PEOPLELINK_")}
        values = environment.complete(
            own, folder, secrets.load_or_make(folder), port=self.port, sandbox=sandbox_port
        ).values
        self.env = values | TIMING | {
            "DATABASE_URL": database_url, "REDIS_URL": self.queue.url, "PYTHONUNBUFFERED": "1",
            "TWILIO_SEGMENTS_PER_SECOND": "100000", **settings,
        }  # fmt: skip
        self.config = Config.from_env(self.env)
        self.database = Database(make_engine(self.config.database_url))
        first_start.prepare(self.config.database_url, with_officer=False)
        self.units = []
        self._other = self.start("sandbox", "-m", "peoplelink.sandbox", "--port", str(sandbox_port))
        until_true(self._sandbox_answers, 20)

    def start(self, name, *command):
        """Start a Python process of this installation."""
        unit = Unit(f"{name}-{len(self.units)}", [sys.executable, *command], self.env, self.folder)
        unit.start()
        self.units.append(unit)
        return unit

    def worker(self, *queues):
        return self.start("worker", "worker.py", *(queues or ("urgent", "inbound", "bulk")))

    def scheduler(self):
        return self.start("scheduler", "-m", "peoplelink.cli", "scheduler")

    def web(self):
        return self.start(
            "web", "-m", "gunicorn", "-k", "gthread", "-w", "1", "--threads", "2", "--log-level", "warning",
            "--no-control-socket", "--bind", f"127.0.0.1:{self.port}", "wsgi:app",
        )  # fmt: skip

    def plant(self, number, medium=Medium.SMS):
        """So many messages that wait, of one dispatch."""
        now = clock.now()
        with self.database.transaction() as session:
            dispatch = Dispatch(purpose=Purpose.BROADCAST, urgency=Urgency.BULK, created_at=now, released_at=now)
            content = outbound.make_content(dispatch, Words(medium, "Litter pick at the Rec", "Litter pick"))
            session.add_all([dispatch, content])
            for index in range(number):
                value = f"+447400{index:06}" if medium is Medium.SMS else f"resident{index}@example.org"
                address = make_address(session, medium, value)
                make_delivery(session, address, content=content, created_at=now)

    def counts(self):
        """How many deliveries stand where."""
        with self.database.read() as session:
            return dict(session.execute(select(Delivery.status, func.count()).group_by(Delivery.status)).all())

    def fault(self, **faults):
        """Order faults of the sandbox."""
        requests.post(f"{self.sandbox_url}/sandbox/faults", json=faults, timeout=5).raise_for_status()

    def ring(self):
        """Have whoever works begin at once, without a scheduler."""
        with Redis.from_url(self.queue.url) as redis:
            RqJobs(redis).ring(["lane:sms:bulk", "lane:email:bulk"])

    def queue_keys(self):
        with Redis.from_url(self.queue.url) as redis:
            return redis.keys()

    def close(self):
        for unit in self.units:
            unit.end()
        self.queue.close()
        self.database.engine.dispose()

    def _sandbox_answers(self):
        try:
            requests.get(f"{self.sandbox_url}/sandbox/faults", timeout=2)
        except requests.ConnectionError:
            return False
        return True


def until_true(question, seconds):
    """Ask until the answer is yes; how many seconds that took."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.05)
    return time.monotonic() - began
