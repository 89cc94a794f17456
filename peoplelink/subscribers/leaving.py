"""Leaving a part: a zone or a topic, and not all of it. See docs/adr/0013.

Neither a text nor a mail says who of a household wrote it, so it holds for everybody at the address, as STOP does.
Choices are a resident's and not an address's: what is given up by text comes by email no more either.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.outbound.models import Address
from peoplelink.subscribers import consent, keywords, services, zones
from peoplelink.subscribers.commands import Command, Order
from peoplelink.subscribers.models import (
    ConsentAction,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)

_ABOUT = frozenset({"ABOUT", "OF", "FROM", "FOR", "ON", "EMAIL", "EMAILS", "EMAILING", "MAILS", "NEWS", "UPDATES"})
"""Said between STOP and a zone or topic."""


@dataclass(frozen=True)
class Named:
    """What the words after STOP name; `close` holds zones that they nearly name."""

    zones: tuple[Zone, ...] = ()
    topics: tuple[Topic, ...] = ()
    close: tuple[Zone, ...] = ()

    @property
    def names(self) -> list[str]:
        """As a resident reads them."""
        return [zone.name for zone in self.zones] + [topic.name for topic in self.topics]

    def __bool__(self) -> bool:
        return bool(self.zones or self.topics or self.close)


@dataclass(frozen=True)
class Left:
    """What came of leaving a part."""

    changed: bool
    altogether: bool
    """It was the last that anybody at this address had: the address is stopped, as by STOP."""
    addresses: frozenset[int]
    """Ids of addresses that may get less now: what is queued for them is to be looked at again."""
    names: list[str]
    """What they gave up, of all that they named."""


def asked(session: Session, command: Command) -> Named:
    """The part that an order to stop is about: nothing, where it is about all, or no such order."""
    found = named(session, command.rest) if command.order is Order.STOP_ABOUT else Named()
    return found if found.zones or not command.guess else Named()


def named(session: Session, rest: str) -> Named:
    """The zones or the topic that words name, and nothing else."""
    words = rest.split()
    # Whole first: a topic may be called News.
    bare = list(itertools.dropwhile(_ABOUT.__contains__, words))
    ways = [" ".join(way) for way in ((words, bare) if bare != words else (words,)) if way]
    found = [_named(session, way) for way in ways]
    exact = next((one for one in found if one.zones or one.topics), None)
    return exact or next(filter(None, reversed(found)), Named())


def _named(session: Session, rest: str) -> Named:
    found = keywords.lookup(session, rest)
    if found.topic is not None:
        return Named(topics=(found.topic,))
    chosen = (found.zone,) if found.zone else tuple(keywords.zones_in(session, rest))
    return Named(zones=chosen) if chosen else Named(close=found.close)


def leave(
    session: Session, address: Address, what: Named, *, how: str, evidence: dict[str, Any], now: dt.datetime
) -> Left:
    """Give up zones or a topic for everybody who may be written to at an address. Harmless twice.

    Whoever has no zone left, or none of the topics they chose, has left altogether; their choices are kept, so that
    START brings them back to what they had. (Without topics they would get everything: the contrary of STOP.)
    """
    living = services.subscribers_at(session, address)
    had = [person for person in living if _has(session, person, what)]
    ending = [person for person in had if not _keeps_some(session, person, what)]
    altogether = bool(living) and len(ending) == len(living)
    left = Left(bool(had), altogether, _addresses(session, had), _had_of(session, had, what).names)
    for person in had:
        if person not in ending:
            _give_up(session, person, address, what, how=how, evidence=evidence, now=now)
    if left.altogether:
        services.stop_as_asked(session, address, how=how, evidence=evidence, now=now)
    for person in ending:
        only_here = address if len(living) > 1 else None
        _end(session, person, only_here, how=how, evidence=evidence, now=now)
    return left


def zones_at(session: Session, address: Address) -> list[Zone]:
    """The zones that somebody at an address hears about, by name."""
    living = services.subscribers_at(session, address)
    found = {zone.id: zone for person in living for zone in services.zones_of(session, person)}
    return sorted(found.values(), key=lambda zone: zone.name)


def topics_of(session: Session, person: Subscriber) -> set[int]:
    """The ids of the topics that a resident chose; empty means that they get everything."""
    chosen = select(TopicSubscription.topic_id).where(TopicSubscription.subscriber_id == person.id)
    return set(session.scalars(chosen))


def _had_of(session: Session, people: Sequence[Subscriber], what: Named) -> Named:
    """The part of what is named that some of these residents have."""
    zone_ids = {id_ for person in people for id_ in _zones(session, person)}
    return Named(tuple(zone for zone in what.zones if zone.id in zone_ids), what.topics)


def _has(session: Session, person: Subscriber, what: Named) -> bool:
    return bool(_zones(session, person) & _ids(what.zones) or _topics(session, person) & _ids(what.topics))


def _keeps_some(session: Session, person: Subscriber, what: Named) -> bool:
    if what.topics and not _topics(session, person) - _ids(what.topics):
        return False
    return bool(_zones(session, person) - _ids(what.zones))


def _zones(session: Session, person: Subscriber) -> set[int]:
    return _ids(services.zones_of(session, person))


def _topics(session: Session, person: Subscriber) -> set[int]:
    """What they get: what they chose, or everything there is."""
    return topics_of(session, person) or _ids(zones.topics(session))


def _ids(rows: Iterable[Zone | Topic]) -> set[int]:
    return {row.id for row in rows}


def _give_up(
    session: Session,
    person: Subscriber,
    address: Address,
    what: Named,
    *,
    how: str,
    evidence: dict[str, Any],
    now: dt.datetime,
) -> None:
    mine = (ZoneSubscription.subscriber_id == person.id, ZoneSubscription.zone_id.in_(_ids(what.zones)))
    session.execute(delete(ZoneSubscription).where(*mine))
    if what.topics:
        _choose_topics(session, person, _topics(session, person) - _ids(what.topics), now=now)
    slugs = {"zones": [zone.slug for zone in what.zones], "topics": [topic.slug for topic in what.topics]}
    if what.zones:
        # As from the preference centre: such a withdrawal is of the zones that its evidence names, and of no others.
        named_only = evidence | {"zones": slugs["zones"]}
        consent.write(session, person, address, ConsentAction.WITHDRAWN, how=how, evidence=named_only, now=now)
    audit.record(
        session,
        "resident.gave_up",
        actor="resident",
        subject_kind="resident",
        subject_id=person.public_id,
        now=now,
        how=how,
        **slugs,
    )


def _choose_topics(session: Session, person: Subscriber, wanted: set[int], *, now: dt.datetime) -> None:
    """Who got everything has from now on chosen the rest of it."""
    had = topics_of(session, person)
    gone = (TopicSubscription.subscriber_id == person.id, TopicSubscription.topic_id.in_(had - wanted))
    session.execute(delete(TopicSubscription).where(*gone))
    session.add_all(
        TopicSubscription(subscriber_id=person.id, topic_id=topic, created_at=now) for topic in wanted - had
    )
    session.flush()


def _end(
    session: Session,
    person: Subscriber,
    only_at: Address | None,
    *,
    how: str,
    evidence: dict[str, Any],
    now: dt.datetime,
) -> None:
    """Write to a resident no more, at any address or at one only; others who share it go on.

    Whoever reads an address that several share speaks for them there and nowhere else (docs/adr/0010).
    """
    live = select(SubscriberAddress).where(
        SubscriberAddress.subscriber_id == person.id, SubscriberAddress.status == LinkStatus.LIVE
    )
    if only_at is not None:
        live = live.where(SubscriberAddress.address_id == only_at.id)
    for link in session.scalars(live.with_for_update()):
        link.status, link.stopped_at = LinkStatus.STOPPED, now
        consent.write(session, person, link.address, ConsentAction.WITHDRAWN, how=how, evidence=evidence, now=now)
        it, at = person.public_id, link.address.public_id
        audit.record(
            session, "resident.left", actor="resident", subject_kind="resident", subject_id=it, now=now,
            how=how, address=at,
        )  # fmt: skip
    session.flush()


def _addresses(session: Session, people: Sequence[Subscriber]) -> frozenset[int]:
    theirs = select(SubscriberAddress.address_id).where(
        SubscriberAddress.subscriber_id.in_([person.id for person in people])
    )
    return frozenset(session.scalars(theirs))
