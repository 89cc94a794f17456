"""A resident's new number or mailbox: it confirms first, then takes the place of the old one, which is told.

The request is a sign-up for a resident who is there already, so that whatever is true of confirming a sign-up (YES,
the button behind the link, running out, a STOP in between) is true of it. What was said at the old address, STOP among
it, stays with the old address.
"""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import to_gsm
from peoplelink.errors import InvalidInputError
from peoplelink.languages import gettext as _
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address
from peoplelink.subscribers import choosing, limits, signup, spoken
from peoplelink.subscribers.choosing import Seat
from peoplelink.subscribers.links import CONFIRM_DAYS, Links
from peoplelink.subscribers.models import (
    ConsentWording,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    SubscriberAddress,
)

CHANGES_A_DAY = 5
"""By one resident, to whatever addresses: the link must not become a way to text strangers."""
_DAY = dt.timedelta(days=1)


def ask(
    session: Session,
    seat: Seat,
    medium: Medium,
    value: str,
    *,
    wording: ConsentWording,
    links: Links,
    address_key: str,
    now: dt.datetime,
) -> None:
    """Ask a new address (in its one spelling) to confirm that it takes the place of the resident's present one.

    Where they have none of this medium it is added. Says nothing of whether others live there. Raises
    InvalidInputError where several share the address that speaks: they would speak for each other elsewhere.
    """
    if seat.shared:
        raise InvalidInputError(_("More than one person uses this address. Join again with your own instead."))
    mine = [link.address for link in seat.links() if link.address.medium is medium]
    if any(address.value == value for address in mine):
        raise InvalidInputError(_("We write to you there already"))
    _check_limits(session, seat, medium, now)
    [new] = addresses.locked(session, [(medium, value)], address_key=address_key, now=now)
    asked = limits.may_ask(session, new, now=now)
    if asked:
        made = _add(session, seat, new, old=mine[0] if mine else None, wording=wording, now=now)
        signup.ask(session, made, new, links=links, now=now)
    _audit(session, seat.person, "address_asked", now, medium=medium.value, asked=asked)


def replace(session: Session, made: SignUp, person: Subscriber, *, now: dt.datetime) -> None:
    """The new address has been confirmed: the old one goes, and is told. Harmless twice."""
    _audit(session, person, "address_changed", now, replaced=made.replaces is not None)
    _end(session, made, person, now=now)
    _close(session, made, person)


def _end(session: Session, made: SignUp, person: Subscriber, *, now: dt.datetime) -> None:
    old = session.scalar(select(Address).where(Address.public_id == made.replaces)) if made.replaces else None
    link = session.get(SubscriberAddress, (person.id, old.id)) if old else None
    if old is None or link is None or link.status is not LinkStatus.LIVE:
        return
    choosing.stop_link(session, link, how="changed", now=now, suppress=False)
    with spoken.to(session, old):
        subject = _("Your People Link address has changed")
        choosing.tell(session, old, subject=subject, body=_notice(old.medium), now=now)


def _close(session: Session, made: SignUp, person: Subscriber) -> None:
    """Nobody comes back to them by a START from a number of before: whoever has it by then would read all of theirs."""
    moved_by = [asked.address.medium for asked in made.addresses]
    ended = select(SubscriberAddress).join(Address).where(
        SubscriberAddress.subscriber_id == person.id,
        SubscriberAddress.status == LinkStatus.STOPPED,
        Address.medium.in_(moved_by),
    )  # fmt: skip
    for link in session.scalars(ended):
        link.status = LinkStatus.CLOSED


def waiting(session: Session, person: Subscriber, *, now: dt.datetime) -> set[Medium]:
    """By which media a new address of theirs waits to be confirmed."""
    return set(
        session.scalars(
            select(Address.medium)
            .join(SignUpAddress, SignUpAddress.address_id == Address.id)
            .join(SignUp, SignUp.id == SignUpAddress.sign_up_id)
            .where(
                SignUp.expires_at > now,
                SignUp.subscriber_id == person.id,
                SignUp.is_change,
                SignUpAddress.confirmed_at.is_(None),
                ~signup.overtaken(),
            )
        )
    )


def _check_limits(session: Session, seat: Seat, medium: Medium, now: dt.datetime) -> None:
    today = session.scalar(
        select(func.count())
        .select_from(SignUp)
        .where(SignUp.created_at > now - _DAY, SignUp.subscriber_id == seat.person.id, SignUp.is_change)
    )
    if (today or 0) >= CHANGES_A_DAY or (medium is Medium.SMS and not limits.web_texts_left(session, now=now)):
        raise InvalidInputError(_("You have asked for this several times today. Please try again tomorrow."))


def _add(
    session: Session, seat: Seat, new: Address, *, old: Address | None, wording: ConsentWording, now: dt.datetime
) -> SignUp:
    made = SignUp(
        source=SignUpSource.WEB,
        language=seat.person.language,
        old_enough=True,
        wording_id=wording.id,
        evidence={"form": "preferences"},
        created_at=now,
        expires_at=now + dt.timedelta(days=CONFIRM_DAYS),
        subscriber_id=seat.person.id,
        is_change=True,
        replaces=old.public_id if old else None,
        addresses=[SignUpAddress(address=new)],
    )
    session.add(made)
    session.flush()
    return made


def _notice(medium: Medium) -> str:
    if medium is Medium.SMS:
        return to_gsm(
            _(
                "People Link: you asked us to use another number, and we will not text this one any more. "
                "Was it not you? Reply to this text."
            )
        )
    return _(
        "You asked us to use another email address. It has been confirmed, and we will not write to this one any "
        "more.\n\nWas it not you? Answer this email, and a person will look into it."
    )


def _audit(session: Session, person: Subscriber, action: str, now: dt.datetime, **detail: object) -> None:
    audit.record(
        session, f"resident.{action}", actor="resident", subject_kind="resident", subject_id=person.public_id,
        now=now, **detail,
    )  # fmt: skip
