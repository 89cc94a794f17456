"""The audience: which residents a broadcast is for, who of them gets it by each medium, and why the others do not.

A resident matches when they chose at least one of the zones and, where the broadcast has topics, share a topic or chose
no topics at all (which means: everything). Every set here is one statement of SQL, quick at a million residents:
`IN (SELECT ...)` and `EXISTS` where a join with DISTINCT takes minutes on SQLite.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, literal, not_, or_, select, text
from sqlalchemy.orm import Session, aliased

from peoplelink.broadcasts import wishes
from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import Medium
from peoplelink.db import is_sqlite
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import (
    Importance,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    TopicSubscription,
    ZoneSubscription,
)


class Standing(IntEnum):
    """How far a resident got by one medium. Of several addresses the best counts."""

    NO_ADDRESS = 0
    NO_CONSENT = 1  # stopped, or left
    SUPPRESSED = 2
    PAUSED = 3
    ONLY_IMPORTANT = 4
    DIGEST = 5  # gets it later, in the email of the day or week
    WEEKLY_LIMIT = 6
    SAME_ADDRESS = 7  # somebody else of their household is counted for it
    RECIPIENT = 8

    @property
    def words(self) -> str:
        """The reason as frozen counts name it."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Rule:
    """Whom a broadcast is for, by which media it has words, and how much it matters."""

    zone_ids: tuple[int, ...]
    topic_ids: tuple[int, ...] = ()
    media: tuple[Medium, ...] = tuple(Medium)
    importance: Importance = Importance.ORDINARY


@dataclass(frozen=True)
class AudienceCount:
    """recipients + left out = matched + second addresses, for every medium."""

    matched: int
    """Residents who match."""
    people: int
    """Residents who get it by at least one medium, also through an address they share."""
    recipients: dict[Medium, int]
    """Addresses that get it."""
    left_out: dict[Medium, dict[str, int]]
    """Residents who get nothing by this medium, by reason (`Standing.words`)."""
    second_addresses: dict[Medium, int]
    """Recipients beyond the first of residents with several addresses of one medium."""


def rule_of(broadcast: Broadcast) -> Rule:
    """The rule that a broadcast holds."""
    written = {content.medium for content in broadcast.contents if content.body}
    return Rule(
        zone_ids=tuple(zone.id for zone in broadcast.zones),
        topic_ids=tuple(topic.id for topic in broadcast.topics),
        media=tuple(medium for medium in Medium if medium in written),
        importance=broadcast.importance,
    )


def recipients(
    audience: Broadcast | Rule,
    *,
    now: dt.datetime,
    after: int = 0,
    up_to: int | None = None,
    quiet: Sequence[ColumnElement[Any]] = (),
    written: bool = False,
) -> Select[Any]:
    """One row for each address that gets it: address_id, medium, name, language. Ids in (after, up_to] where given.

    The name is there only when exactly one resident lives behind the address: a shared phone greets nobody by the
    other's name. `quiet` are further columns over the residents behind an address (see `resting.columns`). `written`
    asks again about those whose message waits already, which must not count against their weekly limit.
    """
    rule = _rule(audience)
    conditions = (wishes.reachable if written else wishes.usable)(rule.importance, now)
    living = aliased(SubscriberAddress)
    behind = (
        select(func.count())
        .select_from(living)
        .where(living.address_id == Address.id, living.status == LinkStatus.LIVE)
        .scalar_subquery()
    )
    one_language = func.min(Subscriber.language) == func.max(Subscriber.language)
    return (
        select(
            Address.id.label("address_id"),
            Address.medium.label("medium"),
            case((behind == 1, func.max(Subscriber.name))).label("name"),
            case((one_language, func.min(Subscriber.language)), else_="en").label("language"),
            *quiet,
        )
        .select_from(Address)
        .join(SubscriberAddress, SubscriberAddress.address_id == Address.id)
        .join(Subscriber, Subscriber.id == SubscriberAddress.subscriber_id)
        .where(*_range(after, up_to), Address.medium.in_(rule.media), *matches_one(rule), *conditions)
        .group_by(Address.id, Address.medium)
    )


def count(session: Session, audience: Broadcast | Rule, *, now: dt.datetime) -> AudienceCount:
    """How many get it by each medium, and how many are left out by reason; one pass over those who match."""
    rule = _rule(audience)
    plan_for_many(session)
    rows = session.execute(_standings(rule, now)).all()
    return AudienceCount(
        matched=sum(row.residents for row in rows),
        people=sum(row.residents for row in rows if _gets_it(row, rule)),
        recipients={medium: _recipients(rows, medium) for medium in rule.media},
        left_out={medium: _left_out(rows, medium) for medium in rule.media},
        second_addresses={medium: _recipients(rows, medium) - _reached(rows, medium) for medium in rule.media},
    )


