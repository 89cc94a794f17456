"""What a reply is about: exactly by the token in its address, else by what we sent to that person lately."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts import services as broadcast_services
from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import InboundMessage
from peoplelink.inbound.models import Answer, Confidence, Conversation
from peoplelink.keys import read_reply_token
from peoplelink.outbound.models import Address, Delivery, Dispatch

RECENT = dt.timedelta(days=7)
"""How long after a broadcast or the last word of a conversation a message without a token is taken to be about it."""


@dataclass(frozen=True)
class Link:
    """A conversation to join, or a broadcast to open one about; neither means: a new conversation about nothing."""

    conversation: Conversation | None = None
    broadcast: Broadcast | None = None
    confidence: Confidence | None = None
    delivery_id: int | None = None


def by_token(session: Session, message: InboundMessage, address: Address, *, secret_keys: Sequence[str]) -> Link | None:
    """The link of a mail that came to a reply address of ours, or None when it did not, or not to one that tells.

    The token cannot be guessed, so it holds even where the sender could not be checked; that is shown to officers.
    """
    public_id = read_reply_token(secret_keys, message.recipient.partition("@")[0])
    dispatch = _dispatch(session, public_id) if public_id else None
    if dispatch is None:
        return None
    delivery_id = session.scalar(
        select(Delivery.id).where(Delivery.dispatch_id == dispatch.id, Delivery.address_id == address.id)
    )
    broadcast = broadcast_services.by_dispatch(session, dispatch.id)
    conversation = _about(session, address, broadcast) if broadcast else _answered_by(session, dispatch)
    if broadcast is None and conversation is None:
        return None
    return Link(conversation, broadcast, Confidence.EXACT if broadcast else None, delivery_id)


def guess(session: Session, address: Address, *, at: dt.datetime) -> Link:
    """What a message that came at this moment is probably about.

    A conversation of the last 7 days is joined, unless a broadcast went to that address after its last word: then the
    message is more probably about the broadcast.
    """
    since = at - RECENT
    broadcasts = [
        broadcast
        for broadcast in broadcast_services.latest_to(session, address.id, since=since)
        if broadcast.released_at is None or broadcast.released_at <= at
    ]
    conversation = _latest(session, address, since=since)
    if conversation is not None and _still_about(session, conversation, broadcasts):
        return Link(conversation=conversation)
    if not broadcasts:
        return Link()
    confidence = Confidence.LIKELY if len(broadcasts) == 1 else Confidence.UNSURE
    return Link(None, broadcasts[0], confidence, _delivery_of(session, broadcasts[0], address))


def last_word(session: Session, conversation: Conversation) -> dt.datetime:
    """When either side last wrote."""
    answered = session.scalar(select(func.max(Answer.at)).where(Answer.conversation_id == conversation.id))
    return max(conversation.last_message_at, answered) if answered else conversation.last_message_at


def _still_about(session: Session, conversation: Conversation, broadcasts: Sequence[Broadcast]) -> bool:
    if not broadcasts or conversation.broadcast_id == broadcasts[0].id:
        return True
    released_at = broadcasts[0].released_at
    return released_at is not None and last_word(session, conversation) > released_at


def _dispatch(session: Session, public_id: str) -> Dispatch | None:
    """The dispatch a token names, by its own id or by that of one of its deliveries."""
    dispatch = session.scalar(select(Dispatch).where(Dispatch.public_id == public_id))
    if dispatch is not None:
        return dispatch
    return session.scalar(
        select(Dispatch).join(Delivery, Delivery.dispatch_id == Dispatch.id).where(Delivery.public_id == public_id)
    )


def _about(session: Session, address: Address, broadcast: Broadcast) -> Conversation | None:
    """What this address and the office already say to each other about a broadcast."""
    return session.scalar(
        select(Conversation)
        .where(Conversation.address_id == address.id, Conversation.broadcast_id == broadcast.id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    )


def _answered_by(session: Session, dispatch: Dispatch) -> Conversation | None:
    """The conversation in which an officer's answer went out as this dispatch."""
    return session.scalar(
        select(Conversation)
        .join(Answer, Answer.conversation_id == Conversation.id)
        .join(Delivery, Delivery.id == Answer.delivery_id)
        .where(Delivery.dispatch_id == dispatch.id)
    )


def _latest(session: Session, address: Address, *, since: dt.datetime) -> Conversation | None:
    """The conversation of an address in which either side wrote last, if that was after `since`."""
    mine = select(Conversation).where(Conversation.address_id == address.id).order_by(Conversation.id.desc()).limit(20)
    spoken = [
        (last_word(session, conversation), conversation.id, conversation) for conversation in session.scalars(mine)
    ]
    recent = [entry for entry in spoken if entry[0] >= since]
    return max(recent)[2] if recent else None


def _delivery_of(session: Session, broadcast: Broadcast, address: Address) -> int | None:
    return session.scalar(
        select(Delivery.id).where(Delivery.dispatch_id == broadcast.dispatch_id, Delivery.address_id == address.id)
    )
