"""The claim beside ten million old deliveries and beside none; and at the end of a drain beside its beginning."""

import datetime as dt
import shutil
import statistics
import time
from collections.abc import Mapping
from typing import Any

import psycopg

from bench.crowd import Crowd, quiet_runtime, release
from bench.desk import Desk
from bench.figures import Figure, at_most, median, ratio
from bench.processes import call
from bench.servers import script
from peoplelink import clock
from peoplelink.channels.messages import Medium, SendResult
from peoplelink.config import Config
from peoplelink.outbound import results
from peoplelink.outbound.claim import MAX_CLAIM, Claimed, claim
from peoplelink.outbound.turns import Turns
from peoplelink.runtime import Runtime

_PEOPLE = 100_000
_OLD_BROADCASTS = 100
_ROOM = 12 * 2**30
"""Bytes that must be free before ten million rows are built: they take about half of it, and their log."""
_LANE = "sms:bulk"
_TENTH = 10

_OLD = """
    WITH d AS (INSERT INTO dispatches (public_id, purpose, urgency, created_at, released_at)
               VALUES (gen_random_uuid()::text, 'broadcast', 'bulk', now() - {age}, now() - {age}) RETURNING id),
         c AS (INSERT INTO contents (dispatch_id, medium, language, subject, text, html, segments, personal)
               SELECT id, 'sms', 'en', '', 'Old news.', '', 1, false FROM d RETURNING id, dispatch_id)
    INSERT INTO deliveries (public_id, dispatch_id, address_id, content_id, lane, status, rank, attempt, tries,
                            segments, merge, claimed_at, provider_message_id, reason, provider_code, created_at,
                            sent_at, settled_at)
    SELECT gen_random_uuid()::text, c.dispatch_id, a.id, c.id, 'sms:bulk',
           CASE WHEN a.id % 25 = 0 THEN 'failed' WHEN a.id % 25 = 1 THEN 'sent' ELSE 'delivered' END,
           CASE WHEN a.id % 25 = 0 THEN 40 WHEN a.id % 25 = 1 THEN 30 ELSE 50 END,
           1, 0, 1, '{{"name": null}}', now() - {age}, 'SM' || md5(c.id || ':' || a.id),
           CASE WHEN a.id % 25 = 0 THEN 'unreachable' END, CASE WHEN a.id % 25 = 0 THEN '30003' END,
           now() - {age}, now() - {age}, now() - {age}
    FROM c, addresses AS a ORDER BY a.id"""


def run(desk: Desk) -> list[Figure]:
    """The two ratios, and the milliseconds of a claim of as many as one takes."""
    people, old = desk.size(_PEOPLE, least=10 * MAX_CLAIM), _OLD_BROADCASTS
    small = desk.built("claims", lambda name: _plant(desk, name, people, 0), template=desk.empty, of=f"{people}")
    large = _with_old(desk, people, old)
    desk.say(f"drains of {people:,}, beside {people * old:,} old deliveries and beside none")
    none, many = [], []
    for _ in range(desk.rounds):
        none.append(_claims(desk, small))
        many.append(_claims(desk, large))
        desk.say(f"beside none {_middle(none[-1]):.1f} ms, beside all {_middle(many[-1]):.1f} ms a claim")
    return [
        ratio("claim_growth_old", [*map(_middle, many)], [*map(_middle, none)], "times", at_most(1.5)),
        ratio("claim_growth_drain", [*map(_end, many)], [*map(_begin, many)], "times", at_most(1.5)),
        ratio("claim_growth_drain_none", [*map(_end, none)], [*map(_begin, none)], "times", at_most(1.5)),
        median("claim_growth_ms", [*map(_middle, many)], "ms"),
    ]


def _with_old(desk: Desk, people: int, old: int) -> str:
    def build(name: str) -> None:
        free = shutil.disk_usage(desk.folder).free
        if desk.scale == 1 and free < _ROOM:
            raise SystemExit(f"claim_growth needs {_ROOM >> 30} GB of disk once, and {free >> 30} GB are free.")
        desk.say(f"building {people * old:,} old deliveries, once: some minutes")
        _plant(desk, name, people, old)

    return desk.built("old", build, template=desk.empty, of=f"{people}x{old}", keep=True)


