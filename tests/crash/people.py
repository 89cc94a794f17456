"""Residents and the broadcasts they are to get: each address gets exactly one, so that one message is one message."""

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from peoplelink import keys
from peoplelink.broadcasts import services as broadcasts
from peoplelink.broadcasts.checks import Draft
from peoplelink.channels.messages import Medium
from peoplelink.ids import new_public_id
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentRecord,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    Zone,
    ZoneSubscription,
)
from tests.crash.plan import Size

_BOTH = 0.3
"""The share of texts that go to somebody who gets the email too."""


@dataclass(frozen=True)
class Planned:
    """A broadcast to be, and the addresses that must get it."""

    public_id: str
    texts: frozenset[str] = field(repr=False)
    emails: frozenset[str] = field(repr=False)

    @property
    def addresses(self) -> frozenset[str]:
        """Of both media."""
        return self.texts | self.emails


def number(index: int) -> str:
    """A mobile number. Ofcom's thousand for drama are too few, so these look real: a round never leaves loopback."""
    return f"+447400{index:06d}"


def mailbox(index: int) -> str:
    """A mailbox at a domain kept for examples."""
    return f"resident{index}@example.com"


def plant(session: Session, size: Size, dice: random.Random, *, address_key: str, now: dt.datetime) -> list[Planned]:
    """Write residents, zones and drafts; a zone a broadcast."""
    texts = (number(index) for index in itertools.count())
    emails = (mailbox(index) for index in itertools.count())
    planned = []
    for index, (few, many) in enumerate(zip(_parts(size.texts, size.broadcasts, dice),
                                            _parts(size.emails, size.broadcasts, dice), strict=True)):  # fmt: skip
        zone = Zone(slug=f"crash-{index}", name=f"Crash {index}", place="Leicester", sectors=[])
        session.add(zone)
        session.flush()
        theirs = [next(texts) for _ in range(few)], [next(emails) for _ in range(many)]
        _residents(session, zone, *theirs, dice, address_key=address_key, now=now)
        planned.append(Planned(_draft(session, zone, index, now), *map(frozenset, theirs)))
    return planned


def _parts(total: int, count: int, dice: random.Random) -> list[int]:
    """`total` parted unevenly: every third part is small, so that it goes ahead as urgent."""
    weights = [dice.uniform(0.02, 0.1) if index % 3 == 0 else dice.uniform(0.5, 2) for index in range(count)]
    parts = [max(1, int(total * weight / sum(weights))) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def _draft(session: Session, zone: Zone, index: int, now: dt.datetime) -> str:
    officer = session.scalars(select(Officer)).first()
    assert officer is not None
    hello = "Hello {name|neighbour}. " if index % 2 else ""
    words = f"{hello}News {index} from {zone.name}."
    draft = Draft(title=f"News {index}", zone_ids=(zone.id,), sms=words, subject=f"News {index}", email=f"**{words}**")
    return broadcasts.create_draft(session, draft, by=officer, now=now).public_id


def _residents(
    session: Session, zone: Zone, texts: list[str], emails: list[str], dice: random.Random, *,
    address_key: str, now: dt.datetime,
) -> None:  # fmt: skip
    """People with a number, a mailbox, or both; every second has a name."""
    both = min(int(len(texts) * _BOTH), len(emails))
    people = [*zip(texts[:both], emails[:both], strict=True), *((one, None) for one in texts[both:]),
              *((None, one) for one in emails[both:])]  # fmt: skip
    dice.shuffle(people)
    names = ["Neighbour" if index % 2 else None for index in range(len(people))]
    ids = _insert(session, Subscriber, (
        {"public_id": new_public_id(), "language": "en", "created_at": now, "name": name} for name in names
    ))  # fmt: skip
    _insert(session, ZoneSubscription, ({"subscriber_id": one, "zone_id": zone.id, "created_at": now} for one in ids))
    _addresses(session, list(zip(ids, people, strict=True)), address_key=address_key, now=now)


def _addresses(
    session: Session, people: list[tuple[int, tuple[str | None, str | None]]], *, address_key: str, now: dt.datetime
) -> None:
    given = [
        (who, medium, value, keys.address_hash(address_key, medium, value))
        for who, theirs in people
        for medium, value in zip((Medium.SMS, Medium.EMAIL), theirs, strict=True)
        if value
    ]
    ids = _insert(session, Address, (
        {"public_id": new_public_id(), "medium": medium, "value": value, "hash": hashed, "created_at": now}
        for _, medium, value, hashed in given
    ))  # fmt: skip
    _insert(session, SubscriberAddress, (
        {"subscriber_id": who, "address_id": address, "status": LinkStatus.LIVE, "confirmed_at": now}
        for (who, *_), address in zip(given, ids, strict=True)
    ))  # fmt: skip
    _insert(session, ConsentRecord, (
        {"subscriber_id": who, "address_hash": hashed, "medium": medium, "action": ConsentAction.GIVEN, "how": "link",
         "evidence": {}, "at": now}
        for who, medium, _, hashed in given
    ))  # fmt: skip


def _insert(session: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> list[int]:
    """Write rows; their ids where the table has one, in the order of the rows."""
    rows = list(rows)
    if not rows:
        return []
    if "id" not in model.__table__.columns:
        session.execute(insert(model), rows)
        return []
    return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def everybody(planned: Iterable[Planned]) -> Iterator[tuple[str, str]]:
    """Each address and the broadcast it must get."""
    return ((address, one.public_id) for one in planned for address in one.addresses)
