"""Taking a person out of what providers pushed to us: raw requests hold numbers and mailboxes, some of many people."""

import re
from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, undefer

from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import ReceivedMessage, Webhook, WebhookKind
from peoplelink.outbound.models import Address
from peoplelink.persons import Erasing

AT_ONCE = 200
"""Requests looked through in one transaction; one may hold 768 KB."""
_MARK = "webhooks"
_MESSAGES = (WebhookKind.TWILIO_INBOUND, WebhookKind.SENDGRID_INBOUND)
_GONE = b"erased"


def empty(session: Session, webhook_ids: Sequence[int]) -> None:
    """Take away what a request said, and keep that it came: a repeat must not bring the message back."""
    session.execute(update(Webhook).where(Webhook.id.in_(webhook_ids)).values(body=b""))


def look_through(session: Session, address_ids: frozenset[int], erasing: Erasing) -> bool:
    """Blot addresses out of the next requests that nobody has been through; whether the end was reached.

    What goes round in the requests of others (a mail that quotes them) is not theirs alone, and goes after its 30 days.
    """
    wanted = _needles(session.scalars(select(Address).where(Address.id.in_(address_ids))).all())
    if wanted is None:
        return True
    found = session.scalars(
        select(Webhook)
        .where(Webhook.id > erasing.marks.get(_MARK, 0))
        .options(undefer(Webhook.body))
        .order_by(Webhook.id)
        .limit(AT_ONCE)
    ).all()
    for webhook in found:
        if wanted.search(webhook.body) and not _waits(webhook):
            _blot_out(session, webhook, wanted)
            erasing.count("raw requests of providers", 1)
    if found:
        erasing.marks[_MARK] = found[-1].id
    return len(found) < AT_ONCE


def _needles(addresses: Sequence[Address]) -> re.Pattern[bytes] | None:
    """Every spelling in which a provider writes these."""
    spellings = [one for address in addresses for one in _spellings(address)]
    joined = b"|".join(re.escape(one.encode()) for one in spellings)
    return re.compile(rb"(?<![0-9a-z])(?:" + joined + rb")(?![0-9a-z])", re.IGNORECASE) if spellings else None


def _spellings(address: Address) -> list[str]:
    if address.medium is Medium.EMAIL:
        return [address.value, address.value.replace("@", "%40")]
    digits = address.value.removeprefix("+")
    # "%2B" ends in a letter, so that form is named with its sign.
    return [f"%2B{digits}", digits, f"0{digits.removeprefix('44')}"]


def _waits(webhook: Webhook) -> bool:
    """A message that nobody has read yet: it came after they asked, or will in a moment be one of theirs."""
    return webhook.kind in _MESSAGES and webhook.processed_at is None


def _blot_out(session: Session, webhook: Webhook, wanted: re.Pattern[bytes]) -> None:
    read = session.scalar(select(exists().where(ReceivedMessage.webhook_id == webhook.id)))
    if webhook.kind in _MESSAGES and not read:
        webhook.body = b""  # their own message, which we could not read
    elif webhook.kind not in _MESSAGES:
        webhook.body = wanted.sub(_GONE, webhook.body)
