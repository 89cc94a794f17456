"""What this package holds of a person: what they wrote to us, with files, and what an officer answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session, selectinload, undefer

from peoplelink.inbound import forgetting
from peoplelink.inbound.models import Answer, Attachment, Conversation, MessageKind, ReceivedMessage, Webhook
from peoplelink.languages import gettext as _
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.rights import by, open_now
from peoplelink.persons import (
    Due,
    Erasing,
    File,
    Held,
    Part,
    Person,
    Purger,
    RecordClass,
    Section,
    Wish,
    purger,
    unreferenced,
)


def subjects(session: Session, person: Person) -> Iterable[str]:
    """Their conversations, messages and files."""
    ids = list(session.scalars(conversations_of(person)))
    yield from session.scalars(select(Conversation.public_id).where(Conversation.id.in_(ids)))
    yield from session.scalars(select(ReceivedMessage.public_id).where(_theirs(person)))
    files = select(Attachment.public_id).join(ReceivedMessage, ReceivedMessage.id == Attachment.message_id)
    yield from session.scalars(files.where(_theirs(person)))


def export(session: Session, person: Person, wish: Wish) -> Sequence[Section]:
    """What they wrote and what we answered. What somebody at a shared address wrote is nobody's we know."""
    return [_messages(session, person, wish), _answers(session, person)]


def conversations_of(person: Person) -> Any:
    """The ids of what they talked about with us, for a query."""
    theirs = [person.theirs(Conversation.address_id, Conversation.opened_at)]
    if person.subscriber_id is not None:
        theirs.append(Conversation.subscriber_id == person.subscriber_id)
    return select(Conversation.id).where(or_(*theirs))


def _theirs(person: Person) -> ColumnElement[bool]:
    in_conversation = ReceivedMessage.conversation_id.in_(conversations_of(person))
    return or_(person.theirs(ReceivedMessage.address_id, ReceivedMessage.received_at), in_conversation)


def _messages(session: Session, person: Person, wish: Wish) -> Section:
    options = [selectinload(ReceivedMessage.attachments)]
    if wish.with_files:
        options.append(selectinload(ReceivedMessage.attachments).options(undefer(Attachment.content)))
    found = session.scalars(
        select(ReceivedMessage)
        .where(_theirs(person))
        .options(*options)
        .order_by(ReceivedMessage.received_at, ReceivedMessage.id)
    ).all()
    columns = {
        "at": _("When"),
        "by": _("By"),
        "from": _("From"),
        "subject": _("Subject"),
        "words": _("What you wrote"),
        "files": _("Files"),
        "understood_as": _("Understood as"),
    }
    files = [_file(one) for message in found for one in message.attachments] if wish.with_files else []
    shared = _("Not shown: messages from a number or mailbox you share, where we cannot tell who wrote them.")
    return Section(
        "messages",
        _("What you wrote to us"),
        columns,
        [_message(one) for one in found],
        note=shared if person.shared else "",
        files=[file for file in files if file.content],
        position=31,
    )


def _message(one: ReceivedMessage) -> dict[str, Any]:
    return {
        "at": one.received_at,
        "by": by(one.medium),
        "from": one.address.value,
        "subject": one.subject,
        "words": one.text,
        "files": [_name(file) for file in one.attachments],
        "understood_as": _understood(one),
    }


def _understood(one: ReceivedMessage) -> str:
    """A word that orders something stands as it is texted."""
    if one.command:
        return one.command.replace("_", " ").upper()
    return _("An automatic answer") if one.kind is MessageKind.AUTOMATIC else _("A message to us")


def _name(file: Attachment) -> str:
    # The name is the sender's: what could lead out of a folder is taken out.
    plain = "".join(char for char in file.filename if char.isalnum() or char in "._- ").strip(". ")
    return f"{file.public_id[:8]}-{plain or 'file'}"


def _file(file: Attachment) -> File:
    return File(_name(file), file.content or b"")


def _answers(session: Session, person: Person) -> Section:
    found = session.scalars(
        select(Answer).where(Answer.conversation_id.in_(conversations_of(person))).order_by(Answer.at, Answer.id)
    )
    columns = {"at": _("When"), "words": _("What an officer answered")}
    rows = [{"at": one.at, "words": one.text} for one in found]
    return Section("answers", _("What we answered"), columns, rows, position=32)


