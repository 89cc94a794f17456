"""Who is behind a number or a mailbox that an officer types, and what is held of them, in short."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.keys import address_hash
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address
from peoplelink.persons import Person
from peoplelink.subscribers import people
from peoplelink.subscribers.imports import services as imports

LONGEST_REASON = 200
_NEEDED = "Say why you look at it, such as: asked for a copy, request 4KX7QM"
_NOBODY = "We hold nothing under this number or email address."


@dataclass(frozen=True)
class Found:
    """Somebody behind an address."""

    person: Person
    name: str
    """As they gave it; "" without one."""


def by_address(
    session: Session, typed: str, *, address_key: str, fictional_allowed: bool, now: dt.datetime
) -> list[Found]:
    """Everybody at a number or a mailbox; raises InvalidInputError, or NotFoundError where nothing is held of it."""
    medium, value = _read(session, typed, fictional_allowed=fictional_allowed)
    address = addresses.find(session, medium, value)
    if address is None and imports.speaks_of(session, address_hash(address_key, medium, value)):
        # Whom only a list names has no address with us yet; with one they are shown, erased and held as anybody.
        address = addresses.find_or_add(session, medium, value, address_key=address_key, now=now)
        session.flush()
    if address is None:
        raise NotFoundError(_NOBODY)
    found = [Found(people.person_of(session, one), one.name or "") for one in people.at(session, address)]
    # What a household's own members wrote is theirs; the rest of what came from the address is nobody's we know.
    return found or [Found(people.person_at(session, address), "")]


def _read(session: Session, typed: str, *, fictional_allowed: bool) -> tuple[Medium, str]:
    typed = typed.strip()
    if not typed:
        raise InvalidInputError("Enter a mobile number or an email address")
    if "@" in typed:
        return Medium.EMAIL, addresses.normalise_email(typed)
    try:
        return Medium.SMS, addresses.normalise_mobile(typed, fictional_allowed=fictional_allowed)
    except InvalidInputError:
        # A sender of a kind that we do not write to, such as a foreign number, is kept as it came.
        if addresses.find(session, Medium.SMS, typed) is None:
            raise
    return Medium.SMS, typed


def person(session: Session, public_id: str) -> Person:
    """The resident or address with this public id; raises NotFoundError."""
    found = people.by_public_id(session, public_id)
    if found is None:
        raise NotFoundError("Nothing is held about them any more.")
    return found


def reason(typed: str) -> str:
    """Why an officer looks, as the log keeps it; raises InvalidInputError without one."""
    said = " ".join(typed.split())
    if not said or len(said) > LONGEST_REASON:
        raise InvalidInputError(_NEEDED)
    return said


def shown_addresses(session: Session, one: Person) -> Sequence[Address]:
    """The addresses of a person."""
    return [session.get_one(Address, id_) for id_ in sorted(one.addresses)]
