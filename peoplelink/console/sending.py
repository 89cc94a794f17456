"""How sending stands, in figures: for `peoplelink queue` and for the officers' page. Looks at open deliveries only."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import case, func, literal_column, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.outbound import rates, watch
from peoplelink.outbound.models import Delivery, Dispatch, Lane, SchedulerLease
from peoplelink.outbound.services import lane_of
from peoplelink.outbound.states import HoldReason, Urgency
from peoplelink.workers import Living
from peoplelink.workers import living as living_workers

LANES = {
    lane_of(Medium.SMS, Urgency.URGENT): "Texts that go first",
    lane_of(Medium.SMS, Urgency.BULK): "Texts to many",
    lane_of(Medium.EMAIL, Urgency.URGENT): "Emails that go first",
    lane_of(Medium.EMAIL, Urgency.BULK): "Emails to many",
}
"""What officers call a lane. First go answers and confirmations, and also a broadcast to few people."""

AGES = {"under 10 minutes": 600.0, "under an hour": 3600.0, "under a day": 86400.0, "a day or more": None}
"""How old a delivery in doubt is: up to so many seconds."""

BELLS = {
    "lane": "sends",
    "webhooks": "reads what came in",
    "release": "makes the list of a broadcast",
    "cancel": "takes a broadcast back",
    "reconcile": "asks about messages in doubt",
    "catch-up": "asks for texts that did not reach us",
    "receipts": "asks for receipts",
}


@dataclass
class LaneState:
    """One lane. Numbers are of messages."""

    name: str
    words: str
    waiting: int = 0
    """Of broadcasts that are not paused."""
    resting: int = 0
    """Of paused broadcasts."""
    oldest: dt.datetime | None = None
    """When the oldest that waits was queued."""
    held: int = 0
    held_until: dt.datetime | None = None
    """When the first of them may go."""
    under_way: int = 0
    last_minute: int | None = None
    """How many the provider took; None while Redis is away."""
    paused_at: dt.datetime | None = None
    paused_because: str | None = None


@dataclass(frozen=True)
class State:
    """Everything at one moment."""

    lanes: list[LaneState]
    paused_dispatches: Mapping[HoldReason, int]
    """How many broadcasts wait for an officer, by why."""
    unconfirmed: Mapping[str, int]
    """Deliveries in doubt, by age."""
    accepted_twice: int
    scheduler: str | None
    """Who holds the lease; None when nobody does."""
    restored: bool
    workers: list[Living] = field(default_factory=list)
    redis_away: bool = False


def look(session: Session, redis: Redis, *, now: dt.datetime) -> State:
    """How things stand. Redis may be away: then what only it knows is missing."""
    lanes = {name: LaneState(name, words) for name, words in LANES.items()}
    _count_waiting(session, lanes)
    _count_held(session, lanes)
    _count_under_way(session, lanes)
    for lane in session.scalars(select(Lane).where(Lane.paused_at.is_not(None), Lane.name.in_(lanes))):
        lanes[lane.name].paused_at, lanes[lane.name].paused_because = lane.paused_at, lane.paused_because
    living, away = _ask_redis(redis, lanes, now)
    return State(
        lanes=list(lanes.values()),
        paused_dispatches=_paused(session),
        unconfirmed=_doubts(session, now),
        accepted_twice=_twice(session),
        scheduler=_scheduler(session, now),
        restored=watch.is_restored(session),
        workers=living,
        redis_away=away,
    )


def _is(status: str) -> object:
    # Literal, so that both databases see that the partial index answers it.
    return literal_column(f"deliveries.status = '{status}'")


def _count_waiting(session: Session, lanes: Mapping[str, LaneState]) -> None:
    waiting = (
        select(Delivery.lane, Delivery.dispatch_id, func.count().label("number"), func.min(Delivery.id).label("first"))
        .where(_is("queued"))  # type: ignore[arg-type]
        .group_by(Delivery.lane, Delivery.dispatch_id)
        .subquery()
    )
    open_ = Dispatch.held_at.is_(None)
    rows = session.execute(
        select(
            waiting.c.lane,
            func.sum(case((open_, waiting.c.number), else_=0)).label("waiting"),
            func.sum(case((open_, 0), else_=waiting.c.number)).label("resting"),
            func.min(case((open_, waiting.c.first))).label("first"),
        )
        .join(Dispatch, Dispatch.id == waiting.c.dispatch_id)
        .group_by(waiting.c.lane)
    ).all()
    for row in rows:
        lane = lanes[row.lane]
        lane.waiting, lane.resting = int(row.waiting), int(row.resting)
        lane.oldest = session.scalar(select(Delivery.created_at).where(Delivery.id == row.first))


def _count_held(session: Session, lanes: Mapping[str, LaneState]) -> None:
    held = select(Delivery.lane, func.count(), func.min(Delivery.not_before)).where(_is("held"))  # type: ignore[arg-type]
    for name, number, first in session.execute(held.group_by(Delivery.lane)):
        lanes[name].held, lanes[name].held_until = number, first


def _count_under_way(session: Session, lanes: Mapping[str, LaneState]) -> None:
    sending = select(Delivery.lane, func.count()).where(_is("sending"))  # type: ignore[arg-type]
    for name, number in session.execute(sending.group_by(Delivery.lane)):
        lanes[name].under_way = number


def _paused(session: Session) -> dict[HoldReason, int]:
    held = select(Dispatch.held_because, func.count()).where(Dispatch.held_at.is_not(None))
    rows = session.execute(held.where(Dispatch.cancelled_at.is_(None)).group_by(Dispatch.held_because))
    return {reason or HoldReason.OFFICER: number for reason, number in rows}


def _doubts(session: Session, now: dt.datetime) -> dict[str, int]:
    counts = dict.fromkeys(AGES, 0)
    limits = [
        (Delivery.claimed_at > now - dt.timedelta(seconds=seconds), words) for words, seconds in AGES.items() if seconds
    ]
    age = case(*limits, else_=list(AGES)[-1]).label("age")
    doubtful = select(age, func.count()).where(_is("unconfirmed")).group_by(literal_column("age"))  # type: ignore[arg-type]
    return counts | dict(session.execute(doubtful).all())


def _twice(session: Session) -> int:
    twice = select(func.count()).select_from(Delivery).where(Delivery.accepted_twice_at.is_not(None))
    return session.scalar(twice) or 0


def _scheduler(session: Session, now: dt.datetime) -> str | None:
    lease = session.get(SchedulerLease, "periodic")
    return lease.holder if lease is not None and lease.expires_at > now else None


def _ask_redis(redis: Redis, lanes: Mapping[str, LaneState], now: dt.datetime) -> tuple[list[Living], bool]:
    try:
        for lane in lanes.values():
            lane.last_minute = rates.last_minute(redis, lane.name)
        return living_workers(redis, now=now), False
    except RedisError:
        return [], True


def does(bell: str) -> str:
    """What a worker does, in a few words."""
    kind, _, lane = bell.partition(":")
    if not bell:
        return "waits for work"
    return f"{BELLS.get(kind, kind)}: {LANES[lane].lower()}" if lane in LANES else BELLS.get(kind, kind)
