"""Telling somebody that we have their complaint, and the officers who deal with it."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import languages
from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import Medium
from peoplelink.languages import gettext as _
from peoplelink.officers.models import Officer
from peoplelink.outbound import addresses, forbidden
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import PASSES, Purpose
from peoplelink.rights.clocks import shown_day
from peoplelink.rights.models import RequestKind, RightsRequest

A_DAY_TO_ONE = 2
"""Acknowledgements to one address: anybody can type anybody's number into a form."""
A_DAY_TO_ALL = 200
"""And to everybody. Over these an officer acknowledges by hand."""
_DAY = dt.timedelta(days=1)
_TOLD = {
    RequestKind.COMPLAINT: ("A complaint", "acknowledged"),
    RequestKind.OBJECTION: ("An objection", "answered"),
    RequestKind.ERASURE: ("A request to erase, which a legal hold stops,", "answered"),
}


def send(
    session: Session, request: RightsRequest, medium: Medium, value: str, *, address_key: str, now: dt.datetime
) -> Delivery | None:
    """Say that we have it; None where it may not be said by itself: after a STOP, or over the limits."""
    [address] = addresses.locked(session, [(medium, value)], address_key=address_key, now=now)
    if outbound.suppressions_of(session, address) - PASSES[Purpose.RIGHTS]:
        return None
    to_one = outbound.count_recent(session, address, [Purpose.RIGHTS], since=now - _DAY)
    if to_one >= A_DAY_TO_ONE or _sent_to_all(session, since=now - _DAY) >= A_DAY_TO_ALL:
        return None
    with catalogues.speaking(session, languages.current().code):
        return _queue(session, request, address, now=now)


def why_not(session: Session, request: RightsRequest) -> str:
    """Why we have not told them by ourselves that we have it, for an officer; "" where we have, or nobody can know."""
    if request.kind is not RequestKind.COMPLAINT or request.acknowledged_at or not request.contact:
        return ""
    address = addresses.find(session, Medium.EMAIL if "@" in request.contact else Medium.SMS, request.contact)
    if address is None:
        return ""
    return (
        forbidden.why_not(session, address, Purpose.RIGHTS)
        or "So many acknowledgements went out that day that this one was left to you."
    )


def _queue(session: Session, request: RightsRequest, address: Address, *, now: dt.datetime) -> Delivery:
    if address.medium is Medium.SMS:
        return outbound.queue_message(session, address, purpose=Purpose.RIGHTS, body=_text(request), now=now)
    return outbound.queue_message(
        session, address, purpose=Purpose.RIGHTS, subject=_("We have your complaint"), body=_mail(request), now=now
    )


def tell_officers(session: Session, request: RightsRequest, *, address_key: str, now: dt.datetime) -> None:
    """A note to each officer who deals with what is asked by right; it says nothing of who asked or what.

    For the kinds that come without an officer: see `_TOLD`.
    """
    what, done = _TOLD[request.kind]
    body = (
        f"{what} has come in, number {request.code}. It must be {done} by {shown_day(request.due_at)}.\n\n"
        "Sign in to People Link and choose **Data rights** to read it."
    )
    for officer in session.scalars(select(Officer).where(Officer.active).order_by(Officer.id)):
        if officer.allows("rights.manage") and officer.scope is None:
            mine = addresses.find_or_add(session, Medium.EMAIL, officer.email, address_key=address_key, now=now)
            outbound.queue_message(
                session, mine, purpose=Purpose.NOTICE, subject=f"{what} has come in", body=body, now=now
            )


def _sent_to_all(session: Session, *, since: dt.datetime) -> int:
    wanted = select(func.count()).where(Dispatch.purpose == Purpose.RIGHTS, Dispatch.created_at >= since)
    return session.scalar(wanted) or 0


def _text(request: RightsRequest) -> str:
    return _(
        "People Link: we have your complaint, number %(code)s. We look into it and tell you what we find. "
        "Emergency? Call 999.",
        code=request.code,
    )


def _mail(request: RightsRequest) -> str:
    return _(
        "Thank you for telling us. We have your complaint about how we use information about you.\n\n"
        "Its number is **%(code)s**. The data protection officer of the Commissioner's office looks into it without "
        "delay, and tells you what they find.\n\n"
        "You can also complain to the Information Commissioner's Office at any time: 0303 123 1113 or ico.org.uk.",
        code=request.code,
    )
