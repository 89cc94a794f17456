"""A broadcast to a million released, beside one bare INSERT ... SELECT with the same WHERE and indexes."""

import time
from collections.abc import Mapping
from typing import Any

from bench.audience_page import RESIDENTS, clear, residents
from bench.crowd import quiet_runtime, send_off, write_broadcast
from bench.desk import Desk
from bench.engine import finished
from bench.figures import Figure, at_most, median, ratio
from bench.processes import Meter, call
from bench.servers import script
from bench.texts import WrongCountError
from peoplelink.broadcasts import tasks
from peoplelink.channels.messages import Medium
from peoplelink.config import Config

_BARE = (
    "SET work_mem = '64MB'",
    "SET jit = off",
    """INSERT INTO dispatches (public_id, purpose, urgency, created_at)
       VALUES (gen_random_uuid()::text, 'broadcast', 'bulk', now())""",
    """INSERT INTO contents (dispatch_id, medium, language, subject, text, html, segments, personal)
       SELECT id, 'sms', 'en', '', 'News.', '', 1, true FROM dispatches""",
)
_INSERT = """
    INSERT INTO deliveries (public_id, dispatch_id, address_id, content_id, lane, status, rank, attempt, tries,
                            segments, merge, created_at)
    SELECT gen_random_uuid()::text, c.dispatch_id, a.id, c.id, 'sms:bulk', 'queued', 0, 0, 0, c.segments,
           json_build_object('name', s.name), now()
    FROM contents AS c, addresses AS a
    JOIN subscriber_addresses AS l ON l.address_id = a.id
    JOIN subscribers AS s ON s.id = l.subscriber_id
    WHERE a.medium = 'sms' AND l.status = 'live'
      AND EXISTS (SELECT FROM zone_subscriptions AS z WHERE z.subscriber_id = s.id AND z.zone_id = ANY({zones}))
      AND (EXISTS (SELECT FROM topic_subscriptions AS t WHERE t.subscriber_id = s.id AND t.topic_id = ANY({topics}))
           OR NOT EXISTS (SELECT FROM topic_subscriptions AS t WHERE t.subscriber_id = s.id))
      AND NOT EXISTS (SELECT FROM suppressions AS x WHERE x.hash = a.hash AND x.lifted_at IS NULL)
      AND (s.paused_until IS NULL OR s.paused_until <= now())
      AND NOT (s.least_importance IS NOT NULL AND s.least_importance IN ('important', 'urgent'))
      AND NOT (s.digest IS NOT NULL AND a.medium = 'email')
      AND (s.weekly_limit IS NULL OR s.weekly_limit > (
           SELECT count(*) FROM deliveries AS d JOIN dispatches AS p ON p.id = d.dispatch_id
           WHERE d.address_id = a.id AND d.created_at > now() - interval '7 days'
             AND d.status NOT IN ('suppressed', 'expired', 'cancelled') AND p.purpose IN ('broadcast', 'digest')))
    ON CONFLICT DO NOTHING"""


def run(desk: Desk) -> list[Figure]:
    """The ratio, and what our process held at most."""
    count = desk.size(RESIDENTS)
    database = residents(desk, count)
    desk.say(f"{count:,} recipients")
    bare, ours = [], []
    for _ in range(desk.rounds):
        bare.append(_bare(desk, database, count))
        ours.append(_ours(desk, database, count))
        desk.say(f"bare {bare[-1]:.1f} s, ours {ours[-1]['seconds']:.1f} s, {ours[-1]['peak_mb']:.0f} MB")
    return [
        ratio("release_1m", [one["seconds"] for one in ours], bare, target=at_most(1.25)),
        median("release_1m_memory", [one["peak_mb"] for one in ours], "MB", at_most(200)),
        median("release_1m_bare", bare, "s"),
        median("release_1m_ours", [one["seconds"] for one in ours], "s"),
    ]


def _bare(desk: Desk, database: str, count: int) -> float:
    _make_ready(desk, database)
    with desk.postgres.connect(database) as connection:
        zones = [row[0] for row in connection.execute("SELECT id FROM zones")]
        topics = [row[0] for row in connection.execute("SELECT id FROM topics")]
        script(connection, _BARE)
        began = time.monotonic()
        script(connection, [_INSERT], zones=zones, topics=topics)
        seconds = time.monotonic() - began
    _check(desk, database, count)
    return seconds


def _ours(desk: Desk, database: str, count: int) -> dict[str, Any]:
    _make_ready(desk, database)
    order = {"env": desk.environment(desk.postgres.url(database)), "servers": desk.servers, "count": count}
    answer = call("bench.release_1m:released", order)
    _check(desk, database, count)
    return answer


def released(order: Mapping[str, Any]) -> dict[str, Any]:
    """The worker's task, from the officer's click on."""
    runtime = quiet_runtime(Config.from_env(order["env"]))
    send_off(runtime, write_broadcast(runtime, Medium.SMS))
    meter, began = Meter(order["servers"]), time.monotonic()
    tasks.release(runtime)
    return finished(order["count"], began, meter)


def _make_ready(desk: Desk, database: str) -> None:
    clear(desk, database)
    desk.postgres.checkpoint()


def _check(desk: Desk, database: str, count: int) -> None:
    with desk.postgres.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM deliveries").fetchone()
    if row is None or row[0] != count:
        raise WrongCountError(f"{row and row[0]} deliveries for {count} residents")
