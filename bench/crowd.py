"""Residents by the hundred thousand, written by SQL; and a broadcast to them, written and released by the project."""

from dataclasses import dataclass, replace
from typing import Any

import psycopg
from sqlalchemy import select

from bench.servers import script
from peoplelink import clock
from peoplelink.app import make_runtime
from peoplelink.broadcasts import services as broadcasts
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.checks import Draft
from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.db import Database
from peoplelink.jobs import RecordedJobs
from peoplelink.officers.models import Officer
from peoplelink.runtime import Runtime
from peoplelink.subscribers.models import Topic, Zone

PEOPLE = (
    """INSERT INTO subscribers (id, public_id, name, language, created_at)
       SELECT i, gen_random_uuid()::text, CASE WHEN i % 2 = 0 THEN 'Neighbour ' || i END, 'en', now()
       FROM generate_series(1, {people}) AS i""",
    # The hash of the seed stands in for the keyed one: it is only ever compared with those of suppressions.
    """INSERT INTO addresses (id, public_id, medium, value, hash, created_at)
       SELECT i, gen_random_uuid()::text, {medium},
              CASE WHEN {medium} = 'sms' THEN '+44' || (7400000000 + i) ELSE 'resident' || i || '@example.com' END,
              encode(sha256(({seed} || ':' || i)::bytea), 'hex'), now()
       FROM generate_series(1, {people}) AS i""",
    """INSERT INTO subscriber_addresses (subscriber_id, address_id, status, confirmed_at)
       SELECT i, i, 'live', now() FROM generate_series(1, {people}) AS i""",
    # A resident in two chooses a second zone.
    """INSERT INTO zone_subscriptions (subscriber_id, zone_id, created_at)
       SELECT i, zones[1 + i % cardinality(zones)], now()
       FROM generate_series(1, {people}) AS i, (SELECT array_agg(id ORDER BY id) AS zones FROM zones) AS z
       UNION ALL
       SELECT i, zones[1 + (i + 1) % cardinality(zones)], now()
       FROM generate_series(2, {people}, 2) AS i, (SELECT array_agg(id ORDER BY id) AS zones FROM zones) AS z""",
    # A topic each, a second one for every other resident: with the zones three subscriptions a resident.
    """INSERT INTO topic_subscriptions (subscriber_id, topic_id, created_at)
       SELECT i, topics[1 + i % cardinality(topics)], now()
       FROM generate_series(1, {people}) AS i, (SELECT array_agg(id ORDER BY id) AS topics FROM topics) AS t
       UNION ALL
       SELECT i, topics[1 + (i + 1) % cardinality(topics)], now()
       FROM generate_series(2, {people}, 2) AS i, (SELECT array_agg(id ORDER BY id) AS topics FROM topics) AS t""",
    # Strangers who said STOP, so that looking for suppressions is looking for something.
    """INSERT INTO suppressions (medium, hash, key_id, reason, source, created_at, said_at)
       SELECT {medium}, encode(sha256(('stranger:' || i)::bytea), 'hex'), '1', 'stop', 'text', now(), now()
       FROM generate_series(1, {people} / 50) AS i""",
    "SELECT setval('subscribers_id_seq', {people})",
    "SELECT setval('addresses_id_seq', {people})",
    "VACUUM (ANALYZE)",
)

SMS = (
    "Hello {name|neighbour}. The litter pick on Saturday starts at 10 at the community centre, bags and gloves are "
    "there."
)
EMAIL = "# Litter pick\n\nHello {name|neighbour},\n\n" + "It starts at **10** at the community centre. " * 20


@dataclass(frozen=True)
class Crowd:
    """How many residents, each with an address of one medium."""

    people: int
    medium: Medium
    seed: int

    def plant(self, connection: psycopg.Connection[Any]) -> None:
        """Write them into a database without residents, and have PostgreSQL look at it all."""
        script(connection, PEOPLE, people=self.people, medium=str(self.medium), seed=self.seed)


def quiet_runtime(config: Config) -> Runtime:
    """The parts of a process whose bells ring nowhere."""
    runtime, jobs = make_runtime(config), RecordedJobs()
    return replace(
        runtime, jobs=jobs, database=Database(runtime.database.engine, ringer=jobs.ring, keys=config.keyring)
    )


def write_broadcast(runtime: Runtime, medium: Medium, *, more: str = "") -> str:
    """A draft to every zone and topic, by the first officer, with `more` words in a text; its public id."""
    is_text = medium is Medium.SMS
    with runtime.database.transaction() as session:
        officer = session.scalars(select(Officer)).first()
        assert officer is not None
        draft = Draft(
            title="Litter pick",
            zone_ids=tuple(session.scalars(select(Zone.id))),
            topic_ids=tuple(session.scalars(select(Topic.id))),
            sms=SMS + more if is_text else "",
            subject="" if is_text else "Litter pick, {name|neighbour}",
            email="" if is_text else EMAIL,
        )
        return broadcasts.create_draft(session, draft, by=officer, now=clock.now()).public_id


def send_off(runtime: Runtime, public_id: str) -> None:
    """Have the officer press "Send": a release waits."""
    with runtime.database.transaction() as session:
        officer = session.scalars(select(Officer)).first()
        broadcast = session.scalars(select(Broadcast).where(Broadcast.public_id == public_id)).one()
        assert officer is not None
        broadcasts.send_now(session, broadcast, by=officer, edition=broadcast.edition, now=clock.now())


def release(runtime: Runtime, medium: Medium, *, more: str = "") -> None:
    """Everything up to the moment when a worker begins to send."""
    send_off(runtime, write_broadcast(runtime, medium, more=more))
    tasks.release(runtime)
