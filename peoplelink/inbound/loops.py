"""Telling a machine that answers machines from a person, so that two of them cannot keep each other busy."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink.inbound.models import ReceivedMessage

SAME_TEXT = 20
SAME_TEXT_WITHIN = dt.timedelta(minutes=5)
"""The same words from one address this often in this time (after RapidPro's loop guard, facts on peers 3.3)."""
ANY_TEXT = 30
ANY_TEXT_WITHIN = dt.timedelta(hours=1)
"""More messages from one address in this time than a person writes."""


def looping(session: Session, received: ReceivedMessage) -> bool:
    """Whether a message that has just been kept is one of too many: it stays kept, and is not answered."""
    return (
        _count(session, received, within=ANY_TEXT_WITHIN, same_text=False) > ANY_TEXT
        or _count(session, received, within=SAME_TEXT_WITHIN, same_text=True) >= SAME_TEXT
    )


def _count(session: Session, received: ReceivedMessage, *, within: dt.timedelta, same_text: bool) -> int:
    query = (
        select(func.count())
        .select_from(ReceivedMessage)
        .where(
            ReceivedMessage.address_id == received.address_id,
            ReceivedMessage.received_at > received.received_at - within,
            ReceivedMessage.received_at <= received.received_at,
        )
    )
    if same_text:
        query = query.where(ReceivedMessage.text == received.text)
    return session.scalar(query) or 0
