"""Requests that cannot be read: how often each is tried, and what an officer is told when we give up."""

import datetime as dt

import structlog
from sqlalchemy.orm import Session

from peoplelink.inbound import claims
from peoplelink.inbound.models import Webhook

log = structlog.get_logger(__name__)

TRIES = 3
"""How often a request is read before an officer is shown it."""

UNREADABLE = "It was really from the company that carries our messages, but not in a form we can read."
GAVE_UP = "We tried three times to sort it and could not. The person who looks after People Link has the details."
KILLED = (
    "Our system broke down three times while it read this, so it was put aside and the other messages went on. "
    "Tell the person who looks after People Link."
)


def begin(webhook: Webhook, *, now: dt.datetime) -> bool:
    """Count a try before it is made, so that one that kills the worker counts too. False: it has had its tries."""
    if webhook.tries >= TRIES:
        give_up(webhook, KILLED, now=now)
        return False
    webhook.tries += 1
    return True


def failed(session: Session, webhook_id: int, error: Exception, *, counted: bool, now: dt.datetime) -> None:
    """A try went wrong for a fault in the request or in our program; after the last one an officer is shown it."""
    log.error("webhook_failed", webhook=webhook_id, exc_info=error)
    webhook = claims.one(session, webhook_id)
    if webhook is None:
        return
    webhook.tries += 0 if counted else 1
    if webhook.tries >= TRIES:
        give_up(webhook, GAVE_UP, now=now)


def forgive(session: Session, webhook_id: int) -> None:
    """Take a counted try back: what went wrong was no fault of the request."""
    webhook = claims.one(session, webhook_id)
    if webhook is not None:
        webhook.tries -= 1


def give_up(webhook: Webhook, problem: str, *, now: dt.datetime) -> None:
    """Put a request aside, for an officer to see."""
    log.error("webhook_given_up", webhook=webhook.id, tries=webhook.tries)
    webhook.processed_at, webhook.problem = now, problem
