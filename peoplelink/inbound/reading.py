"""Reading residents' messages one by one, in the order in which they came, whatever one of them does to the reader.

One that fails is tried again at once: what the same person said next must not overtake it, and nobody else is to wait.
One that kills the worker is the first that the next worker takes up, until it has had its tries.
"""

from time import monotonic

import structlog
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import InboundMessage, ProviderRequest
from peoplelink.engines import is_outage
from peoplelink.inbound import claims, failures, routing, turns
from peoplelink.inbound.claims import Held
from peoplelink.inbound.models import Webhook, WebhookKind
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)


def read_messages(runtime: Runtime, ends: float) -> bool:
    """Place residents' messages until `ends` (monotonic seconds); True when there may be some left then."""
    while monotonic() < ends:
        with turns.offered(runtime.database) as mine:
            if not mine:
                return False
            _read_in_turn(runtime, ends)
        # What came while we had the turn rang for a worker who was refused it.
        if not _any_left(runtime):
            return False
    return True


def as_it_came(webhook: Webhook | Held) -> ProviderRequest:
    """The request as the provider made it; its signature has been checked already."""
    return ProviderRequest(url=webhook.url, headers={}, body=webhook.body, content_type=webhook.content_type)


def _any_left(runtime: Runtime) -> bool:
    with runtime.database.read() as session:
        return claims.next_message(session) is not None


def _read_in_turn(runtime: Runtime, ends: float) -> None:
    with runtime.database.transaction() as session:
        webhook = _take_up(session)
    while webhook is not None:
        webhook = _read(runtime, webhook, ends)


def _take_up(session: Session) -> Webhook | None:
    """The oldest message that waits, its try counted before it is made; None when there is none."""
    while webhook := claims.next_message(session):
        if failures.begin(webhook, now=clock.now()):
            return webhook
    return None


def _read(runtime: Runtime, webhook: Webhook, ends: float) -> Webhook | None:
    """Try one message. The next one, taken up in the same transaction; None when none waits or time is over."""
    try:
        # With no transaction open: a mail may take seconds to read, and on SQLite nobody else could write.
        message = _parse(runtime, webhook)
        with runtime.database.transaction() as session:
            _place(runtime, session, webhook.id, message)
            return _take_up(session) if monotonic() < ends else None
    except Exception as error:
        with runtime.database.transaction() as session:
            if not is_outage(error):
                failures.failed(session, webhook.id, error, counted=True, now=clock.now())
                return _take_up(session) if monotonic() < ends else None
            failures.forgive(session, webhook.id)
        raise


def _parse(runtime: Runtime, webhook: Webhook) -> InboundMessage | None:
    """What a request says, or None where it is not in a form we can read."""
    source = runtime.twilio if webhook.kind is WebhookKind.TWILIO_INBOUND else runtime.sendgrid
    try:
        return source.parse_inbound(as_it_came(webhook))
    except UnreadablePayloadError:
        return None


def _place(runtime: Runtime, session: Session, webhook_id: int, message: InboundMessage | None) -> None:
    webhook = claims.one(session, webhook_id)
    if webhook is None:
        return
    now = clock.now()
    webhook.processed_at = now
    if message is None:
        webhook.problem = failures.UNREADABLE
        return
    arrival = routing.Arrival(webhook.id, at=webhook.received_at, fetched=webhook.fetched_at is not None)
    routing.place(session, message, arrival=arrival, config=runtime.config, now=now)
