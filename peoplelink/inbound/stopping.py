"""A STOP, in whatever words we know it by, takes effect in the transaction that stores it, before we answer.

By text or by mail; the answer to it, and whoever is to look at it, are the job's.
"""

import datetime as dt

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import InboundMessage, Medium, OptOutWord
from peoplelink.engines import is_outage
from peoplelink.inbound import senders
from peoplelink.inbound.models import ReceivedMessage, Webhook
from peoplelink.outbound.models import Address
from peoplelink.subscribers import mails, texts
from peoplelink.subscribers import services as subscriber_services

log = structlog.get_logger(__name__)

_COMING_BACK = ("start", "yes")
"""Commands (`subscribers.texts`) by which somebody who said STOP comes back."""
_CLOCKS = dt.timedelta(seconds=5)
"""How far the provider's clock may be from ours; its times are whole seconds besides."""


def stop_if_asked(session: Session, message: InboundMessage, *, webhook: Webhook, address_key: str) -> None:
    """Suppress the sender of a STOP and take back what is queued for them.

    Never raises for what the text holds: the job reads it again.
    """
    try:
        with session.begin_nested():
            if not is_stop(session, message):
                return
            _stop(session, message, webhook=webhook, address_key=address_key)
    except Exception as error:
        if is_outage(error):
            raise
        # Keeping the request matters more than acting on it now: the job tries again within the second.
        log.exception("stop_left_to_the_job", webhook=webhook.public_id)


def is_stop(session: Session, message: InboundMessage) -> bool:
    """Whether the provider says STOP, or the words ask for it.

    The sender of a mail must have been checked: anybody can write another's address into a mail, and a reply token is
    known to all who got the same broadcast. An automatic mail asks for nothing.
    """
    if message.medium is Medium.EMAIL:
        checked = message.trusted_sender and not message.automatic
        return checked and mails.asks_to_leave(session, message.subject, message.text)
    return message.opt_out is OptOutWord.STOP or texts.means_stop(session, message.text)


def latest(at: dt.datetime, *, fetched: bool) -> dt.datetime:
    """No later than this can it have been said, by our clock; after `at` where that is by the provider's."""
    return at + _CLOCKS if fetched else at


def taken_back(session: Session, address: Address, *, latest: dt.datetime) -> bool:
    """Whether this address came back after a moment: a STOP that was said before and is read now must not undo that."""
    later = exists().where(
        ReceivedMessage.address_id == address.id,
        ReceivedMessage.command.in_(_COMING_BACK),
        ReceivedMessage.received_at > latest,
    )
    return bool(session.scalar(select(later)))


def _stop(session: Session, message: InboundMessage, *, webhook: Webhook, address_key: str) -> None:
    said_at = webhook.received_at
    address = senders.address_of(session, message, address_key=address_key, now=said_at)
    if taken_back(session, address, latest=latest(webhook.received_at, fetched=webhook.fetched_at is not None)):
        log.info("stop_taken_back_since", webhook=webhook.public_id)
        return
    subscriber_services.stop_as_asked(session, address, evidence={"webhook": webhook.public_id}, now=said_at)
