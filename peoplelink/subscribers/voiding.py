"""What a resident was asked to confirm and has not, and its end when they leave or are erased."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import signup
from peoplelink.subscribers.links import CONFIRM_DAYS
from peoplelink.subscribers.models import SignUp, SignUpAddress


def unconfirmed_of(session: Session, subscriber_id: int | None) -> list[SignUpAddress]:
    """What a resident was asked to confirm and has not: the other medium of their request, a new number or mailbox.

    Nothing where nobody is a resident yet (None).
    """
    return list(
        session.scalars(
            select(SignUpAddress)
            .join(SignUp)
            .where(SignUp.subscriber_id == (subscriber_id or 0), SignUpAddress.confirmed_at.is_(None))
            .order_by(SignUpAddress.address_id)
        )
    )


def void(session: Session, subscriber_id: int | None, *, now: dt.datetime) -> None:
    """Let no YES or click count any more that a resident has not given yet, and send no question that waits to be sent.

    The nightly run forgets the addresses with the requests.
    """
    for asked in unconfirmed_of(session, subscriber_id):
        asked.sign_up.expires_at = min(asked.sign_up.expires_at, now)
        if signup.newest_at(session, asked.address) is asked:  # else somebody else's question may wait there
            outbound.take_back(session, asked.address, [Purpose.CONFIRMATION], now=now)


def was_voided(made: SignUp) -> bool:
    """Whether a request was made void, and did not run out by itself."""
    return made.expires_at < made.created_at + dt.timedelta(days=CONFIRM_DAYS)
