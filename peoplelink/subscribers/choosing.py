"""What a resident chooses for themselves: zones, topics, how much, how and when. Each change is in the audit log."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.languages import gettext as _
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import consent, services, voiding
from peoplelink.subscribers.models import (
    ConsentAction,
    Leaving,
    LeavingReason,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)

HOW = "preferences"
"""How the ledger names what was changed on a resident's own page."""
LONGEST_PAUSE = dt.timedelta(days=366)
_ENDING = dt.timedelta(minutes=1)
"""How long before somebody chose digests a release may have ended that counted them among the readers of digests
already. What they have had is told no second time."""


@dataclass(frozen=True)
class Seat:
    """A resident, and the address whose reader speaks for them.

    Where several residents share the address its reader speaks for them at that address only: their other numbers and
    mailboxes may be kept from each other for good reasons.
    """

    person: Subscriber
    address: Address = field(repr=False)
    shared: bool

    def links(self) -> list[SubscriberAddress]:
        """The addresses at which the reader may change something, live ones only."""
        return [
            link
            for link in self.person.addresses
            if link.status is LinkStatus.LIVE and (not self.shared or link.address_id == self.address.id)
        ]

    @property
    def others(self) -> list[SubscriberAddress]:
        """The person's other live addresses, of which a household sees the kind only."""
        return [link for link in self.person.addresses if link.status is LinkStatus.LIVE and link not in self.links()]


def seats_at(session: Session, address: Address) -> list[Seat]:
    """Everybody who lives at an address."""
    living = services.subscribers_at(session, address)
    return [Seat(person, address, shared=len(living) > 1) for person in living]


def seat_at(session: Session, address: Address, public_id: str, *, hold: bool = False) -> Seat:
    """One of those who live at an address, locked where they are about to be changed; raises NotFoundError."""
    if hold:
        wanted = select(Subscriber.id).where(Subscriber.public_id == public_id)
        addresses.hold(session, {address.id, *services.addresses_of(session, session.scalar(wanted))})
        session.execute(wanted.with_for_update())
    found = next((seat for seat in seats_at(session, address) if seat.person.public_id == public_id), None)
    if found is None:
        raise NotFoundError("nobody of this name lives at this address any more")
    return found


# Zones and topics


def choose_zones(session: Session, seat: Seat, chosen: Collection[Zone], *, wording_id: int, now: dt.datetime) -> bool:
    """Have these zones and no others, with each that is new or gone on record; whether that changed anything.

    A zone that is not offered any more is kept until they untick it no more: they cannot see it. Raises
    InvalidInputError without a zone.
    """
    if not chosen:
        raise InvalidInputError(_("Choose at least one zone. To stop everything, leave People Link instead."))
    had = {zone.id: zone for zone in services.zones_of(session, seat.person) if zone.active}
    wanted = {zone.id: zone for zone in chosen}
    new = [zone for zone in chosen if zone.id not in had]
    gone = [zone for zone in had.values() if zone.id not in wanted]
    mine = ZoneSubscription.subscriber_id == seat.person.id
    session.execute(delete(ZoneSubscription).where(mine, ZoneSubscription.zone_id.in_([zone.id for zone in gone])))
    session.add_all(ZoneSubscription(subscriber_id=seat.person.id, zone_id=zone.id, created_at=now) for zone in new)
    session.flush()
    for action, zones in ((ConsentAction.GIVEN, new), (ConsentAction.WITHDRAWN, gone)):
        if zones:
            given = action is ConsentAction.GIVEN
            _write_zones(session, seat, action, zones, wording_id=wording_id if given else None, now=now)
    if new or gone:
        _audit(session, seat, "zones_chosen", now, added=_slugs(new), left=_slugs(gone))
    return bool(new or gone)


def choose_topics(session: Session, seat: Seat, chosen: Collection[Topic], *, now: dt.datetime) -> bool:
    """Have these topics and no others; none means everything in their zones. Whether that changed anything."""
    mine = TopicSubscription.subscriber_id == seat.person.id
    had = set(session.scalars(select(TopicSubscription.topic_id).where(mine)))
    wanted = {topic.id for topic in chosen}
    session.execute(delete(TopicSubscription).where(mine, TopicSubscription.topic_id.in_(had - wanted)))
    session.add_all(
        TopicSubscription(subscriber_id=seat.person.id, topic_id=topic.id, created_at=now)
        for topic in chosen
        if topic.id not in had
    )
    session.flush()
    if had != wanted:
        _audit(session, seat, "topics_chosen", now, topics=[topic.slug for topic in chosen])
    return had != wanted


def topics_of(session: Session, person: Subscriber) -> list[Topic]:
    """The topics that a resident chose, in the order in which they are shown."""
    mine = select(TopicSubscription.topic_id).where(TopicSubscription.subscriber_id == person.id)
    return list(session.scalars(select(Topic).where(Topic.id.in_(mine)).order_by(Topic.position, Topic.id)))


