"""An officer answers a resident, through the same engine as everything else."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import Segments, count_segments, to_gsm
from peoplelink.errors import ConflictError, InvalidInputError
from peoplelink.inbound import tasking
from peoplelink.inbound.models import Answer, Conversation, ConversationStatus
from peoplelink.officers.models import Officer
from peoplelink.outbound import forbidden, words
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose

LONGEST_TEXT = 1600
"""Characters of a text: Twilio refuses more (21617)."""
LONGEST_EMAIL = 20_000


class SuppressedError(ConflictError):
    """The address may not be written to; the message says why, in plain words."""


class AnsweredMeanwhileError(ConflictError):
    """A colleague, or the officer in another window, answered while this answer was being written."""


class AdviceNeededError(InvalidInputError):
    """The words ask a resident to gather information: a person with authority must be asked first (facts, R27)."""


def why_not(session: Session, conversation: Conversation) -> str | None:
    """Why the resident may not be written to, for an officer to read; None when they may."""
    return forbidden.why_not(session, conversation.address, Purpose.REPLY)


def latest_answer_id(session: Session, conversation: Conversation) -> int:
    """The number of the latest answer, 0 before the first: what a form was filled in from."""
    return session.scalar(select(func.max(Answer.id)).where(Answer.conversation_id == conversation.id)) or 0


def framed(text: str, medium: Medium) -> str:
    """An answer as it is sent: a text says who it is from, in characters that cost least."""
    text = text.replace("\r\n", "\n").strip()
    if medium is Medium.EMAIL or not text:
        return text
    text = to_gsm(text)
    return text if text.casefold().startswith(words.WHO.casefold()) else f"{words.WHO}: {text}"


def cost(text: str) -> Segments:
    """What an answer by text will be sent in."""
    return count_segments(framed(text, Medium.SMS))


def answer(
    session: Session,
    conversation: Conversation,
    text: str,
    *,
    by: Officer,
    seen_answer_id: int,
    advice_taken: bool,
    now: dt.datetime,
) -> Answer:
    """Queue an answer and note it; the conversation becomes the officer's if it was nobody's.

    Raises SuppressedError, AnsweredMeanwhileError, AdviceNeededError, InvalidInputError.
    """
    body = framed(text, conversation.address.medium)
    _check(session, conversation, body, by=by, seen_answer_id=seen_answer_id, advice_taken=advice_taken)
    delivery = outbound.queue_message(
        session,
        conversation.address,
        purpose=Purpose.REPLY,
        body=body,
        subject=_subject(conversation),
        now=now,
    )
    written = Answer(conversation=conversation, officer=by, delivery=delivery, text=body, at=now)
    session.add(written)
    conversation.assigned_to_id = conversation.assigned_to_id or by.id
    conversation.status, conversation.closed_at = ConversationStatus.OPEN, None
    audit.record(
        session,
        "conversation.answered",
        actor=by.actor,
        subject_kind="conversation",
        subject_id=conversation.public_id,
        now=now,
        delivery=delivery.public_id,
        advice_taken=advice_taken,
    )
    session.flush()
    return written


def _check(
    session: Session, conversation: Conversation, body: str, *, by: Officer, seen_answer_id: int, advice_taken: bool
) -> None:
    refused = why_not(session, conversation)
    if refused:
        raise SuppressedError(refused)
    longest = LONGEST_TEXT if conversation.address.medium is Medium.SMS else LONGEST_EMAIL
    if not body:
        raise InvalidInputError("Write an answer first")
    if len(body) > longest:
        raise InvalidInputError(f"Shorten your answer to {longest:,} characters or fewer")
    words.check_merge_fields(body)
    if latest_answer_id(session, conversation) != seen_answer_id:
        raise AnsweredMeanwhileError(_who_was_first(session, conversation, by, seen_answer_id))
    found = tasking.phrases(body)
    if found and not advice_taken:
        quoted = ", ".join(f"“{phrase}”" for phrase in found)
        raise AdviceNeededError(f"This may ask a resident to gather information for us: {quoted}")


def _who_was_first(session: Session, conversation: Conversation, by: Officer, seen_answer_id: int) -> str:
    unseen = select(Answer.officer_id).where(Answer.conversation_id == conversation.id, Answer.id > seen_answer_id)
    if set(session.scalars(unseen)) <= {by.id}:
        return "You have answered already. Read it above, then send this too if it still helps"
    return "A colleague has just answered. Read it above, then send yours if it still helps"


def _subject(conversation: Conversation) -> str:
    if conversation.address.medium is Medium.SMS:
        return ""
    subject = " ".join(conversation.subject.split()) or "Your message"
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
