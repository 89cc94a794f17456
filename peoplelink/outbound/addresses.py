"""Phone numbers and mailboxes: one spelling each, one row each."""

import datetime as dt
import unicodedata
from collections.abc import Collection, Sequence

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.keys import address_hash
from peoplelink.languages import gettext, lazy_gettext
from peoplelink.outbound.models import Address

_UK = 44
_LONGEST = 254  # characters of a mailbox (RFC 5321); also far more than any number
# Ofcom keeps 07700 900000 to 900999 for drama; no real phone has them, and phonenumbers calls them invalid.
_FICTIONAL = range(7700900000, 7700901000)

_EXAMPLE = lazy_gettext("Enter a UK mobile number, like 07400 123456")
_EMAIL_EXAMPLE = lazy_gettext("Enter an email address, like name@example.com")


def normalise_mobile(text: str, *, fictional_allowed: bool) -> str:
    """A UK mobile number in any usual spelling, as E.164.

    `fictional_allowed` lets Ofcom's drama numbers in, for a sandbox only. Raises InvalidInputError: what to do.
    """
    number = _parsed(text)
    if number.country_code != _UK:
        raise InvalidInputError(gettext("We can only text UK numbers. Enter a UK mobile number, like 07400 123456"))
    if number.national_number in _FICTIONAL:
        if fictional_allowed:
            return _e164(number)
        raise InvalidInputError(
            gettext("That number is kept for films and plays. Enter a UK mobile number, like 07400 123456")
        )
    kind = phonenumbers.number_type(number)
    if kind is PhoneNumberType.FIXED_LINE:
        raise InvalidInputError(
            gettext("That is a landline, and we cannot text it. Enter a UK mobile number, like 07400 123456")
        )
    if kind not in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}:
        raise InvalidInputError(_EXAMPLE)
    return _e164(number)


def normalise_email(text: str) -> str:
    """A mailbox in lower case, domain in its Unicode-normal form; raises InvalidInputError that says what to do."""
    if len(text) > _LONGEST:
        raise InvalidInputError(_EMAIL_EXAMPLE)
    text = _as_copied(text)
    try:
        # Whether the domain takes mail is the provider's to find out: a page must not wait for a look-up. The provider
        # takes ASCII only: a domain has such a spelling, the name before the @ has none.
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as err:
        said = "" if text.isascii() else gettext("We can only write to names in the letters a to z.") + " "
        raise InvalidInputError(f"{said}{_EMAIL_EXAMPLE}") from err
    return (checked.ascii_email or checked.normalized).lower()


def _as_copied(text: str) -> str:
    """Without what comes along when an address is copied: marks nobody sees, `mailto:`, the end of the sentence."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    return seen.removeprefix("mailto:").rstrip(".,;: ")


def find(session: Session, medium: Medium, value: str) -> Address | None:
    """The address with this value in its one spelling, if we hold it."""
    return session.scalar(select(Address).where(Address.medium == medium, Address.value == value))


def find_or_add(session: Session, medium: Medium, value: str, *, address_key: str, now: dt.datetime) -> Address:
    """The one row of an address; the value must be in its one spelling."""
    known = find(session, medium, value)
    if known is not None:
        return known
    address = Address(medium=medium, value=value, hash=address_hash(address_key, medium, value), created_at=now)
    try:
        with session.begin_nested():
            session.add(address)
    except IntegrityError:
        # Another process added it between our look and our insert; the unique constraint chose one.
        added = find(session, medium, value)
        if added is None:
            raise
        return added
    return address


def locked(
    session: Session, wanted: Sequence[tuple[Medium, str | None]], *, address_key: str, now: dt.datetime
) -> list[Address]:
    """The rows of the addresses that are given, made where there are none, and held: a second press of a button waits.

    The nightly run may take one away between our look and our lock. It is made anew then.
    """
    given = [find_or_add(session, medium, value, address_key=address_key, now=now) for medium, value in wanted if value]
    session.flush()
    standing = hold(session, [address.id for address in given])
    gone = [address for address in given if address.id not in standing]
    if not gone:
        return given
    for address in gone:
        session.expunge(address)
    return locked(session, wanted, address_key=address_key, now=now)


def hold(session: Session, ids: Collection[int]) -> set[int]:
    """Let nobody join, confirm, leave or be erased at these addresses meanwhile; those that still are.

    Whoever does waits for us, or we for them. Addresses are held before residents and their links, and by id, or two
    would wait for each other. Messages to them may be queued all the while.
    """
    these = select(Address.id).where(Address.id.in_(ids)).order_by(Address.id)
    return set(session.scalars(these.with_for_update(key_share=True)))


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    if len(text) > _LONGEST:
        raise InvalidInputError(_EXAMPLE)
    try:
        number = phonenumbers.parse(text, "GB")
    except NumberParseException as err:
        raise InvalidInputError(_EXAMPLE) from err
    if number.extension:
        raise InvalidInputError(_EXAMPLE)
    return number


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