def erase(session: Session, person: Person, erasing: Erasing) -> bool:
    """Conversations with their answers, messages and files, and the raw requests that brought them."""
    if open_now(session, person.own):
        return False
    messages = list(session.scalars(select(ReceivedMessage.id).where(_theirs(person))))
    brought = session.scalars(select(ReceivedMessage.webhook_id).where(ReceivedMessage.id.in_(messages)))
    forgetting.empty(session, [one for one in brought if one is not None])
    conversations = list(session.scalars(conversations_of(person)))
    erasing.count("answers", _delete_answers(session, Answer.conversation_id.in_(conversations)))
    erasing.count("messages", _delete_messages(session, messages))
    session.execute(delete(Conversation).where(Conversation.id.in_(conversations), unreferenced(Conversation)))
    session.expire_all()
    return forgetting.look_through(session, person.own, erasing)


def _delete_messages(session: Session, ids: Sequence[int]) -> int:
    gone = delete(ReceivedMessage).where(ReceivedMessage.id.in_(ids)).returning(ReceivedMessage.id)
    return len(session.execute(gone).all())


def _delete_answers(session: Session, which: ColumnElement[bool], limit: int | None = None) -> int:
    """Answers, with the messages by which they were sent."""
    found = session.execute(
        select(Answer.id, Delivery.dispatch_id).join(Delivery, Delivery.id == Answer.delivery_id).where(which)
        .order_by(Answer.id).limit(limit)
    ).all()  # fmt: skip
    session.execute(delete(Answer).where(Answer.id.in_([row.id for row in found])))
    session.execute(delete(Dispatch).where(Dispatch.id.in_([row.dispatch_id for row in found])))
    return len(found)


def widen(session: Session, held: Held) -> Held:
    """Conversations that a hold names, and those of residents and addresses that are held."""
    found = session.scalars(
        select(Conversation.id).where(
            or_(
                Conversation.public_id.in_(held.subjects),
                Conversation.address_id.in_(held.addresses),
                Conversation.subscriber_id.in_(held.subscribers),
            )
        )
    )
    return held.more(conversations=found)


def _old_messages(due: Due) -> list[ColumnElement[bool]]:
    held = ReceivedMessage.conversation_id.in_(due.held.conversations)
    return [
        ReceivedMessage.received_at < due.before,
        ReceivedMessage.address_id.not_in(due.held.addresses),
        ReceivedMessage.conversation_id.is_(None) | ~held,
    ]


def _old_answers(due: Due) -> ColumnElement[bool]:
    return (Answer.at < due.before) & Answer.conversation_id.not_in(due.held.conversations)


def _count(session: Session, due: Due) -> int:
    messages = select(func.count()).select_from(ReceivedMessage).where(*_old_messages(due))
    answers = select(func.count()).select_from(Answer).where(_old_answers(due))
    return (session.scalar(messages) or 0) + (session.scalar(answers) or 0)


def _purge(session: Session, due: Due, limit: int) -> int:
    old = select(ReceivedMessage.id).where(*_old_messages(due)).order_by(ReceivedMessage.id).limit(limit)
    gone = _delete_messages(session, list(session.scalars(old)))
    return gone + _delete_answers(session, _old_answers(due), limit)


def _ended(due: Due) -> list[ColumnElement[bool]]:
    """Conversations of which nothing is left."""
    return [
        Conversation.last_message_at < due.before,
        Conversation.id.not_in(due.held.conversations),
        unreferenced(Conversation),
    ]


def _read(due: Due) -> list[ColumnElement[bool]]:
    """Requests that were read, or that an officer has dealt with."""
    brought = select(ReceivedMessage.webhook_id).where(
        ReceivedMessage.webhook_id.is_not(None),
        ReceivedMessage.conversation_id.in_(due.held.conversations)
        | ReceivedMessage.address_id.in_(due.held.addresses),
    )
    return [
        Webhook.received_at < due.before,
        Webhook.processed_at.is_not(None),
        Webhook.problem.is_(None) | Webhook.dealt_with_at.is_not(None),
        Webhook.id.not_in(brought),
    ]


PART = Part(
    name="inbound",
    tables=frozenset({"webhooks", "conversations", "inbound_messages", "attachments", "answers"}),
    impersonal={"marks": "up to when a provider's list was read"},
    subjects=subjects,
    export=export,
    erase=erase,
    widen=widen,
    purgers=(
        Purger(RecordClass.MESSAGES, "messages from residents and our answers", _count, _purge),
        purger(RecordClass.MESSAGES, "conversations of which nothing is left", Conversation, _ended),
        purger(RecordClass.PROVIDER_EVENTS, "raw requests of Twilio and SendGrid", Webhook, _read),
    ),
)
