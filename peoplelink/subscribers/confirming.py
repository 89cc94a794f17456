"""Confirming a sign-up: who the resident is among those at the address, what they chose, and the line in the ledger."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.languages import lazy_gettext
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import answers, consent, moving, services
from peoplelink.subscribers.models import (
    ConsentAction,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)
from peoplelink.subscribers.signup import is_overtaken, newest_at

ENDED_BY_CONFIRMING = frozenset({SuppressionReason.UNSUBSCRIBED, SuppressionReason.ERASED, SuppressionReason.OFFICER})
"""What somebody who comes back by confirming takes back with it; a STOP is ended by START alone."""
GONE = lazy_gettext("This link does not work any more. Please sign up again: it takes a minute.")
REPLACED = lazy_gettext("You have signed up again since we sent this link. Use the link in our newest email instead.")
RAN_OUT = lazy_gettext("This link has run out: it worked for 14 days. Please sign up again: it takes a minute.")
LEFT_SINCE = lazy_gettext("You used this link before, and have left People Link since. To come back, sign up again.")


def asked_by(session: Session, sign_up_id: str, address_id: str) -> tuple[SignUp, Address]:
    """The sign-up and the address that a link names by their public ids; raises NotFoundError."""
    sign_up = session.scalar(select(SignUp).where(SignUp.public_id == sign_up_id))
    address = session.scalar(select(Address).where(Address.public_id == address_id))
    if sign_up is None or address is None:
        raise NotFoundError(GONE)
    return sign_up, address


def standing(session: Session, sign_up: SignUp, address: Address, *, now: dt.datetime) -> Subscriber | None:
    """The resident who came of a sign-up here, or None while it still waits; raises InvalidInputError as `confirm`."""
    asked = session.get(SignUpAddress, (sign_up.id, address.id))
    if asked is None:
        raise InvalidInputError(GONE)
    if asked.confirmed_at is not None:
        return _again(session, sign_up, address)
    _check_current(session, asked, now=now)
    return None


def confirm(
    session: Session, sign_up: SignUp, address: Address, *, how: str, evidence: dict[str, Any], now: dt.datetime
) -> Subscriber:
    """Make a resident of whoever confirms: a new one, or the one who lives there already. Harmless twice.

    Raises InvalidInputError, in words for the resident, when the request ran out, was replaced by a newer one, or was
    undone by a STOP since.
    """
    # Two clicks at once would make two residents: the second waits for the first.
    addresses.hold(session, [address.id])
    asked = session.get(SignUpAddress, (sign_up.id, address.id), populate_existing=True)
    if asked is None:
        raise InvalidInputError(GONE)
    # The other medium of the same request may be confirmed at this moment: it makes the resident, and we join them.
    session.refresh(sign_up, with_for_update=True)
    already = standing(session, sign_up, address, now=now)
    return already or _confirm(session, asked, how=how, evidence=evidence, now=now)


def add_zones(
    session: Session,
    subscriber: Subscriber,
    address: Address,
    chosen: Sequence[Zone],
    *,
    how: str,
    evidence: dict[str, Any],
    wording_id: int,
    now: dt.datetime,
) -> list[Zone]:
    """Zones that a resident asked for from an address of theirs; those that are new to them, with consent on record."""
    new = _choose(session, subscriber, {zone.id for zone in chosen}, (), now=now)
    added = [zone for zone in chosen if zone.id in new]
    if added:
        with_zones = evidence | {"zones": [zone.slug for zone in added]}
        consent.write(
            session, subscriber, address, ConsentAction.GIVEN,
            how=how, evidence=with_zones, wording_id=wording_id, now=now,
        )  # fmt: skip
        _audit(session, "resident.zones_added", subscriber, now, zones=with_zones["zones"])
    return added


def _again(session: Session, sign_up: SignUp, address: Address) -> Subscriber:
    subscriber = session.get(Subscriber, sign_up.subscriber_id) if sign_up.subscriber_id else None
    if subscriber is None:
        raise InvalidInputError(GONE)
    if subscriber not in services.subscribers_at(session, address):
        raise InvalidInputError(LEFT_SINCE)
    return subscriber


def _check_current(session: Session, asked: SignUpAddress, *, now: dt.datetime) -> None:
    newest = newest_at(session, asked.address)
    if newest is not asked:
        raise InvalidInputError(REPLACED)
    if is_overtaken(session, asked):
        raise InvalidInputError(answers.OVERTAKEN)
    if asked.sign_up.expires_at <= now:
        raise InvalidInputError(RAN_OUT)


def _confirm(
    session: Session, asked: SignUpAddress, *, how: str, evidence: dict[str, Any], now: dt.datetime
) -> Subscriber:
    sign_up, address = asked.sign_up, asked.address
    subscriber = _resident(session, sign_up, address, now=now)
    asked.confirmed_at, sign_up.subscriber_id = now, subscriber.id
    _choose(session, subscriber, sign_up.zone_ids, sign_up.topic_ids, now=now)
    _link(session, subscriber, address, now=now)
    outbound.lift(session, address, ENDED_BY_CONFIRMING, by=how, now=now)
    if sign_up.is_change:
        moving.replace(session, sign_up, subscriber, now=now)
    with_request = evidence | {"sign_up": sign_up.public_id} | _who_was_there(sign_up)
    consent.write(
        session, subscriber, address, ConsentAction.GIVEN,
        how=how, evidence=with_request, wording_id=sign_up.wording_id, now=now,
    )  # fmt: skip
    _audit(session, "resident.confirmed", subscriber, now, medium=address.medium.value, how=how)
    return subscriber


def _who_was_there(sign_up: SignUp) -> dict[str, Any]:
    """Who read the words out, where somebody did; where it was stands on the sign-up, and is erased with it."""
    if sign_up.source is not SignUpSource.OFFICER:
        return {}
    return {"source": sign_up.source.value, "officer": sign_up.evidence.get("officer")}


def _resident(session: Session, sign_up: SignUp, address: Address, *, now: dt.datetime) -> Subscriber:
    own = session.get(Subscriber, sign_up.subscriber_id) if sign_up.subscriber_id else None
    found = own or (None if sign_up.is_change else _same_person(session, sign_up.name, address))
    if found is None and sign_up.is_change:
        raise InvalidInputError(GONE)
    if found is None:
        found = Subscriber(name=sign_up.name, language=sign_up.language, created_at=now)
        session.add(found)
        session.flush()
    found.name = found.name or sign_up.name
    return found


def _same_person(session: Session, name: str | None, address: Address) -> Subscriber | None:
    """Who of those at the address this is. A different name is somebody else who shares the number or mailbox."""
    living = services.subscribers_at(session, address)
    if name:
        same = [person for person in living if person.name and person.name.casefold() == name.casefold()]
        if same:
            return same[0]
    if len(living) == 1 and not (name and living[0].name):
        return living[0]
    return None if living else _came_back(session, name, address)


def _came_back(session: Session, name: str | None, address: Address) -> Subscriber | None:
    # Only by name: phone companies give a number that was given up to somebody else.
    if not name:
        return None
    former = session.scalars(
        select(Subscriber)
        .join(SubscriberAddress)
        .where(SubscriberAddress.address_id == address.id, SubscriberAddress.status != LinkStatus.CLOSED)
    )
    return next((person for person in former if person.name and person.name.casefold() == name.casefold()), None)


def _choose(
    session: Session, subscriber: Subscriber, zone_ids: Collection[int], topic_ids: Collection[int], *, now: dt.datetime
) -> set[int]:
    """Add choices to those that a resident has made; the ids of zones that were new."""
    had_zones = set(
        session.scalars(select(ZoneSubscription.zone_id).where(ZoneSubscription.subscriber_id == subscriber.id))
    )
    had_topics = set(
        session.scalars(select(TopicSubscription.topic_id).where(TopicSubscription.subscriber_id == subscriber.id))
    )
    # An officer may have taken a zone or topic away while the sign-up waited.
    zones = set(session.scalars(select(Zone.id).where(Zone.id.in_(zone_ids)))) - had_zones
    topics = set(session.scalars(select(Topic.id).where(Topic.id.in_(topic_ids)))) - had_topics
    if had_zones and not had_topics:
        topics = set()  # a resident without topics gets everything: a topic would take the rest away
    session.add_all(ZoneSubscription(subscriber_id=subscriber.id, zone_id=zone, created_at=now) for zone in zones)
    session.add_all(TopicSubscription(subscriber_id=subscriber.id, topic_id=topic, created_at=now) for topic in topics)
    session.flush()
    return zones


def _link(session: Session, subscriber: Subscriber, address: Address, *, now: dt.datetime) -> None:
    link = session.get(SubscriberAddress, (subscriber.id, address.id))
    if link is None:
        link = SubscriberAddress(subscriber_id=subscriber.id, address_id=address.id)
        session.add(link)
    link.status, link.confirmed_at, link.stopped_at = LinkStatus.LIVE, now, None
    session.flush()


def _audit(session: Session, action: str, subscriber: Subscriber, now: dt.datetime, **detail: object) -> None:
    audit.record(
        session, action, actor="resident", subject_kind="resident", subject_id=subscriber.public_id, now=now, **detail
    )
