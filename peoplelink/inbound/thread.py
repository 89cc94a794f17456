"""What both sides said in a conversation, in the order it was said, and what went out by itself."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from peoplelink.inbound.models import Answer, Conversation, MessageKind, ReceivedMessage
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import Purpose


@dataclass(frozen=True)
class Bubble:
    """One message of a conversation: a resident's, an officer's, or a thank-you that went out by itself."""

    at: dt.datetime
    received: ReceivedMessage | None = None
    answer: Answer | None = None
    thanks: Delivery | None = None

    @property
    def sent(self) -> Delivery | None:
        """How our message fared, if it is ours."""
        return self.answer.delivery if self.answer else self.thanks


def thread(session: Session, conversation: Conversation) -> list[Bubble]:
    """All of a conversation."""
    messages = session.scalars(
        select(ReceivedMessage)
        .where(ReceivedMessage.conversation_id == conversation.id)
        .options(selectinload(ReceivedMessage.attachments), joinedload(ReceivedMessage.address))
    )
    answers = session.scalars(
        select(Answer)
        .where(Answer.conversation_id == conversation.id)
        .options(joinedload(Answer.delivery), joinedload(Answer.officer))
    )
    said = [Bubble(message.received_at, received=message) for message in messages]
    said += [Bubble(answer.at, answer=answer) for answer in answers]
    said += [Bubble(delivery.created_at, thanks=delivery) for delivery in _thanks(session, conversation)]
    return sorted(said, key=lambda bubble: (bubble.at, bubble.received is None, bubble.answer is not None))


def _thanks(session: Session, conversation: Conversation) -> list[Delivery]:
    """The thank-yous for messages of this conversation: each goes to the address of the latest message before it."""
    addresses = select(ReceivedMessage.address_id).where(ReceivedMessage.conversation_id == conversation.id)
    thanked_for = (
        select(ReceivedMessage.conversation_id)
        .where(
            ReceivedMessage.address_id == Delivery.address_id,
            ReceivedMessage.kind == MessageKind.REPLY,
            ReceivedMessage.received_at <= Delivery.created_at,
        )
        .order_by(ReceivedMessage.received_at.desc(), ReceivedMessage.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(Delivery)
            .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
            .where(
                Delivery.address_id.in_(addresses),
                Dispatch.purpose == Purpose.ACKNOWLEDGEMENT,
                thanked_for == conversation.id,
            )
        )
    )