# Columns of their own: name, language, pause, limits, hours


def change(session: Session, seat: Seat, *, now: dt.datetime, **columns: Any) -> bool:
    """Set columns of a resident; whether that changed anything. The audit log names the columns, not what is in them.

    Raises InvalidInputError for a pause that is over already or longer than a year.
    """
    check_pause(columns.get("paused_until"), now)
    changed = [name for name, value in columns.items() if getattr(seat.person, name) != value]
    for name in changed:
        setattr(seat.person, name, columns[name])
    if "digest" in changed and seat.person.digest is None:
        seat.person.digest_up_to = None
    elif "digest" in changed and seat.person.digest_up_to is None:
        seat.person.digest_up_to = now - _ENDING
    session.flush()
    if changed:
        _audit(session, seat, "changed", now, what=sorted(changed))
    return bool(changed)


def check_pause(until: dt.datetime | None, now: dt.datetime) -> None:
    """Raises InvalidInputError for a break that is over already, or longer than a year."""
    if until is None:
        return
    if until <= now:
        raise InvalidInputError(_("Choose a day after today"))
    if until > now + LONGEST_PAUSE:
        raise InvalidInputError(_("Choose a day within the next year. To stop for good, leave People Link instead."))


# Addresses


def stop_medium(session: Session, seat: Seat, medium: Medium, *, now: dt.datetime) -> bool:
    """Write to this resident by one medium no more, and go on by the other; whether that changed anything.

    Raises InvalidInputError where nothing would be left: that is to leave, and is said so.
    """
    mine = [link for link in seat.links() if link.address.medium is medium]
    left = [link for link in seat.person.addresses if link.status is LinkStatus.LIVE and link not in mine]
    if mine and not left:
        raise InvalidInputError(_("This is the only way we can reach you. To stop everything, leave People Link."))
    for link in mine:
        stop_link(session, link, how=HOW, now=now)
    if mine:
        _audit(session, seat, "medium_stopped", now, medium=medium.value)
    return bool(mine)


def stop_link(session: Session, link: SubscriberAddress, *, how: str, now: dt.datetime, suppress: bool = True) -> None:
    """Write to one resident at one address no more; who shares it stays. With nobody left there it is suppressed.

    `suppress` is off where a new address has taken its place: that is no wish to be left alone.
    """
    address = link.address
    alone = len(services.subscribers_at(session, address)) == 1
    if alone and suppress:
        reason = SuppressionReason.UNSUBSCRIBED
        services.stop_address(session, address, reason=reason, how=how, source=HOW, evidence={}, now=now)
        return
    link.status, link.stopped_at = LinkStatus.STOPPED, now
    consent.write(session, link.subscriber, address, ConsentAction.WITHDRAWN, how=how, evidence={}, now=now)
    session.flush()


def leave(
    session: Session, seat: Seat, *, reason: LeavingReason | None = None, words: str | None = None, now: dt.datetime
) -> None:
    """Write to this resident no more. Why is kept apart from who, and only counted.

    From an address that others share they leave there only: a reader of it must not end what goes elsewhere.
    """
    for link in seat.links():
        stop_link(session, link, how=HOW, now=now)
    if not seat.others:
        # A YES or a click that comes after they left must not bring them back by an address they once wanted.
        voiding.void(session, seat.person.id, now=now)
    if reason is not None or words:
        month = now.date().replace(day=1)
        session.add(Leaving(month=month, reason=reason or LeavingReason.OTHER, words=words))
    _audit(session, seat, "left", now)
    session.flush()


def tell(session: Session, address: Address, *, subject: str, body: str, now: dt.datetime) -> None:
    """Queue news of a change for an address; a number that said STOP does not get it."""
    is_email = address.medium is Medium.EMAIL
    outbound.queue_message(
        session, address, purpose=Purpose.PREFERENCES, subject=subject if is_email else "", body=body, now=now
    )


def _write_zones(
    session: Session, seat: Seat, action: ConsentAction, zones: list[Zone], *, wording_id: int | None, now: dt.datetime
) -> None:
    """A line for the address whose reader said so."""
    consent.write(
        session, seat.person, seat.address, action,
        how=HOW, evidence={"zones": _slugs(zones)}, wording_id=wording_id, now=now,
    )  # fmt: skip


def _slugs(zones: Collection[Zone]) -> list[str]:
    return [zone.slug for zone in zones]


def _audit(session: Session, seat: Seat, action: str, now: dt.datetime, **detail: object) -> None:
    it = seat.person.public_id
    audit.record(
        session, f"resident.{action}", actor="resident", subject_kind="resident", subject_id=it, now=now, **detail
    )
