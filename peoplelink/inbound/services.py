"""What officers do with conversations: take, hand over, close, link, place in a zone."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.broadcasts import services as broadcast_services
from peoplelink.broadcasts.models import Broadcast
from peoplelink.errors import ConflictError, InvalidInputError
from peoplelink.inbound.inbox import Scope, in_scope
from peoplelink.inbound.models import Conversation, ConversationStatus
from peoplelink.officers.models import Officer
from peoplelink.subscribers.models import Zone

LINKABLE = dt.timedelta(days=30)
"""How far back an officer may link a conversation to a broadcast."""


class TakenError(ConflictError):
    """A colleague has it."""


def count_new(session: Session, scope: Scope) -> int:
    """How many conversations nobody has taken or answered, in the zones of `scope` (None: all)."""
    query = select(func.count()).where(Conversation.status == ConversationStatus.NEW, in_scope(scope))
    return session.scalar(query) or 0


def take(session: Session, conversation: Conversation, *, by: Officer, now: dt.datetime) -> None:
    """An officer takes a conversation that nobody has; harmless twice. Raises TakenError."""
    if conversation.assigned_to_id == by.id and conversation.status is ConversationStatus.OPEN:
        return
    if conversation.assigned_to_id not in {None, by.id}:
        raise TakenError("A colleague has taken this conversation. Ask them to hand it over.")
    _assign(conversation, by)
    _audit(session, conversation, "taken", by=by, now=now)


def hand_over(session: Session, conversation: Conversation, *, to: Officer, by: Officer, now: dt.datetime) -> None:
    """Give a conversation to a colleague who may read and answer it; raises InvalidInputError."""
    zones = [conversation.zone_id] if conversation.zone_id is not None else []
    reads_all = to.scope is None or conversation.zone_id is not None
    if not (to.allows("inbox.answer", zones) and reads_all):
        raise InvalidInputError("That colleague cannot read conversations of this zone. Choose another.")
    _assign(conversation, to)
    _audit(session, conversation, "handed_over", by=by, now=now, to=to.public_id)


def colleagues(session: Session, conversation: Conversation) -> list[Officer]:
    """Who could be given a conversation, by name."""
    officers = session.scalars(select(Officer).where(Officer.active).order_by(Officer.name, Officer.id))
    zone = conversation.zone_id
    return [
        officer
        for officer in officers
        if officer.allows("inbox.answer")
        and (officer.scope is None or zone in officer.scope)
        and officer.id != conversation.assigned_to_id
    ]


def finish(session: Session, conversation: Conversation, *, by: Officer, now: dt.datetime) -> None:
    """Nothing more is to be done; harmless twice."""
    if conversation.status is ConversationStatus.DONE:
        return
    conversation.status, conversation.closed_at = ConversationStatus.DONE, now
    _audit(session, conversation, "finished", by=by, now=now)


def reopen(session: Session, conversation: Conversation, *, by: Officer, now: dt.datetime) -> None:
    """Something is to be done after all: the officer who says so has it."""
    if conversation.status is not ConversationStatus.DONE:
        return
    _assign(conversation, by)
    _audit(session, conversation, "reopened", by=by, now=now)


def linkable(session: Session, conversation: Conversation, *, by: Officer) -> list[Broadcast]:
    """The broadcasts a conversation may be about, newest first: those to its address in the month before it opened.

    Only those all of whose zones are the officer's: a title is not for others.
    """
    since = conversation.opened_at - LINKABLE
    found = broadcast_services.latest_to(session, conversation.address_id, since=since)
    scope = by.scope
    return [one for one in found if scope is None or {zone.id for zone in one.zones} <= scope]


def link(
    session: Session, conversation: Conversation, broadcast_public_id: str, *, by: Officer, now: dt.datetime
) -> None:
    """An officer says what a conversation is about; an empty id: none of our messages. Raises InvalidInputError."""
    choices = {broadcast.public_id: broadcast for broadcast in linkable(session, conversation, by=by)}
    if broadcast_public_id and broadcast_public_id not in choices:
        raise InvalidInputError("Choose one of the messages we sent them, or none.")
    chosen = choices.get(broadcast_public_id)
    if conversation.broadcast_id == (chosen.id if chosen else None):
        return
    conversation.broadcast = chosen
    conversation.confidence = None  # said by a person
    _audit(session, conversation, "linked", by=by, now=now, broadcast=broadcast_public_id)


def place_in_zone(
    session: Session, conversation: Conversation, zone: Zone | None, *, by: Officer, now: dt.datetime
) -> None:
    """Say which zone a conversation is about, and with it who may read it."""
    if conversation.zone_id == (zone.id if zone else None):
        return
    conversation.zone = zone
    _audit(session, conversation, "placed", by=by, now=now, zone=zone.slug if zone else "")


def _assign(conversation: Conversation, officer: Officer) -> None:
    conversation.assigned_to = officer
    conversation.status = ConversationStatus.OPEN
    conversation.closed_at = None


def _audit(
    session: Session, conversation: Conversation, act: str, *, by: Officer, now: dt.datetime, **detail: str
) -> None:
    audit.record(
        session,
        f"conversation.{act}",
        actor=by.actor,
        subject_kind="conversation",
        subject_id=conversation.public_id,
        now=now,
        **detail,
    )
