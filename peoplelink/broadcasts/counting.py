"""Whom a draft reaches: known at once where they are few, counted in seconds where they are many and kept for a while.

A page that shows a draft must not wait for a million people to be counted (seven seconds): it says that we are
counting, and asks again for the answer.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts import audience, checks, names, resting
from peoplelink.broadcasts.audience import AudienceCount, Rule
from peoplelink.broadcasts.checks import Draft
from peoplelink.broadcasts.names import Longest
from peoplelink.broadcasts.resting import Rest
from peoplelink.channels.messages import Medium
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import ZoneSubscription

log = structlog.get_logger(__name__)

LARGE = 20_000
"""Residents of the chosen zones, counted once a zone, above which a page does not wait: so many take 0.2 s."""
KEPT = 120
"""Seconds that an answer stands: as long as somebody writes at a text. It is worked out anew when it is sent."""

NO_REST = Rest()
NOBODY = AudienceCount(matched=0, people=0, recipients={}, left_out={}, second_addresses={})


@dataclass(frozen=True)
class Reach:
    """Whom a draft reaches, and what follows from who they are."""

    count: AudienceCount
    longest: Longest = checks.NOBODY_NAMED
    """The longest names that its text greets."""
    rest: Rest = NO_REST
    """Who would have to wait for the end of quiet hours."""

    def as_json(self) -> bytes:
        """To be kept."""
        return orjson.dumps(self, option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def of_json(cls, text: bytes) -> Self:
        """As it was kept."""
        kept = orjson.loads(text)
        count, rest = kept["count"], kept["rest"]
        return cls(
            AudienceCount(
                matched=count["matched"],
                people=count["people"],
                recipients=_by_medium(count["recipients"]),
                left_out=_by_medium(count["left_out"]),
                second_addresses=_by_medium(count["second_addresses"]),
            ),
            Longest(**kept["longest"]),
            Rest({dt.datetime.fromisoformat(end): people for end, people in rest["until"].items()}, rest["at_once"]),
        )


def is_large(session: Session, rule: Rule) -> bool:
    """Whether so many have chosen these zones that counting them takes a while. Looks no further than it must."""
    if not rule.media:
        return False
    some = select(ZoneSubscription.subscriber_id).where(ZoneSubscription.zone_id.in_(rule.zone_ids)).limit(LARGE + 1)
    return (session.scalar(select(func.count()).select_from(some.subquery())) or 0) > LARGE


def reach(session: Session, draft: Draft, *, now: dt.datetime, quiet: Hours) -> Reach:
    """Whom it reaches, worked out now. Nobody, while it has no words."""
    if not draft.rule.media:
        return Reach(NOBODY)
    return Reach(
        audience.count(session, draft.rule, now=now),
        longest_names(session, draft),
        rest_of(session, draft, now=now, quiet=quiet),
    )


def longest_names(session: Session, draft: Draft) -> Longest:
    """The longest names that the text greets."""
    return names.longest(session, draft.rule) if checks.greets(draft) else checks.NOBODY_NAMED


def rest_of(session: Session, draft: Draft, *, now: dt.datetime, quiet: Hours) -> Rest:
    """Who would have to wait for the end of quiet hours; nobody while its times make no sense."""
    if draft.ignores_quiet_hours or checks.check_times(draft, now=now):
        return NO_REST
    return resting.rest(session, draft.rule, quiet, at=draft.scheduled_for or now, now=now)


def kept(redis: Redis, draft: Draft) -> Reach | None:
    """What was counted for such a draft lately; None where nobody has, or Redis is away."""
    try:
        found = redis.get(_key(draft))
    except RedisError:
        return None
    return Reach.of_json(found) if isinstance(found, bytes) else None


def keep(redis: Redis, draft: Draft, found: Reach) -> None:
    """Keep an answer for a while. Harmless where Redis is away: then it is counted again."""
    try:
        redis.set(_key(draft), found.as_json(), ex=KEPT)
    except RedisError:
        log.warning("count_not_kept")


def _key(draft: Draft) -> str:
    rule = draft.rule
    parts = [
        sorted(rule.zone_ids), sorted(rule.topic_ids), sorted(rule.media), rule.importance,
        checks.greets(draft), draft.ignores_quiet_hours, draft.scheduled_for, draft.expires_at,
    ]  # fmt: skip
    return f"peoplelink:reach:{hashlib.sha256(orjson.dumps(parts)).hexdigest()}"


def _by_medium(numbers: Mapping[str, Any]) -> dict[Medium, Any]:
    return {Medium(name): number for name, number in numbers.items()}
