"""The compose page at a million residents; and the count of a broadcast's audience beside the bare SQL."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench.crowd import Crowd, quiet_runtime, write_broadcast
from bench.desk import Desk
from bench.figures import Figure, at_most, median, ratio
from bench.processes import call
from bench.website import free_port, served
from peoplelink import clock
from peoplelink.broadcasts import audience
from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.demo.browser import Browser
from peoplelink.embedded.first_start import FIRST_OFFICER
from peoplelink.officers import services as officers
from peoplelink.runtime import Runtime

RESIDENTS = 1_000_000
_PASSWORD = "measure-twice-cut-once-7"  # noqa: S105 - of an officer who lives for some minutes
_VISITS = 3

_BARE = """
    WITH lines AS MATERIALIZED (
        SELECT s.id AS subscriber_id, a.id AS address_id, a.medium,
               CASE WHEN a.id IS NULL THEN 0 WHEN l.status <> 'live' THEN 1
                    WHEN EXISTS (SELECT FROM suppressions AS x WHERE x.hash = a.hash AND x.lifted_at IS NULL) THEN 2
                    WHEN s.paused_until > now() THEN 3
                    WHEN s.least_importance IN ('important', 'urgent') THEN 4
                    WHEN s.digest IS NOT NULL AND a.medium = 'email' THEN 5
                    WHEN s.weekly_limit IS NOT NULL AND s.weekly_limit <= (
                        SELECT count(*) FROM deliveries AS d JOIN dispatches AS p ON p.id = d.dispatch_id
                        WHERE d.address_id = a.id AND d.created_at > now() - interval '7 days'
                          AND d.status NOT IN ('suppressed', 'expired', 'cancelled')
                          AND p.purpose IN ('broadcast', 'digest')) THEN 6
                    ELSE 8 END AS standing
        FROM subscribers AS s
        LEFT JOIN subscriber_addresses AS l ON l.subscriber_id = s.id
        LEFT JOIN addresses AS a ON a.id = l.address_id
        WHERE s.id IN (SELECT subscriber_id FROM zone_subscriptions WHERE zone_id = ANY(:zones))
          AND (s.id IN (SELECT subscriber_id FROM topic_subscriptions WHERE topic_id = ANY(:topics))
               OR s.id NOT IN (SELECT subscriber_id FROM topic_subscriptions))),
    told AS (
        SELECT subscriber_id, medium,
               CASE WHEN standing = 8 AND subscriber_id <> min(subscriber_id)
                         FILTER (WHERE standing = 8) OVER (PARTITION BY address_id) THEN 7 ELSE standing END AS standing
        FROM lines)
    SELECT medium, standing, count(DISTINCT subscriber_id) AS people FROM told GROUP BY medium, standing"""


def run(desk: Desk) -> list[Figure]:
    """Seconds of the page, and how long the exact count takes."""
    count = desk.size(RESIDENTS)
    database = residents(desk, count)
    desk.say(f"{count:,} residents with three subscriptions each")
    runtime = quiet_runtime(Config.from_env(desk.environment(desk.postgres.url(database))))
    try:
        public_id = _prepare(runtime)
        pages = _pages(desk, database, public_id)
        counts = [
            call(
                "bench.audience_page:counted",
                {"env": desk.environment(desk.postgres.url(database)), "bare_first": number % 2 == 1},
            )
            for number in range(desk.rounds)
        ]
    finally:
        clear(desk, database)
        runtime.database.engine.dispose()
    desk.say(f"counted: {counts[0]['ours']:.2f} s, bare SQL {counts[0]['bare']:.2f} s")
    return [
        median("audience_page", pages["edit"], "s", at_most(1)),
        median("audience_page_preview", pages["preview"], "s"),
        median("audience_page_send", pages["send"], "s"),
        ratio("audience_count", [one["ours"] for one in counts], [one["bare"] for one in counts], target=at_most(1.1)),
        median("audience_count_seconds", [one["ours"] for one in counts], "s"),
    ]


def residents(desk: Desk, count: int) -> str:
    """The name of a database with so many residents. It is too large to be copied for each round: see `clear`."""

    def build(name: str) -> None:
        desk.say(f"planting {count:,} residents, once")
        with desk.postgres.connect(name) as connection:
            Crowd(count, Medium.SMS, desk.seed).plant(connection)

    # Whatever the seed, a resident is like any other: what was built for one serves all.
    name = desk.built("residents", build, template=desk.empty, of=str(count), keep=True)
    clear(desk, name)
    return name


def clear(desk: Desk, database: str) -> None:
    """Nothing was ever sent or written."""
    with desk.postgres.connect(database) as connection:
        connection.execute("TRUNCATE broadcasts, dispatches CASCADE")


def _prepare(runtime: Runtime) -> str:
    with runtime.database.transaction() as session:
        officers.set_password(session, officers.by_email(session, FIRST_OFFICER), _PASSWORD, now=clock.now())
    return write_broadcast(runtime, Medium.SMS)


def _pages(desk: Desk, database: str, public_id: str) -> dict[str, list[float]]:
    """The seconds of each visit to the pages on which an officer writes to a million, looks again, and sends."""
    port = free_port()
    env = desk.environment(desk.postgres.url(database), port=port)
    with served("wsgi:app", env, port, ready="/healthz", log=desk.folder / "web.log"):
        browser = Browser(f"http://127.0.0.1:{port}")
        sign_in = browser.get("/officer/sign-in")
        browser.submit(sign_in, "Sign in", {"Email": FIRST_OFFICER, "Password": _PASSWORD})
        return {
            name: [_seconds(desk, browser, f"/officer/broadcasts/{public_id}/{name}") for _ in range(_VISITS)]
            for name in ("edit", "preview", "send")
        }


def _seconds(desk: Desk, browser: Browser, path: str) -> float:
    began = time.monotonic()
    page = browser.get(path)
    seconds = time.monotonic() - began
    if page.status != 200 or not page.url.endswith(path):  # noqa: PLR2004
        raise RuntimeError(f"{path} answered {page.status} at {page.url}")
    desk.say(f"{path.rpartition('/')[2]}: {seconds:.2f} s")
    return seconds


def counted(order: Mapping[str, Any]) -> dict[str, Any]:
    """The seconds of our count and of the bare one; both have to find the same people.

    Which comes first finds nothing in the server's memory, so each is done once before, and they take turns.
    """
    runtime = quiet_runtime(Config.from_env(order["env"]))
    with runtime.database.read() as session:
        broadcast = session.scalars(select(Broadcast)).one()
        ways: dict[str, Callable[[], int]] = {
            "ours": lambda: audience.count(session, broadcast, now=clock.now()).matched,
            "bare": lambda: _bare(session, audience.rule_of(broadcast)),
        }
        found = {way() for way in ways.values()}
        assert len(found) == 1, "the two did not count the same"
        names = sorted(ways, reverse=not order["bare_first"])
        return {name: _taken(ways[name]) for name in names}


def _bare(session: Session, rule: audience.Rule) -> int:
    rows = session.execute(text(_BARE), {"zones": list(rule.zone_ids), "topics": list(rule.topic_ids)})
    return sum(row.people for row in rows)


def _taken(way: Callable[[], object]) -> float:
    began = time.monotonic()
    way()
    return time.monotonic() - began
