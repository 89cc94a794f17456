"""`peoplelink doctor`: looks at every part, says what is wrong and what to do about it."""

import base64
import datetime as dt
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from peoplelink import clock, schema
from peoplelink.config import Config, ConfigError
from peoplelink.db import Database, opened
from peoplelink.inbound import catching_up
from peoplelink.jobs import QUEUES
from peoplelink.outbound.models import Lane, SchedulerLease

OLDEST_REDIS = (6, 2)  # commands that RQ and our pacing use
STATIC_FILES = ("govuk-frontend.min.css", "govuk-frontend.min.js", "htmx.min.js")
_SECONDS = 10
_MISSED = 4
"""Rounds of the catch-up that may fail before somebody should look."""


class Verdict(StrEnum):
    """How a part is."""

    WELL = "ok"
    WORTH_A_LOOK = "look"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """What was found about one part."""

    part: str
    verdict: Verdict
    says: str
    """What is so; where something is wrong, what to do."""


@dataclass(frozen=True)
class Stopped:
    """An installation that `peoplelink run` starts, while it does not run."""

    parts: Collection[str]
    """Those that start with it, by their names in `embedded.environment`."""
    start: str
    """The command that starts it."""


def examine(env: Mapping[str, str], stopped: Stopped | None = None) -> list[Finding]:
    """Look at everything the settings in `env` name. Nothing is changed, nothing is sent.

    Of an installation that is stopped only that is said: that its parts do not answer is no fault of theirs.
    """
    try:
        config = Config.from_env(env)
    except ConfigError as err:
        return [Finding("Settings", Verdict.WRONG, problem) for problem in err.problems]
    findings = [Finding("Settings", Verdict.WELL, "complete")]
    if stopped:
        findings.append(
            _wrong("People Link", f"is not running, so nothing is sent or received. Start it: {stopped.start}")
        )
    for look in _looks(stopped):
        findings.extend(look(config))
    return findings


def _looks(stopped: Stopped | None) -> Iterator[Callable[[Config], Iterator[Finding]]]:
    """What to look at."""
    yield _database
    if stopped is None:
        yield from (_at_work, _redis, _workers, _twilio, _sendgrid, _public_address)
    else:
        own = {"Queue": _redis, "Texts": _twilio, "Email": _sendgrid}
        yield from (look for part, look in own.items() if part not in stopped.parts)
    yield _static_files


def _database(config: Config) -> Iterator[Finding]:
    with opened(config.database_url) as database:
        yield from _database_behind(database)


def _database_behind(database: Database) -> Iterator[Finding]:
    try:
        current = schema.is_current(database.engine)
    except SQLAlchemyError:
        yield _wrong("Database", "cannot be reached. Check DATABASE_URL, and that the server runs.")
        return
    if not current:
        yield _wrong("Database", "has another schema than this version. Run: peoplelink db upgrade")
        return
    yield _well("Database", f"{database.engine.dialect.name}, reached and up to date")
    with database.read() as session:
        for lane in session.scalars(select(Lane).where(Lane.paused_at.is_not(None))):
            yield _wrong("Sending", f"{lane.name} is paused: {lane.paused_because}")


def _at_work(config: Config) -> Iterator[Finding]:
    """Whether what is to be done now and then is done. A database with a fault has been named already."""
    with opened(config.database_url) as database:
        try:
            if not schema.is_current(database.engine):
                return
        except SQLAlchemyError:
            return
        with database.read() as session:
            lease, caught_up = session.get(SchedulerLease, "periodic"), catching_up.mark(session)
    if lease is None or lease.expires_at <= clock.now():
        yield _wrong("Scheduler", "none is at work. Start one: peoplelink scheduler")
    else:
        yield _well("Scheduler", f"at work ({lease.holder})")
    if caught_up is not None and caught_up < clock.now() - dt.timedelta(seconds=config.timing.catch_up * _MISSED):
        since = f"{clock.in_london(caught_up):%H:%M on %-d %B}"
        yield _wrong(
            "Texts",
            f"Twilio has not been asked, or has not answered, since {since} which texts did not reach us. The log of "
            "the workers says why: catch_up_failed",
        )


