"""The ledger of consent, and the wordings that people agree to."""

import datetime as dt
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from peoplelink import languages
from peoplelink.errors import NotFoundError
from peoplelink.languages import ENGLISH
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, ConsentWording, Subscriber


def newest(session: Session, code: str, *, language: str) -> ConsentWording | None:
    """The newest words that stand at `code` in a language, if there are any."""
    return session.scalar(
        select(ConsentWording)
        .where(ConsentWording.code == code, ConsentWording.language == language)
        .order_by(ConsentWording.version.desc())
        .limit(1)
    )


def wording(session: Session, code: str) -> ConsentWording:
    """The newest words that stand at `code` in the language spoken, else in English.

    Raises NotFoundError when the data to start with was never planted.
    """
    spoken = languages.current().code
    found = newest(session, code, language=spoken) or newest(session, code, language=ENGLISH.code)
    if found is None:
        raise NotFoundError(f"no consent wording {code}")
    return found


def agreed(session: Session, code: str, wording_id: int) -> ConsentWording:
    """The words that somebody was shown, which may not be the newest any more; else the newest."""
    shown = session.get(ConsentWording, wording_id)
    return shown if shown is not None and shown.code == code else wording(session, code)


def write(
    session: Session,
    subscriber: Subscriber,
    address: Address,
    action: ConsentAction,
    *,
    how: str,
    evidence: dict[str, Any],
    now: dt.datetime,
    wording_id: int | None = None,
) -> ConsentRecord:
    """Add a line to the ledger. `evidence` holds ids only: of a message, a sign-up, a form."""
    record = ConsentRecord(
        subscriber_id=subscriber.id,
        address_hash=address.hash,
        medium=address.medium,
        action=action,
        wording_id=wording_id,
        how=how,
        evidence=evidence,
        at=now,
    )
    session.add(record)
    return record


def last_given(session: Session, subscriber: Subscriber, address: Address) -> ConsentRecord | None:
    """The newest line by which a resident agreed to be written to at this address."""
    return session.scalar(
        select(ConsentRecord)
        .where(
            ConsentRecord.subscriber_id == subscriber.id,
            ConsentRecord.address_hash == address.hash,
            ConsentRecord.action == ConsentAction.GIVEN,
        )
        .order_by(ConsentRecord.id.desc())
        .limit(1)
    )


def given_since(session: Session, address: Address, since: dt.datetime) -> bool:
    """Whether anybody has agreed to be written to at this address after a moment."""
    later = exists().where(
        ConsentRecord.address_hash == address.hash,
        ConsentRecord.action == ConsentAction.GIVEN,
        ConsentRecord.at > since,
    )
    return bool(session.scalar(select(later)))
