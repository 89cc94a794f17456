"""Texts whose webhook never reached us: Twilio is asked for them, and each goes the way it would have gone.

Twilio tries a webhook for 15 seconds and then forgets it (facts on Twilio, B3); its list of messages does not.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import Fetched, Medium
from peoplelink.inbound import keeping
from peoplelink.inbound.models import Mark, ReceivedMessage, Webhook, WebhookKind
from peoplelink.outbound.bulk import insert_ignoring
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

BELL = "catch-up"
MARK = "texts from twilio"
"""Up to when every text that Twilio received for us is kept here."""
_BATCH = 200


def ring(runtime: Runtime) -> None:
    """Have a worker catch up."""
    runtime.jobs.ring([BELL])


def catch_up(runtime: Runtime) -> None:
    """Keep every text since the last mark that we do not have. Harmless when two run: a text is kept once.

    A fault of the provider is logged and leaves the mark where it is: the next time begins there.
    """
    now = clock.now()
    until = now - dt.timedelta(seconds=runtime.config.timing.catch_up_settle)
    try:
        found = asyncio.run(_ask(runtime, _since(runtime, now)))
    except SendError as error:
        log.warning("catch_up_failed", error=type(error).__name__, code=error.provider_code)
        return
    settled = [one for one in found if one.sent_at <= until]
    kept = 0
    for start in range(0, len(settled), _BATCH):
        kept += _keep(runtime, settled[start : start + _BATCH], now=now)
    with runtime.database.transaction() as session:
        _move_mark(session, until)
    if kept:
        log.warning("texts_caught_up", count=kept, looked_at=len(settled))


def mark(session: Session) -> dt.datetime | None:
    """Up to when we have caught up; None before the first time."""
    return session.scalar(select(Mark.at).where(Mark.name == MARK))


def _since(runtime: Runtime, now: dt.datetime) -> dt.datetime:
    with runtime.database.read() as session:
        last = mark(session)
    return (last or now) - dt.timedelta(seconds=runtime.config.timing.catch_up_overlap)


async def _ask(runtime: Runtime, since: dt.datetime) -> list[Fetched]:
    async with runtime.twilio as twilio:
        return await twilio.received_since(since)


def _keep(runtime: Runtime, found: Sequence[Fetched], *, now: dt.datetime) -> int:
    """Keep what is new of a batch, oldest first, and move the mark to its end in the same transaction."""
    with runtime.database.transaction() as session:
        known = _known(session, [one.provider_message_id for one in found])
        new = [one for one in found if one.provider_message_id not in known]
        kept = [
            keeping.keep(
                session,
                WebhookKind.TWILIO_INBOUND,
                one.request,
                parts=runtime,
                received_at=one.sent_at,
                fetched_at=now,
            )
            for one in new
        ]
        _move_mark(session, found[-1].sent_at)
    return sum(kept)


def _known(session: Session, ids: Sequence[str]) -> frozenset[str]:
    """Which texts are kept already: waiting to be read, or read, even if the request is gone since."""
    waiting = select(Webhook.provider_message_id).where(Webhook.provider_message_id.in_(ids))
    read = select(ReceivedMessage.provider_message_id).where(
        ReceivedMessage.medium == Medium.SMS, ReceivedMessage.provider_message_id.in_(ids)
    )
    return frozenset(one for one in session.scalars(waiting.union(read)) if one)


def _move_mark(session: Session, at: dt.datetime) -> None:
    """Forward only: of two that catch up at once the slower must not take it back."""
    session.execute(insert_ignoring(session, Mark).values(name=MARK, at=at))
    session.execute(update(Mark).where(Mark.name == MARK, Mark.at < at).values(at=at))
