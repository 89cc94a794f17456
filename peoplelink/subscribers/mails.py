"""Leaving by an answer to one of our emails."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from peoplelink.languages import gettext as _
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import commands, consent, services, spoken
from peoplelink.subscribers.commands import Order

_SUBJECTS = frozenset({"unsubscribe", "stop"})
"""What mail programs write into the mail by which they unsubscribe."""
_ONCE_IN = dt.timedelta(days=1)
"""A second mail that says so within this time is not answered: two machines must not keep each other busy."""


def says_only_stop(subject: str, words: str) -> bool:
    """Whether a mail is nothing but STOP, give or take politeness, or was sent by a mail program's own button."""
    return subject.strip().lower() in _SUBJECTS or commands.read(words).order is Order.STOP


def asks_to_leave(subject: str, words: str) -> bool:
    """Whether a mail asks us to write no more, in these or other words."""
    # Where a mail holds nothing but what it quotes, the words are ours.
    quoted = any(line.startswith(">") for line in words.splitlines())
    return says_only_stop(subject, words) or (not quoted and commands.means_stop(words))


def leave(
    session: Session, address: Address, *, evidence: dict[str, Any], said_at: dt.datetime, now: dt.datetime
) -> None:
    """Write to a mailbox no more, and say so once. The webhook may have stopped it already; harmless twice.

    Nothing is done where they have come back since it was said: a mail may wait long until it is read.
    """
    if consent.given_since(session, address, said_at):
        return
    residents = services.latest_at(session, address)
    services.stop_address(
        session,
        address,
        reason=SuppressionReason.UNSUBSCRIBED,
        how="STOP",
        source="email",
        evidence=evidence,
        now=now,
    )
    if residents and not outbound.count_recent(session, address, [Purpose.OPT_OUT_ANSWER], since=now - _ONCE_IN):
        with spoken.to(session, address):
            say_that_they_left(session, address, now=now)


def say_that_they_left(session: Session, address: Address, *, now: dt.datetime) -> None:
    """Queue the one email that leaving is answered with, in the language spoken."""
    words = _(
        "You have left People Link, from the Police and Crime Commissioner's office, and we will not write to this "
        "mailbox again.\n\n"
        "If you change your mind, you can sign up again on our website at any time.\n\n"
        "Do you get texts from us too? To stop those, reply STOP to any of them."
    )
    subject = _("You have left People Link")
    outbound.queue_message(session, address, purpose=Purpose.OPT_OUT_ANSWER, subject=subject, body=words, now=now)
