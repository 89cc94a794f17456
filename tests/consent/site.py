"""The whole of People Link in one process, with a clock that the test moves: pages, webhooks, workers, channels."""

import dataclasses
import datetime as dt

from peoplelink import app as joined
from peoplelink import clock, quiet_hours
from peoplelink.broadcasts import tasks as broadcast_tasks
from peoplelink.channels.memory import MemoryChannel
from peoplelink.channels.messages import Medium
from peoplelink.channels.twilio import TwilioChannel
from peoplelink.config import KeywordMode
from peoplelink.db import Database
from peoplelink.engines import make_engine
from peoplelink.inbound import tasks as inbound_tasks
from peoplelink.jobs import RecordedJobs
from peoplelink.outbound import tasks as outbound_tasks
from peoplelink.rights import tasks as rights_tasks
from peoplelink.runtime import twilio_settings
from peoplelink.subscribers import seed
from peoplelink.subscribers import tasks as subscriber_tasks
from peoplelink.subscribers.imports import tasks as import_tasks
from tests import parts
from tests.consent.wire import Wire
from tests.factories import make_officer
from tests.inbound.posts import Provider
from tests.pages import csrf_token

BEGIN = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
"""A Monday; the clocks change four weeks later."""
_NIGHTS = quiet_hours.parse("21:00-08:00")
_UNPACED = 100_000
_ROUNDS = 60


class Clock:
    """What `peoplelink.clock.now` says while the test runs."""

    def __init__(self):
        self.moment = BEGIN

    def now(self):
        return self.moment

    def on(self, **step):
        self.moment += dt.timedelta(**step)

    def to_hour(self, hour):
        """The next time that it is this hour (UTC)."""
        at = self.moment.replace(hour=hour, minute=0, second=0, microsecond=0)
        self.moment = at if at > self.moment else at + dt.timedelta(days=1)


class Rig:
    """What may be kept from one play to the next: the application, the servers, the keys."""

    def __init__(self, app, runtime, databases, key_pairs, monkeypatch):
        self.app, self.runtime, self.databases, self.key_pairs = app, runtime, databases, key_pairs
        self.clock = Clock()
        monkeypatch.setattr(clock, "now", self.clock.now)

    def open(self, mode=KeywordMode.OFF):
        """A site of which nobody has heard yet."""
        self.clock.moment = BEGIN
        self.runtime.redis.flushall()
        # An emptied Redis knows no sender's rate, and the first text would wait for a second.
        self.runtime.redis.hset("peoplelink:pace:sms", "due", "0")
        return Site(self, mode)


class Site:
    """One play: a database of its own, and an officer."""

    def __init__(self, rig, mode):
        self.rig, self.clock, self.mode = rig, rig.clock, mode
        self.url = rig.databases.create()
        self.jobs = RecordedJobs()
        self.parts = self._parts(rig.runtime, mode)
        parts.give(rig.app, self.parts)
        self.browser, self.desk = rig.app.test_client(), rig.app.test_client()
        self.provider = Provider(rig.app.test_client(), self.parts, rig.key_pairs)
        self.wire = Wire(self.parts.channels)
        with self.parts.database.transaction() as session:
            seed.plant(session, now=self.clock.now())
            self.officer = make_officer(session)
        self.wire.officers.add(self.officer.email)
        self._tokens = {}

    def _parts(self, runtime, mode):
        config = dataclasses.replace(
            runtime.config, database_url=self.url, twilio_keywords=mode, quiet_hours=_NIGHTS,
            twilio_segments_per_second=_UNPACED,
        )  # fmt: skip
        database = Database(make_engine(self.url), ringer=self.jobs.ring, keys=config.keyring)
        channels = {Medium.SMS: MemoryChannel(Medium.SMS), Medium.EMAIL: MemoryChannel(Medium.EMAIL, batch_size=1000)}
        twilio = TwilioChannel(twilio_settings(config))
        return dataclasses.replace(
            runtime, config=config, database=database, jobs=self.jobs, channels=channels, twilio=twilio
        )

    def close(self):
        self.parts.database.engine.dispose()
        self.rig.databases.drop(self.url)

    # Pages

    def post(self, path, *, by_officer=False, remote="127.0.0.1", **fields):
        """Send a form as a browser does, with the token of its session against forged requests."""
        client = self._signed_in() if by_officer else self.browser
        data = {name: value for name, value in fields.items() if value is not None}
        where = {"REMOTE_ADDR": remote}
        return client.post(path, data=data | {"csrf_token": self._token(client)}, environ_base=where)

    def get(self, path, *, by_officer=False):
        return (self._signed_in() if by_officer else self.browser).get(path)

    def _signed_in(self):
        # Each time anew: between two acts of this officer lies a day, and a session lasts eight hours.
        with self.desk.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = self.officer.get_id(), True
        return self.desk

    def _token(self, client):
        if client not in self._tokens:
            self._tokens[client] = csrf_token(client, "/join")
        return self._tokens[client]

    # Workers

    def work(self):
        """Answer every bell that has rung, and those that ring meanwhile, as workers do."""
        for _ in range(_ROUNDS):
            bells, self.jobs.rung = sorted(set(self.jobs.rung)), []
            if not bells:
                return
            for bell in bells:
                kind, _, rest = bell.partition(":")
                joined.TASKS[kind](self.parts, *([rest] if rest else []))
        raise AssertionError(f"bells that never fall silent: {bells}")

    def tend(self, *, night=False):
        """Once round what the scheduler does, but for asking the providers; `night` is the nightly run of retention."""
        for task in (
            outbound_tasks.sweep, broadcast_tasks.refresh, broadcast_tasks.ring_for_digests, inbound_tasks.sweep,
            subscriber_tasks.remind, import_tasks.ring,
        ):  # fmt: skip
            task(self.parts)
        if night:
            rights_tasks.ring(self.parts)
        self.work()
