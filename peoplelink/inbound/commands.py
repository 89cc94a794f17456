"""STOP, JOIN, YES and the other words that are acted on and not talked about."""

import datetime as dt
import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts import rechecking
from peoplelink.channels.messages import InboundMessage, Medium
from peoplelink.config import Config
from peoplelink.inbound import asking, joining, leaving_a_part, senders, stopping
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import mails, services, texts

_ASKED_WITHIN = dt.timedelta(days=1)
"""How long after "did you mean New Parks?" a YES still answers it."""
_YESSES = 10
"""As many may come in a row, and each be asked again which zone."""


def handle(
    session: Session,
    message: InboundMessage,
    received: ReceivedMessage,
    *,
    fetched: bool,
    looping: bool,
    config: Config,
    now: dt.datetime,
) -> texts.Handled | None:
    """The command a message was and that has been carried out, or None when it is for a person to read.

    STOP is heeded from anybody, however often; other commands are answered, so not where a machine sends them, nor
    where it is no resident's number (ours, a short code, one abroad), nor where the person has said STOP since. A STOP
    that was taken back since (one that reached us late) is only noted.
    """
    if message.medium is Medium.EMAIL:
        handled = _handle_mail(session, message, received, looping=looping, config=config, now=now)
    else:
        handled = _handle_text(session, message, received, fetched=fetched, looping=looping, config=config)
    if handled and handled.narrowed:
        rechecking.recheck(session, handled.narrowed, now=now, quiet=config.quiet_hours)
    return handled


def _handle_mail(
    session: Session,
    message: InboundMessage,
    received: ReceivedMessage,
    *,
    looping: bool,
    config: Config,
    now: dt.datetime,
) -> texts.Handled | None:
    left = _leave_by_email(session, message, received, now=now)
    if left or looping:
        return left
    parts = (leaving_a_part.leave_by_email, joining.join_by_email, asking.link_by_email)
    done = (part(session, message, received, config=config, now=now) for part in parts)
    return next(filter(None, done), None)


def _handle_text(
    session: Session,
    message: InboundMessage,
    received: ReceivedMessage,
    *,
    fetched: bool,
    looping: bool,
    config: Config,
) -> texts.Handled | None:
    answerable = senders.answerable(received.address, config)
    if not stopping.is_stop(session, message):
        if looping or not answerable or _overtaken(session, received):
            return None
    elif stopping.taken_back(session, received.address, latest=stopping.latest(received.received_at, fetched=fetched)):
        return texts.Handled(mails.STOP)
    text = texts.TextFromResident(
        received.address,
        message.text,
        message.opt_out,
        received.public_id,
        fetched=fetched,
        answerable=answerable,
        before=_before(session, received) if texts.says_yes(message.text) else None,
    )
    # When it was sent, not when it is read: what came after it must stay after it.
    return texts.handle(session, text, settings=settings_of(config), now=received.received_at)


def _before(session: Session, received: ReceivedMessage) -> texts.TextBefore | None:
    """The text of the last day that came before this one, if it was an order that may have been answered by asking."""
    recent = session.scalars(
        select(ReceivedMessage)
        .where(ReceivedMessage.address_id == received.address_id, ReceivedMessage.id != received.id)
        .where(ReceivedMessage.received_at <= received.received_at)
        .where(ReceivedMessage.received_at > received.received_at - _ASKED_WITHIN)
        .order_by(ReceivedMessage.received_at.desc(), ReceivedMessage.id.desc())
        .limit(_YESSES)
    )
    orders = itertools.takewhile(lambda one: one.command in texts.MAY_BE_ASKED_BACK, recent)
    # A YES to "A or B?" was asked the same again: the next is said to that.
    asked = next((one for one in orders if not texts.says_yes(one.text)), None)
    return texts.TextBefore(asked.text, asked.received_at) if asked else None


def settings_of(config: Config) -> texts.TextSettings:
    """The part of the configuration that answers to texts need."""
    return texts.TextSettings(
        keyword_mode=config.twilio_keywords,
        address_key=config.address_key,
        reply_number=config.reply_number,
        public_url=config.public_url,
        secret_keys=config.secret_keys,
    )


def _overtaken(session: Session, received: ReceivedMessage) -> bool:
    """Whether this address said STOP after sending this: it was read late, and a START in it must not undo the STOP.

    The webhook of a STOP notes the moment in its own transaction, before the STOP itself is read.
    """
    return outbound.said_since(session, received.address, SuppressionReason.STOP, since=received.received_at)


def _leave_by_email(
    session: Session, message: InboundMessage, received: ReceivedMessage, *, now: dt.datetime
) -> texts.Handled | None:
    if not stopping.is_stop(session, message):
        return None
    evidence = {"message": received.public_id}
    # Forwarded from where we write to, perhaps: a person finds out.
    stranger = not services.latest_at(session, received.address)
    mails.leave(session, received.address, evidence=evidence, said_at=received.received_at, now=now)
    alone = mails.says_only_stop(message.subject, message.text) and not message.media
    return texts.Handled(mails.STOP, flagged=stranger or not alone)
