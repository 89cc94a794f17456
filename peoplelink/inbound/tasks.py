"""Reading what providers pushed to us: residents' messages in order, news of deliveries in batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

import structlog
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import StatusSource
from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import StatusEvent
from peoplelink.engines import is_outage
from peoplelink.ids import new_public_id
from peoplelink.inbound import claims
from peoplelink.inbound.claims import Held
from peoplelink.inbound.failures import UNREADABLE, failed
from peoplelink.inbound.keeping import BELL
from peoplelink.inbound.models import WebhookKind
from peoplelink.inbound.reading import as_it_came, read_messages
from peoplelink.outbound import events
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

SLICE = 5.0
"""Seconds a job works before it rings again and makes room (design, section 3)."""
LINGER, _GLANCE = 0.5, 0.1
"""Seconds a job waits for more when it has read all, and between its looks."""

_STATUS_BATCH = 500  # requests of one event each
_EVENT_BATCH = 5  # requests of up to 768 KB each


@dataclass(frozen=True)
class _News:
    """Requests that tell of deliveries, and who can read them."""

    kind: WebhookKind
    source: StatusSource
    batch: int


def process_webhooks(runtime: Runtime) -> None:
    """Read what waits, and what comes meanwhile, for at most one slice; rings again while there is more.

    Receipts come one by one and by the hundred: a job for each few of them would keep every worker from sending, and so
    would several jobs that wait for more. One stays; another that comes reads what is there and makes room.
    Harmless if run twice or by several workers at once: a request is marked in the transaction that acts on it.
    """
    ends, me = monotonic() + SLICE, new_public_id()
    seen = _newest(runtime, 0)
    more = _read(runtime, ends)
    patience = monotonic() + LINGER
    while not more and monotonic() < min(ends, patience) and runtime.jobs.stay(BELL, me):
        sleep(_GLANCE)
        # What was tried and could not be read is left to the sweep, a while later.
        if (newer := _newest(runtime, seen)) > seen:
            seen, more, patience = newer, _read(runtime, ends), monotonic() + LINGER
    runtime.jobs.leave(BELL, me)
    if more or _newest(runtime, seen) > seen:
        runtime.jobs.ring([BELL])


def _newest(runtime: Runtime, seen: int) -> int:
    with runtime.database.read() as session:
        return max(claims.newest(session), seen)


def _read(runtime: Runtime, ends: float) -> bool:
    """Read all that waits; True when the slice ended with some left."""
    parts: Sequence[Callable[[], bool]] = [
        lambda: read_messages(runtime, ends),  # first: a person waits
        lambda: _read_news(runtime, _News(WebhookKind.TWILIO_STATUS, runtime.twilio, _STATUS_BATCH), ends),
        lambda: _read_news(runtime, _News(WebhookKind.SENDGRID_EVENTS, runtime.sendgrid, _EVENT_BATCH), ends),
    ]
    return any([part() for part in parts])  # noqa: C419 - each part has its turn


def sweep(runtime: Runtime) -> None:
    """Ring for requests left behind, such as those to be tried again. Old ones go at night: see `rights.PART`."""
    with runtime.database.read() as session:
        left = claims.any_waiting(session)
    if left:
        runtime.jobs.ring([BELL])


def _read_news(runtime: Runtime, news: _News, ends: float) -> bool:
    """Record news of deliveries batch by batch; True when the slice ended with some left.

    A batch that is not full was all there is: what comes meanwhile is waited for, so that it comes together. Read at
    once, five hundred receipts a second were hundreds of batches of two or three.
    """
    after = 0
    while monotonic() < ends:
        ids = _read_batch(runtime, news, after)
        if len(ids) < news.batch:
            return False
        after = ids[-1]
    return True


def _read_batch(runtime: Runtime, news: _News, after: int) -> list[int]:
    """The ids of the requests that were read together. One that cannot be recorded does not hold up the others."""
    ids: list[int] = []
    try:
        with runtime.database.transaction() as session:
            webhooks = claims.waiting(session, news.kind, after=after, limit=news.batch)
            ids = [webhook.id for webhook in webhooks]
            _record(runtime, session, news, webhooks)
    except Exception as error:
        if is_outage(error) or not ids:
            raise
        log.exception("news_batch_failed", webhooks=len(ids))
        for webhook_id in ids:
            _read_alone(runtime, news, webhook_id)
    return ids


def _read_alone(runtime: Runtime, news: _News, webhook_id: int) -> None:
    try:
        with runtime.database.transaction() as session:
            _record(runtime, session, news, claims.alone(session, webhook_id))
    except Exception as error:
        if is_outage(error):
            raise
        with runtime.database.transaction() as session:
            failed(session, webhook_id, error, counted=False, now=clock.now())


def _record(runtime: Runtime, session: Session, news: _News, webhooks: Sequence[Held]) -> None:
    now = clock.now()
    said: list[StatusEvent] = []
    unreadable: list[int] = []
    for webhook in webhooks:
        try:
            said += news.source.parse_status(as_it_came(webhook))
        except UnreadablePayloadError:
            unreadable.append(webhook.id)
    claims.mark_read(session, {webhook.id for webhook in webhooks} - set(unreadable), now=now)
    claims.mark_read(session, unreadable, now=now, problem=UNREADABLE)
    events.record(
        session,
        news.source.provider,
        said,
        now=now,
        listeners=runtime.listeners,
        timing=runtime.config.timing,
    )
