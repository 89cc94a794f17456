"""Who is behind a number or a mailbox that an officer types, and what is held of them, in short."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address
from peoplelink.persons import Person
from peoplelink.subscribers import people

LONGEST_REASON = 200
_NEEDED = "Say why you look at it, such as: asked for a copy, request 4KX7QM"
_NOBODY = "We hold nothing under this number or email address."


@dataclass(frozen=True)
class Found:
    """Somebody behind an address."""

    person: Person
    name: str
    """As they gave it; "" without one."""


def by_address(session: Session, typed: str, *, fictional_allowed: bool) -> list[Found]:
    """Everybody at a number or a mailbox; raises InvalidInputError, or NotFoundError where nothing is held of it."""
    address = _address(session, typed, fictional_allowed=fictional_allowed)
    if address is None:
        raise NotFoundError(_NOBODY)
    found = [Found(people.person_of(session, one), one.name or "") for one in people.at(session, address)]
    # What a household's own members wrote is theirs; the rest of what came from the address is nobody's we know.
    return found or [Found(people.person_at(session, address), "")]


def _address(session: Session, typed: str, *, fictional_allowed: bool) -> Address | None:
    typed = typed.strip()
    if not typed:
        raise InvalidInputError("Enter a mobile number or an email address")
    if "@" in typed:
        return addresses.find(session, Medium.EMAIL, addresses.normalise_email(typed))
    try:
        value = addresses.normalise_mobile(typed, fictional_allowed=fictional_allowed)
    except InvalidInputError:
        # A sender of a kind that we do not write to, such as a foreign number, is kept as it came.
        value = typed
        if addresses.find(session, Medium.SMS, value) is None:
            raise
    return addresses.find(session, Medium.SMS, value)


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
