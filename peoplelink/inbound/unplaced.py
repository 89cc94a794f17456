"""What providers sent that we could not place, and automatic mails: for officers of all zones, as none is known."""

import dataclasses
import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from peoplelink import audit, keys
from peoplelink.channels.base import InboundSource
from peoplelink.channels.messages import Glimpse
from peoplelink.db import ring_after_commit
from peoplelink.errors import NotFoundError
from peoplelink.inbound import failures
from peoplelink.inbound.inbox import Scope
from peoplelink.inbound.models import MessageKind, ReceivedMessage, Webhook, WebhookKind
from peoplelink.inbound.reading import as_it_came
from peoplelink.inbound.routing import OWN_LINK
from peoplelink.officers.models import Officer
from peoplelink.runtime import Runtime

SHOWN = 50


def requests(session: Session, *, scope: Scope) -> list[Webhook]:
    """Requests with a problem that nobody has dealt with, oldest first; none for an officer of some zones."""
    if scope is not None:
        return []
    query = select(Webhook).where(*_PROBLEMS).order_by(Webhook.id).limit(SHOWN)
    return list(session.scalars(query))


def count(session: Session, *, scope: Scope) -> int:
    """How many requests wait for an officer."""
    if scope is not None:
        return 0
    return session.scalar(select(func.count()).select_from(Webhook).where(*_PROBLEMS)) or 0


def automatic_mails(session: Session, *, scope: Scope) -> list[ReceivedMessage]:
    """The latest mails that machines wrote, newest first; none for an officer of some zones."""
    if scope is not None:
        return []
    query = (
        select(ReceivedMessage)
        .where(ReceivedMessage.kind == MessageKind.AUTOMATIC)
        .order_by(ReceivedMessage.id.desc())
        .limit(SHOWN)
        .options(joinedload(ReceivedMessage.address))
    )
    return list(session.scalars(query))


def get(session: Session, public_id: str, *, scope: Scope) -> Webhook:
    """A request on the list. Raises NotFoundError."""
    webhook = session.scalar(select(Webhook).where(Webhook.public_id == public_id, *_PROBLEMS))
    return _on_the_list(webhook, scope)


def glimpse(runtime: Runtime, webhook: Webhook) -> Glimpse:
    """What can be shown of a request; nothing where reading it went wrong, or broke our system: it would again."""
    if webhook.problem != failures.UNREADABLE:
        return Glimpse()
    mail, text = WebhookKind.SENDGRID_INBOUND, WebhookKind.TWILIO_INBOUND
    sources: dict[WebhookKind, InboundSource] = {mail: runtime.sendgrid, text: runtime.twilio}
    source = sources.get(webhook.kind)
    found = source.glimpse(as_it_came(webhook)) if source else Glimpse()
    subject, words = (keys.without_tokens(said, OWN_LINK) for said in (found.subject, found.text))
    return dataclasses.replace(found, subject=subject, text=words)


def deal_with(session: Session, public_id: str, *, scope: Scope, by: Officer, now: dt.datetime) -> None:
    """Take a request off the list; its problem stays written. Raises NotFoundError."""
    webhook = _get(session, public_id, scope)
    webhook.dealt_with_at, webhook.dealt_with_by_id = now, by.id
    _audit(session, webhook, "dealt_with", by=by, now=now)


def try_again(session: Session, public_id: str, *, scope: Scope, by: Officer, now: dt.datetime, bell: str) -> None:
    """Let the job read a request once more, as after a correction of the program. Raises NotFoundError."""
    webhook = _get(session, public_id, scope)
    webhook.processed_at = webhook.problem = None
    webhook.tries = 0
    _audit(session, webhook, "tried_again", by=by, now=now)
    ring_after_commit(session, bell)


_PROBLEMS = (Webhook.problem.is_not(None), Webhook.dealt_with_at.is_(None))


def _get(session: Session, public_id: str, scope: Scope) -> Webhook:
    webhook = session.scalar(select(Webhook).where(Webhook.public_id == public_id, *_PROBLEMS).with_for_update())
    return _on_the_list(webhook, scope)


def _on_the_list(webhook: Webhook | None, scope: Scope) -> Webhook:
    if webhook is None or scope is not None:
        raise NotFoundError("That is not on the list any more.")
    return webhook


def _audit(session: Session, webhook: Webhook, act: str, *, by: Officer, now: dt.datetime) -> None:
    audit.record(
        session, f"webhook.{act}", actor=by.actor, subject_kind="webhook", subject_id=webhook.public_id, now=now
    )
