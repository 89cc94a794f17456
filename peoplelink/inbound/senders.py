"""Who a message came from: one address row, and whether an automatic answer may go there."""

import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.channels.messages import InboundMessage, Medium
from peoplelink.config import Config
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address

_LONGEST = 320  # characters kept of a sender that is no address we know the form of


def address_of(session: Session, message: InboundMessage, *, address_key: str, now: dt.datetime) -> Address:
    """The address of a message's sender, added if we have not met it.

    A sender that is no UK mobile and no mailbox (a short code, a name, a foreign number) is kept as it came:
    what it said is read by a person, but nothing is sent there.
    """
    value = _in_its_one_spelling(message)
    return addresses.find_or_add(session, message.medium, value, address_key=address_key, now=now)


def answerable(address: Address, config: Config) -> bool:
    """Whether an automatic answer may go to this address: a UK mobile or a mailbox, and not one of our own."""
    try:
        if address.medium is Medium.SMS:
            number = addresses.normalise_mobile(address.value, fictional_allowed=config.sandboxed)
            return number == address.value != config.reply_number
        mailbox = addresses.normalise_email(address.value)
    except InvalidInputError:
        return False
    # Two machines that thank each other never stop: our own mailboxes get no thanks.
    return not mailbox.endswith(f"@{config.inbound_domain}") and mailbox != config.sendgrid_from.lower()


def _in_its_one_spelling(message: InboundMessage) -> str:
    try:
        if message.medium is Medium.SMS:
            return addresses.normalise_mobile(message.sender, fictional_allowed=True)
        return addresses.normalise_email(message.sender)
    except InvalidInputError:
        return message.sender.strip().lower()[:_LONGEST]