def _plant(desk: Desk, name: str, people: int, old: int) -> None:
    with desk.postgres.connect(name) as connection:
        Crowd(people, Medium.SMS, desk.seed).plant(connection)
        # Millions of look-ups of rows that we have just read ourselves.
        connection.execute("SET session_replication_role = replica")
        rebuilt = _without_indexes(connection) if old else []
        for age in range(old, 0, -1):
            script(connection, [_OLD], age=dt.timedelta(days=age))
        script(connection, ["SET maintenance_work_mem = '1GB'", *rebuilt, "VACUUM (ANALYZE)"])


def _without_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop what slows the building down; the statements that make it again."""
    unique = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'deliveries'::regclass AND contype = 'u'"
    ).fetchall()
    script(connection, [f"ALTER TABLE deliveries DROP CONSTRAINT {name}" for name, _ in unique])
    plain = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'deliveries' AND indexname NOT LIKE 'pk%'"
    ).fetchall()
    script(connection, [f"DROP INDEX {name}" for name, _ in plain])
    return [
        *(f"ALTER TABLE deliveries ADD CONSTRAINT {name} {definition}" for name, definition in unique),
        *(definition for _, definition in plain),
    ]


def _claims(desk: Desk, database: str) -> list[float]:
    """Milliseconds of each claim of a drain; the database is as before afterwards."""
    url = desk.postgres.url(database)
    runtime = quiet_runtime(Config.from_env(desk.environment(url)))
    release(runtime, Medium.SMS)
    runtime.database.engine.dispose()
    with desk.postgres.connect(database) as connection:
        try:
            connection.execute("ANALYZE deliveries")
            desk.postgres.checkpoint()
            answer = call("bench.claim_growth:claimed", {"env": desk.environment(url), "lane": _LANE})
        finally:
            script(connection, _FORGET)
    milliseconds: list[float] = answer["milliseconds"]
    return milliseconds


_FORGET = (
    "DELETE FROM deliveries WHERE dispatch_id IN (SELECT dispatch_id FROM broadcasts)",
    "DELETE FROM contents WHERE dispatch_id IN (SELECT dispatch_id FROM broadcasts)",
    "DELETE FROM broadcast_proof_stretches",
    "DELETE FROM broadcast_proofs",
    "DELETE FROM broadcasts",
    "VACUUM (ANALYZE) deliveries",
)


def claimed(order: Mapping[str, Any]) -> dict[str, Any]:
    """Claim everything, as many at a time as one claim takes, and record them as sent before the next.

    Only the claim is timed.
    """
    runtime = quiet_runtime(Config.from_env(order["env"]))
    turns = Turns()
    milliseconds: list[float] = []
    while True:
        began = time.perf_counter()
        rows = _claim(runtime, order["lane"], turns)
        spent = (time.perf_counter() - began) * 1000
        if not rows:
            return {"milliseconds": milliseconds}
        if len(rows) == MAX_CLAIM:
            milliseconds.append(spent)
        _record(runtime, order["lane"], rows)


def _claim(runtime: Runtime, lane: str, turns: Turns) -> list[Claimed]:
    lease = dt.timedelta(seconds=runtime.config.timing.lease)
    with runtime.database.transaction() as session:
        return claim(session, lane, limit=MAX_CLAIM, lease=lease, now=clock.now(), turns=turns).rows


def _record(runtime: Runtime, lane: str, rows: list[Claimed]) -> None:
    outcomes = [results.Outcome([row], [SendResult(f"SM{row.delivery_id:032}")]) for row in rows]
    timing, now = runtime.config.timing, clock.now()
    with runtime.database.transaction() as session:
        results.record(session, outcomes, lane=lane, listeners=runtime.listeners, timing=timing, now=now)


def _middle(milliseconds: list[float]) -> float:
    return statistics.median(milliseconds)


def _begin(milliseconds: list[float]) -> float:
    return statistics.median(milliseconds[: max(1, len(milliseconds) // _TENTH)])


def _end(milliseconds: list[float]) -> float:
    return statistics.median(milliseconds[-max(1, len(milliseconds) // _TENTH) :])
