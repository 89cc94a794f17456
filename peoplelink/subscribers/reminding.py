"""Asking once more, unasked, whoever asked to join two days ago and has not confirmed."""

import datetime as dt

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from peoplelink.outbound.models import Address, Delivery, Dispatch, Suppression
from peoplelink.outbound.quiet import quiet_until
from peoplelink.outbound.states import Purpose
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import signup, zones
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import LinkStatus, SignUp, SignUpAddress, SubscriberAddress, Zone

AFTER = dt.timedelta(hours=48)
NOT_WITHIN = dt.timedelta(hours=24)
"""Of any other request to confirm: who asked for it again yesterday is not reminded today."""
_TOO_LATE = dt.timedelta(days=1)
"""Before it runs out: a reminder must leave time to answer."""
BATCH = 100


def remind(session: Session, *, links: Links, quiet: Hours, now: dt.datetime) -> int:
    """Remind some of those whose time has come; how many. Call it until it says 0.

    Harmless twice and by two at once: whose turn it is is marked in the transaction that queues the message, and only
    where it has not been marked. Nobody is reminded in quiet hours, nor at an address that may not be written to.
    """
    if quiet_until(now, quiet.start, quiet.end):
        return 0
    reminded = 0
    for asked in _due(session, now=now):
        hours = _quiet_hours_of(session, asked.sign_up, quiet)
        if _mark(session, asked, now=now):
            signup.remind(session, asked.sign_up, asked.address, links=links, quiet=hours, now=now)
            reminded += 1
    return reminded


def _due(session: Session, *, now: dt.datetime) -> list[SignUpAddress]:
    newer = aliased(SignUpAddress)
    replaced = exists().where(newer.address_id == SignUpAddress.address_id, newer.sign_up_id > SignUpAddress.sign_up_id)
    forbidden = exists().where(Suppression.hash == Address.hash, Suppression.lifted_at.is_(None))
    return list(
        session.scalars(
            select(SignUpAddress)
            .join(SignUp)
            .join(Address, Address.id == SignUpAddress.address_id)
            .where(
                SignUp.created_at <= now - AFTER,
                SignUp.expires_at > now + _TOO_LATE,
                SignUpAddress.confirmed_at.is_(None),
                SignUpAddress.reminded_at.is_(None),
                ~replaced,
                ~signup.overtaken(),
                ~_has_left(),
                ~forbidden,
                ~_asked_lately(now),
            )
            .order_by(SignUp.id)
            .limit(BATCH)
        )
    )


def _has_left() -> ColumnElement[bool]:
    """Whether the request made somebody a resident, by its other medium, who has left since: a YES counts, unasked."""
    live = exists().where(
        SubscriberAddress.subscriber_id == SignUp.subscriber_id, SubscriberAddress.status == LinkStatus.LIVE
    )
    return SignUp.subscriber_id.is_not(None) & ~live


def _asked_lately(now: dt.datetime) -> ColumnElement[bool]:
    return (
        select(Delivery.id)
        .join(Dispatch)
        .where(
            Delivery.address_id == SignUpAddress.address_id,
            Delivery.created_at > now - NOT_WITHIN,
            Dispatch.purpose == Purpose.CONFIRMATION,
        )
        .exists()
    )


def _mark(session: Session, asked: SignUpAddress, *, now: dt.datetime) -> bool:
    """Take somebody's turn; False where another has taken it, or they have confirmed, meanwhile."""
    taken = session.execute(
        update(SignUpAddress)
        .where(
            SignUpAddress.sign_up_id == asked.sign_up_id,
            SignUpAddress.address_id == asked.address_id,
            SignUpAddress.reminded_at.is_(None),
            SignUpAddress.confirmed_at.is_(None),
        )
        .values(reminded_at=now)
        .returning(SignUpAddress.address_id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _quiet_hours_of(session: Session, sign_up: SignUp, organisation: Hours) -> Hours:
    """Those that hold for a sign-up: of the first of its zones that has its own, else the organisation's."""
    own = [zone for zone in zones.by_ids(session, sign_up.zone_ids) if _has_hours(zone)]
    return Hours(own[0].quiet_from or 0, own[0].quiet_until or 0) if own else organisation


def _has_hours(zone: Zone) -> bool:
    return zone.quiet_from is not None and zone.quiet_until is not None