def count_by(
    session: Session, audience: Broadcast | Rule, columns: Sequence[ColumnElement[Any]], *, now: dt.datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """How many addresses get it, in `number`, by columns over the residents behind each, as `recipients` takes them."""
    rule = _rule(audience)
    each = (
        select(*columns)
        .select_from(Subscriber)
        .join(SubscriberAddress, SubscriberAddress.subscriber_id == Subscriber.id)
        .join(Address, Address.id == SubscriberAddress.address_id)
        .where(Address.medium.in_(rule.media), *_matches(rule), *wishes.usable(rule.importance, now))
        .group_by(Address.id)
        .subquery()
    )
    return session.execute(select(*each.c, func.count().label("number")).group_by(*each.c)).all()


def plan_for_many(session: Session) -> None:
    """Let PostgreSQL hash and sort a million rows in memory, for this transaction; its default of 4 MB goes to disk.

    Compiling such a statement (jit) takes longer than it saves: 2 of 6 seconds were spent on it.
    """
    if not is_sqlite(session):
        session.execute(text("SET LOCAL work_mem = '64MB'"))
        session.execute(text("SET LOCAL jit = off"))


def _rule(audience: Broadcast | Rule) -> Rule:
    return audience if isinstance(audience, Rule) else rule_of(audience)


def _range(after: int, up_to: int | None) -> list[ColumnElement[bool]]:
    return [Address.id > after] if up_to is None else [Address.id > after, Address.id <= up_to]


# Counting starts from the zones (IN: the index on zone_id gives the residents), release from a range of addresses
# (EXISTS: each resident is looked up). The other way round either would read every resident for each range or zone.


def _matches(rule: Rule) -> list[ColumnElement[bool]]:
    in_zone = select(ZoneSubscription.subscriber_id).where(ZoneSubscription.zone_id.in_(rule.zone_ids))
    if not rule.topic_ids:
        return [Subscriber.id.in_(in_zone)]
    choosers = select(TopicSubscription.subscriber_id)
    sharers = choosers.where(TopicSubscription.topic_id.in_(rule.topic_ids))
    return [Subscriber.id.in_(in_zone), or_(Subscriber.id.in_(sharers), Subscriber.id.not_in(choosers))]


def matches_one(rule: Rule) -> list[ColumnElement[bool]]:
    """The conditions on one resident at hand: a zone in common, and a topic in common or none chosen."""
    in_zone = exists().where(
        ZoneSubscription.subscriber_id == Subscriber.id, ZoneSubscription.zone_id.in_(rule.zone_ids)
    )
    if not rule.topic_ids:
        return [in_zone]
    theirs = TopicSubscription.subscriber_id == Subscriber.id
    shared = exists().where(theirs, TopicSubscription.topic_id.in_(rule.topic_ids))
    return [in_zone, or_(shared, not_(exists().where(theirs)))]


def _standings(rule: Rule, now: dt.datetime) -> Select[Any]:
    """How many residents share a pair of standings, and how many addresses they bring in."""
    # Materialized, or each use of the standing would work it out again.
    lines = _lines(rule, now).cte("lines").prefix_with("MATERIALIZED")
    recipient = lines.c.standing == Standing.RECIPIENT
    owner = func.min(case((recipient, lines.c.subscriber_id))).over(partition_by=lines.c.address_id)
    settled = select(
        lines.c.subscriber_id,
        lines.c.medium,
        case(
            (and_(recipient, lines.c.subscriber_id != owner), int(Standing.SAME_ADDRESS)), else_=lines.c.standing
        ).label("standing"),
    ).subquery()
    residents = select(*_best(settled, rule.media)).group_by(settled.c.subscriber_id).subquery()
    tops = [residents.c[f"top_{medium}"] for medium in rule.media]
    sums = [func.sum(residents.c[f"rows_{medium}"]).label(f"rows_{medium}") for medium in rule.media]
    return select(*tops, *sums, func.count().label("residents")).group_by(*tops)


def _lines(rule: Rule, now: dt.datetime) -> Select[Any]:
    """A line for each address of each matching resident, or one line for a resident without any."""
    standing = case(
        (Address.id.is_(None), int(Standing.NO_ADDRESS)),
        (SubscriberAddress.status != LinkStatus.LIVE, int(Standing.NO_CONSENT)),
        (wishes.suppressed(), int(Standing.SUPPRESSED)),
        (wishes.paused(now), int(Standing.PAUSED)),
        (wishes.only_important(rule.importance), int(Standing.ONLY_IMPORTANT)),
        (wishes.in_digest(rule.importance), int(Standing.DIGEST)),
        (wishes.over_limit(now), int(Standing.WEEKLY_LIMIT)),
        else_=int(Standing.RECIPIENT),
    )
    return (
        select(
            Subscriber.id.label("subscriber_id"),
            Address.id.label("address_id"),
            Address.medium.label("medium"),
            standing.label("standing"),
        )
        .select_from(Subscriber)
        .outerjoin(SubscriberAddress, SubscriberAddress.subscriber_id == Subscriber.id)
        .outerjoin(Address, Address.id == SubscriberAddress.address_id)
        .where(*_matches(rule))
    )


def _best(settled: Any, media: Sequence[Medium]) -> list[ColumnElement[Any]]:
    """For each of these media: a resident's best standing, and how many recipients they are counted for."""
    columns: list[ColumnElement[Any]] = []
    for medium in media:
        here = settled.c.medium == literal(medium, settled.c.medium.type)
        mine = and_(here, settled.c.standing == int(Standing.RECIPIENT))
        columns.append(func.max(case((here, settled.c.standing), else_=0)).label(f"top_{medium}"))
        columns.append(func.sum(case((mine, 1), else_=0)).label(f"rows_{medium}"))
    return columns


def _recipients(rows: Any, medium: Medium) -> int:
    return sum(int(row._mapping[f"rows_{medium}"]) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name


def _gets_it(row: Any, rule: Rule) -> bool:
    tops = (row._mapping[f"top_{medium}"] for medium in rule.media)  # noqa: SLF001
    return any(top >= Standing.SAME_ADDRESS for top in tops)


def _reached(rows: Any, medium: Medium) -> int:
    return _by_standing(rows, medium)[Standing.RECIPIENT]


def _left_out(rows: Any, medium: Medium) -> dict[str, int]:
    counted = _by_standing(rows, medium)
    return {standing.words: counted[standing] for standing in Standing if standing is not Standing.RECIPIENT}


def _by_standing(rows: Any, medium: Medium) -> Counter[Standing]:
    counted: Counter[Standing] = Counter()
    for row in rows:
        counted[Standing(row._mapping[f"top_{medium}"])] += row.residents  # noqa: SLF001
    return counted