def _redis(config: Config) -> Iterator[Finding]:
    try:
        with _redis_of(config) as redis:
            info: dict[str, Any] = dict(redis.info())
    except RedisError:
        yield _wrong("Redis", "cannot be reached. Check REDIS_URL, and that the server runs.")
        return
    yield _redis_version(str(info.get("redis_version", "0")))
    yield _redis_memory(info)


def _redis_of(config: Config) -> Redis:
    return Redis.from_url(config.redis_url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS)


def _workers(config: Config) -> Iterator[Finding]:
    try:
        with _redis_of(config) as redis:
            listening = {name for worker in Worker.all(connection=redis) for name in worker.queue_names()}
    except RedisError:
        yield _wrong("Workers", "are not known while Redis cannot be reached.")
        return
    for queue in QUEUES:
        if queue in listening:
            yield _well("Workers", f"one listens to {queue}")
        else:
            yield _wrong("Workers", f"none listens to {queue}. Start one: peoplelink worker {queue}")


def _redis_version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_REDIS:
        return _wrong("Redis", f"is version {version}. People Link needs Redis 6.2 or later, or Valkey.")
    return _well("Redis", f"reached, speaks version {version}")


def _redis_memory(info: Mapping[str, Any]) -> Finding:
    if info.get("aof_enabled"):
        return _well("Redis", "writes what it holds to disk")
    # Nothing is lost for good, since the database is the queue; but everything waits for the next sweep.
    return Finding(
        "Redis", Verdict.WORTH_A_LOOK, "forgets its queues when it restarts (sending then waits up to 30 s): appendonly"
    )


def _twilio(config: Config) -> Iterator[Finding]:
    token = config.twilio_auth_token.split()[0]  # of two, while rotating, the first is ours to send with
    pair = f"{config.twilio_account_sid}:{token}"
    url = f"{config.twilio_base_url}/2010-04-01/Accounts/{config.twilio_account_sid}.json"
    authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    yield _provider("Twilio", url, authorization, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")


def _sendgrid(config: Config) -> Iterator[Finding]:
    url = f"{config.sendgrid_base_url}/v3/scopes"
    yield _provider("SendGrid", url, f"Bearer {config.sendgrid_api_key}", "SENDGRID_API_KEY")


def _provider(name: str, url: str, authorization: str, settings: str) -> Finding:
    status = _status(url, {"Authorization": authorization})
    if status is None:
        return _wrong(name, "cannot be reached. Check this machine's way to the internet.")
    if status in {401, 403}:
        return _wrong(name, f"does not know us. Check {settings}.")
    if status >= 500:  # noqa: PLR2004
        return _wrong(name, f"has a fault of its own (HTTP {status}). Try again later; see its status page.")
    return _well(name, "takes our credentials")


def _public_address(config: Config) -> Iterator[Finding]:
    status = _status(f"{config.public_url}/healthz", {})
    if status == 200:  # noqa: PLR2004
        yield _well("Website", f"answers at {config.public_url}")
    else:
        yield Finding(
            "Website",
            Verdict.WORTH_A_LOOK,
            f"does not answer at {config.public_url} as seen from here. Check PEOPLELINK_PUBLIC_URL, the web server "
            "and the proxy: providers report to this address",
        )


def _static_files(_config: Config) -> Iterator[Finding]:
    folder = Path(__file__).parent / "static" / "vendor"
    missing = [name for name in STATIC_FILES if not (folder / name).is_file()]
    if missing:
        yield _wrong("Pages", f"{', '.join(missing)} missing. In a clone of the project run: make static")
    else:
        yield _well("Pages", "have their styles")


def _status(url: str, headers: dict[str, str]) -> int | None:
    """The HTTP status at `url`, or None when nobody answers."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - from the settings
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as err:
        with err:
            return err.code
    except OSError:
        return None


def _well(part: str, says: str) -> Finding:
    return Finding(part, Verdict.WELL, says)


def _wrong(part: str, says: str) -> Finding:
    return Finding(part, Verdict.WRONG, says)
