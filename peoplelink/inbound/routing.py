"""To whom a message belongs: a command, an automatic mail, or a conversation."""

import codecs
import datetime as dt
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import keys
from peoplelink.channels import forwarded
from peoplelink.channels.messages import InboundMessage, Media, Medium
from peoplelink.config import Config
from peoplelink.inbound import acknowledging, commands, conversations, linking, loops, senders
from peoplelink.inbound.models import Attachment, MessageKind, ReceivedMessage
from peoplelink.outbound.models import Address
from peoplelink.subscribers import texts

log = structlog.get_logger(__name__)

OWN_LINK = "(their own link)"
"""What stands in a mail that is kept where a link of ours stood."""


@dataclass(frozen=True)
class Arrival:
    """How and when a message reached us."""

    webhook_id: int | None
    at: dt.datetime
    fetched: bool = False
    """The provider listed it and did not bring it: its verdict on a text is not known."""


def place(
    session: Session, message: InboundMessage, *, arrival: Arrival, config: Config, now: dt.datetime
) -> ReceivedMessage | None:
    """Keep a message and do what it asks for, in the order of design.md section 5; None when we have it already.

    Nothing is answered twice: a message is known by its provider's id, and residents' messages are read one by one.
    """
    if _known(session, message):
        log.info("message_repeated", medium=message.medium)
        return None
    address = senders.address_of(session, message, address_key=config.address_key, now=now)
    received = _kept(session, message, address, arrival)
    token = linking.by_token(session, message, address, secret_keys=config.secret_keys)
    if message.automatic:
        # Out-of-office notes after a broadcast would bury the inbox. The page of unplaced messages lists them.
        received.kind = MessageKind.AUTOMATIC
        received.delivery_id = token.delivery_id if token else None
        return received
    looping = loops.looping(session, received)
    handled = commands.handle(
        session,
        message,
        received,
        fetched=arrival.fetched,
        looping=looping,
        config=config,
        now=now,
    )
    if handled:
        received.kind, received.command = MessageKind.COMMAND, handled.command
        if handled.flagged:
            # Carried out already and answered, so no thanks: a person only looks whether we understood them.
            conversations.add(session, received, token or linking.guess(session, received.address, at=arrival.at))
        return received
    _converse(session, received, token, looping=looping, config=config, now=now)
    return received


def _converse(
    session: Session,
    received: ReceivedMessage,
    token: linking.Link | None,
    *,
    looping: bool,
    config: Config,
    now: dt.datetime,
) -> None:
    link = token or linking.guess(session, received.address, at=received.received_at)
    conversations.add(session, received, link)
    if looping:
        log.warning("message_unanswered_loop", message=received.public_id)
    elif received.trusted_sender and senders.answerable(received.address, config):
        acknowledging.acknowledge(
            session,
            received.address,
            public_url=config.public_url,
            now=now,
            how_to_stop=received.medium is Medium.SMS and texts.begins_with_stop(received.text),
        )


def _known(session: Session, message: InboundMessage) -> bool:
    same = select(ReceivedMessage.id).where(
        ReceivedMessage.medium == message.medium,
        ReceivedMessage.provider_message_id == message.provider_message_id,
    )
    return session.scalar(same) is not None


def _kept(session: Session, message: InboundMessage, address: Address, arrival: Arrival) -> ReceivedMessage:
    received = ReceivedMessage(
        webhook_id=arrival.webhook_id,
        medium=message.medium,
        provider_message_id=message.provider_message_id,
        address=address,
        kind=MessageKind.REPLY,
        subject=keys.without_tokens(message.subject, OWN_LINK) if message.medium is Medium.EMAIL else "",
        # A mail may quote ours with its links, and who has those acts as its reader: no officer is to have them.
        text=keys.without_tokens(message.text, OWN_LINK),
        mail_id=message.mail_id,
        mail_references=" ".join(message.mail_references),
        trusted_sender=message.trusted_sender,
        received_at=arrival.at,
        attachments=list(map(_attachment, message.media)),
    )
    session.add(received)
    session.flush()
    return received


def _attachment(file: Media) -> Attachment:
    content = _without_links(file)
    return Attachment(
        filename=file.filename,
        content_type=file.content_type,
        size=len(content or b""),
        url=file.url,
        content=content,
    )


def _without_links(file: Media) -> bytes | None:
    """A file's bytes, those of words without our links; in whatever charset, since a link is ASCII."""
    if not file.content or not (_holds_words(file) or forwarded.is_mail(file)):
        return file.content
    charset = "utf-16" if file.content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
    text = file.content.decode(charset, "replace")
    kept = keys.without_tokens(text, OWN_LINK)
    return file.content if kept == text else kept.encode(charset)


def _holds_words(file: Media) -> bool:
    return file.content_type.startswith("text/") or file.filename.lower().endswith((".html", ".htm", ".txt"))
