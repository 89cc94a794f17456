"""An officer, or a connector whom the zone knows, signs up a neighbour: the words are read out, and it is written down
who read them, where, and who was there. The neighbour still confirms from their own phone or mailbox.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from peoplelink.errors import ForbiddenError, InvalidInputError
from peoplelink.officers.models import Officer
from peoplelink.subscribers import signup
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, SignUp, SignUpSource, Topic, Zone

SIGN_UP = "residents.sign_up"
"""The permission that it takes."""


@dataclass(frozen=True)
class Neighbour:
    """What was said at the doorstep. Number and mailbox are in their one spelling."""

    zones: Sequence[Zone]
    wording: ConsentWording
    """The words that were read out."""
    where: str = field(repr=False)
    witness: str = field(repr=False)
    """Who else was there, or that nobody was."""
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    topics: Sequence[Topic] = ()
    old_enough: bool = False
    agreed: bool = False
    """The words were read out to them, and they agreed."""


def sign_up(
    session: Session, neighbour: Neighbour, *, by: Officer, links: Links, address_key: str, now: dt.datetime
) -> SignUp | None:
    """Ask a neighbour's phone and mailbox to confirm; None when the limits allow no more questions there today.

    Raises InvalidInputError, and ForbiddenError for a zone that is not the officer's.
    """
    if not by.allows(SIGN_UP, [zone.id for zone in neighbour.zones]):
        raise ForbiddenError("You can sign people up for your own zones only.")
    if not neighbour.agreed:
        raise InvalidInputError("Read the words out, and tick the box when they have agreed")
    if not neighbour.where.strip():
        raise InvalidInputError("Say where you are")
    request = signup.SignUpRequest(
        source=SignUpSource.OFFICER,
        zones=neighbour.zones,
        topics=neighbour.topics,
        wording=neighbour.wording,
        mobile=neighbour.mobile,
        email=neighbour.email,
        name=neighbour.name,
        old_enough=neighbour.old_enough,
        evidence={"officer": by.public_id, "where": neighbour.where.strip(), "witness": neighbour.witness.strip()},
        by=by.actor,
    )
    return signup.sign_up(session, request, links=links, address_key=address_key, now=now)
