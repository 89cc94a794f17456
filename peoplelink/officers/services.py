"""Officers: add, sign in, change a password, and the zones each may see."""

import datetime as dt
from collections.abc import Iterable

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.officers import passwords
from peoplelink.officers.models import Officer, OfficerZone
from peoplelink.officers.permissions import Role


class OfficerExistsError(ConflictError):
    """Another account has this email address."""


class WrongPasswordError(InvalidInputError):
    """The present password was not the one typed."""


def create(
    session: Session,
    *,
    name: str,
    email: str,
    password: str,
    role: Role,
    all_zones: bool,
    zone_ids: Iterable[int] = (),
    mobile: str | None = None,
    now: dt.datetime,
    by: str = "system",
) -> Officer:
    """Add an account. `mobile` is where test messages go.

    Raises InvalidInputError (a name, email, mobile or password that will not do) and OfficerExistsError.
    """
    passwords.check(password)
    officer = Officer(
        name=_named(name),
        email=_mailbox(email),
        mobile=_number(mobile),
        password_hash=passwords.hashed(password),
        role=role,
        all_zones=all_zones,
        created_at=now,
        zone_rows=[OfficerZone(zone_id=zone_id) for zone_id in sorted(set(zone_ids))],
    )
    try:
        with session.begin_nested():
            session.add(officer)
    except IntegrityError as err:
        # The unique index on email decides, since two commands may run at once; any other breach is a real fault.
        if find(session, email) is None:
            raise
        raise OfficerExistsError("There is already an officer with this email address.") from err
    _record(session, officer, "officer.added", by, now)
    return officer


def find(session: Session, email: str) -> Officer | None:
    """The account with this email address, in whatever case it is typed."""
    return session.scalar(select(Officer).where(Officer.email == as_kept(email)))


def as_kept(email: str) -> str:
    """An email address as accounts are found by it: however it is typed, it is one account."""
    return email.strip().lower()


def by_email(session: Session, email: str) -> Officer:
    """The account with this email address; raises NotFoundError."""
    officer = find(session, email)
    if officer is None:
        raise NotFoundError("There is no officer with this email address.")
    return officer


def set_password(session: Session, officer: Officer, password: str, *, now: dt.datetime, by: str = "system") -> None:
    """Give a new password and end every session signed in before; raises InvalidInputError when it is too weak."""
    passwords.check(password)
    officer.password_hash = passwords.hashed(password)
    end_sessions(officer)
    _record(session, officer, "officer.password_set", by, now)


def end_sessions(officer: Officer) -> None:
    """End every session of an officer, on whatever machine."""
    officer.session_number += 1


def sign_out(session: Session, officer: Officer, *, now: dt.datetime) -> None:
    """An officer has done for now: end every session of theirs."""
    end_sessions(officer)
    _record(session, officer, "officer.signed_out", officer.actor, now)


def change_password(session: Session, officer: Officer, *, present: str, new: str, now: dt.datetime) -> None:
    """An officer changes their own; raises WrongPasswordError unless they know the present one."""
    if not passwords.matches(officer.password_hash, present):
        raise WrongPasswordError("Your present password is not right. Type it again.")
    set_password(session, officer, new, now=now, by=officer.actor)


def authenticate(session: Session, email: str, password: str, *, now: dt.datetime) -> Officer | None:
    """The officer whose email and password these are, or None; an unknown account takes as long as a wrong password."""
    officer = find(session, email)
    if not passwords.matches(officer.password_hash if officer else None, password):
        return None
    if officer is None or not officer.active:
        return None
    if passwords.outdated(officer.password_hash):
        officer.password_hash = passwords.hashed(password)
    officer.signed_in_at = now
    _record(session, officer, "officer.signed_in", officer.actor, now)
    return officer


def of_session(session: Session, session_id: str) -> Officer | None:
    """The officer that a session cookie speaks of, unless it has ended since (new password, account switched off)."""
    public_id, _, number = session_id.rpartition(":")
    officer = session.scalar(select(Officer).where(Officer.public_id == public_id))
    if officer is None or not officer.active or str(officer.session_number) != number:
        return None
    return officer


def _named(name: str) -> str:
    if not name.strip():
        raise InvalidInputError("Enter the officer's name.")
    return name.strip()


def _mailbox(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as err:
        raise InvalidInputError("Enter an email address, like name@example.org.") from err


def _number(mobile: str | None) -> str | None:
    # Shape only: an officer's own number may be a fictional one where the provider is the sandbox, and nowhere else
    # would it reach anybody.
    if not mobile or not mobile.strip():
        return None
    try:
        number = phonenumbers.parse(mobile, "GB")
    except phonenumbers.NumberParseException as err:
        raise InvalidInputError("Enter a UK mobile number, like 07400 123456.") from err
    if not phonenumbers.is_possible_number(number):
        raise InvalidInputError("Enter a UK mobile number, like 07400 123456.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _record(session: Session, officer: Officer, action: str, actor: str, now: dt.datetime) -> None:
    session.flush()
    audit.record(session, action, actor=actor, subject_kind="officer", subject_id=officer.public_id, now=now)
