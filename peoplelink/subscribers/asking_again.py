"""A resident asks us to send the request to confirm once more. What comes of it shows on no page."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound import addresses
from peoplelink.subscribers import limits, signup
from peoplelink.subscribers.links import Links

ASKED_AGAIN = "sign_up.asked_again"
_DAY = dt.timedelta(days=1)


def ask_again(session: Session, medium: Medium, value: str, *, links: Links, now: dt.datetime) -> bool:
    """Send the request again, if one waits at this address and the limits allow; whether it did.

    Counted with every other request to the same address, and all together by the day. The answer is for tests and
    logs: a page that showed it would tell who has asked to join.
    """
    known = addresses.find(session, medium, value)
    if known is None:
        return False
    # Two presses of the button at once would both be within the limit: the second waits for the first.
    addresses.hold(session, [known.id])
    pending = signup.pending_at(session, known, now=now)
    if pending is None or not limits.may_ask(session, known, now=now) or not _left_today(session, now=now):
        return False
    signup.ask(session, pending, known, links=links, now=now)
    audit.record(
        session, ASKED_AGAIN, actor="resident", subject_kind="sign_up", subject_id=pending.public_id, now=now,
        medium=medium.value,
    )  # fmt: skip
    return True


def _left_today(session: Session, *, now: dt.datetime) -> bool:
    sent = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.at > now - _DAY, AuditEvent.action == ASKED_AGAIN)
    )
    return (sent or 0) < limits.ASKED_AGAIN_A_DAY
