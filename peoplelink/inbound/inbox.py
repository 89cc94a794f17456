"""What an officer may see of the inbox: every list, count and look-up passes the same scope of zones."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from peoplelink.errors import NotFoundError
from peoplelink.inbound.models import Answer, Attachment, Conversation, ConversationStatus, ReceivedMessage
from peoplelink.officers.models import Officer

PAGE = 25
Scope = frozenset[int] | None
"""Ids of the zones an officer may see; None means all of them."""


class Tab(StrEnum):
    """The lists of the inbox."""

    NEW = "new"
    MINE = "mine"
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True)
class Entry:
    """A line of the list."""

    conversation: Conversation
    latest: ReceivedMessage | None
    waits: bool
    """Whether the resident wrote last."""
    read_as_stop: bool
    """Whether we read a STOP out of their own words, for a person to check."""


@dataclass(frozen=True)
class Page:
    """A part of a list; `next_after` names the last line where there are more."""

    entries: list[Entry]
    next_after: str | None


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The condition under which an officer may see a conversation. One without a zone needs an officer of all zones."""
    return true() if scope is None else Conversation.zone_id.in_(scope)


def page(
    session: Session, *, scope: Scope, officer: Officer, tab: Tab, zone_id: int | None = None, after: str | None = None
) -> Page:
    """A part of a list, the longest waiting first among the new, the latest first elsewhere."""
    query = (
        select(Conversation)
        .where(in_scope(scope), _belongs(tab, officer))
        .options(joinedload(Conversation.address), joinedload(Conversation.zone), joinedload(Conversation.broadcast))
        .options(joinedload(Conversation.assigned_to))
    )
    if zone_id is not None:
        query = query.where(Conversation.zone_id == zone_id)
    found = list(session.scalars(_ordered(_beyond(session, query, tab, after, scope), tab).limit(PAGE + 1)))
    shown = found[:PAGE]
    return Page(list(_entries(session, shown)), shown[-1].public_id if len(found) > PAGE else None)


def counts(session: Session, *, scope: Scope, officer: Officer) -> dict[Tab, int]:
    """How many conversations each list holds."""
    columns = [func.count().filter(_belongs(tab, officer)).label(tab.value) for tab in Tab]
    row = session.execute(select(*columns).select_from(Conversation).where(in_scope(scope))).one()
    return {tab: row[index] for index, tab in enumerate(Tab)}


def get(session: Session, public_id: str, *, scope: Scope, lock: bool = False) -> Conversation:
    """A conversation the officer may see, held until the end of the transaction if it is to be changed.

    Raises NotFoundError for one out of scope too.
    """
    query = select(Conversation).where(Conversation.public_id == public_id, in_scope(scope))
    if lock:
        query = query.with_for_update()
    conversation = session.scalar(query)
    if conversation is None:
        raise NotFoundError("That conversation is not here, or is not in your zones.")
    return conversation


def attachment(session: Session, public_id: str, *, scope: Scope) -> Attachment:
    """A file that came with a message the officer may see, if we hold its bytes; raises NotFoundError."""
    placed = and_(ReceivedMessage.conversation_id.is_not(None), in_scope(scope))
    unplaced = ReceivedMessage.conversation_id.is_(None) if scope is None else false()
    found = session.scalar(
        select(Attachment)
        .join(ReceivedMessage, ReceivedMessage.id == Attachment.message_id)
        .outerjoin(Conversation, Conversation.id == ReceivedMessage.conversation_id)
        .where(Attachment.public_id == public_id, or_(placed, unplaced))
    )
    if found is None or found.content is None:
        raise NotFoundError("That file is not here, or is not in your zones.")
    return found


def _belongs(tab: Tab, officer: Officer) -> ColumnElement[bool]:
    unfinished = Conversation.status != ConversationStatus.DONE
    return {
        Tab.NEW: Conversation.status == ConversationStatus.NEW,
        Tab.MINE: and_(unfinished, Conversation.assigned_to_id == officer.id),
        Tab.OPEN: unfinished,
        Tab.DONE: Conversation.status == ConversationStatus.DONE,
    }[tab]


def _ordered(query: Select[Conversation], tab: Tab) -> Select[Conversation]:
    columns: tuple[Any, ...] = (Conversation.last_message_at, Conversation.id)
    return query.order_by(*(columns if tab is Tab.NEW else [column.desc() for column in columns]))


def _beyond(
    session: Session, query: Select[Conversation], tab: Tab, after: str | None, scope: Scope
) -> Select[Conversation]:
    """What follows a line of the list: by where it stands now, so that what arrives meanwhile moves nothing."""
    last = session.scalar(select(Conversation).where(Conversation.public_id == after, in_scope(scope)))
    if last is None:
        return query
    at, row_id = Conversation.last_message_at, Conversation.id
    same = at == last.last_message_at
    if tab is Tab.NEW:
        return query.where(or_(at > last.last_message_at, and_(same, row_id > last.id)))
    return query.where(or_(at < last.last_message_at, and_(same, row_id < last.id)))


def _entries(session: Session, conversations: list[Conversation]) -> Iterator[Entry]:
    ids = [conversation.id for conversation in conversations]
    newest = select(func.max(ReceivedMessage.id)).where(ReceivedMessage.conversation_id.in_(ids))
    messages = session.scalars(
        select(ReceivedMessage).where(ReceivedMessage.id.in_(newest.group_by(ReceivedMessage.conversation_id)))
    )
    latest = {message.conversation_id: message for message in messages}
    answered = select(Answer.conversation_id, func.max(Answer.at)).where(Answer.conversation_id.in_(ids))
    said = {row[0]: row[1] for row in session.execute(answered.group_by(Answer.conversation_id))}
    orders = select(ReceivedMessage.conversation_id).where(
        ReceivedMessage.conversation_id.in_(ids), ReceivedMessage.command.startswith("stop")
    )
    read_as_stop = set(session.scalars(orders))
    for conversation in conversations:
        answer_at = said.get(conversation.id)
        waits = answer_at is None or answer_at < conversation.last_message_at
        yield Entry(conversation, latest.get(conversation.id), waits, conversation.id in read_as_stop)
