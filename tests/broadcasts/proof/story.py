"""A broadcast from "send it" to its end, through the services that workers and pages call."""

import datetime as dt

from sqlalchemy import select

from peoplelink.broadcasts import audience, releasing, services, settling
from peoplelink.broadcasts.proof import chain
from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.channels.messages import FailureReason, StatusEvent
from peoplelink.outbound import events
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import RANK, DeliveryStatus
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing
from tests import factories
from tests.factories import make_broadcast, make_officer, make_subscriber, make_topic, make_zone

S = DeliveryStatus
TWILIO = "twilio"


def sent(session, *, residents=3, **words):
    """A broadcast that an officer has sent off, to residents of one zone and one topic."""
    factories.add_noise(session)
    zone, topic = make_zone(session, name="New Parks"), make_topic(session)
    for _ in range(residents):
        make_subscriber(session, zones=[zone], topics=[topic], sms=True, email=True)
    make_subscriber(session, zones=[zone], topics=[topic], sms=True)
    officer = make_officer(session, email=f"{zone.slug}@office.example.org")
    words = {"sms": "A fair on Saturday.", "email": "A **fair**."} | words
    broadcast = make_broadcast(session, zones=[zone], topics=[topic], created_by=officer, **words)
    services.send_now(session, broadcast, by=officer, edition=1, now=factories.NOW)
    return broadcast


def release(session, broadcast, *, now=factories.NOW):
    releasing.start(session, broadcast.id, audience.count(session, broadcast, now=now), now=now)
    while releasing.next_range(session, broadcast.id, now=now):
        pass


def rows(session, broadcast):
    of_it = select(Delivery).where(Delivery.dispatch_id == broadcast.dispatch_id).order_by(Delivery.id)
    return list(session.scalars(of_it.execution_options(populate_existing=True)))


def hand_over(session, broadcast, *, failed=1, unconfirmed=0, without_receipt=0):
    """Let every delivery end, as the engine does: some failed, some in doubt, some without a receipt."""
    states = [S.FAILED] * failed + [S.UNCONFIRMED] * unconfirmed + [S.SENT] * without_receipt
    waiting = rows(session, broadcast)
    for delivery, state in zip(waiting, states + [S.DELIVERED] * (len(waiting) - len(states)), strict=True):
        delivery.status, delivery.rank, delivery.attempt = state, RANK[state], 1
        delivery.lease_token, delivery.claimed_at = f"lease {delivery.id}", factories.NOW
        delivery.reason = FailureReason.UNREACHABLE if state is S.FAILED else None
    session.flush()


def finish(session, broadcast, *, now=factories.NOW, hours=72):
    settling.refresh(session, broadcast.id, now=now)
    settling.refresh(session, broadcast.id, now=now + dt.timedelta(hours=hours))


def finished(session, *, residents=3, failed=1, unconfirmed=0, without_receipt=0, **words):
    """A broadcast that is over."""
    broadcast = sent(session, residents=residents, **words)
    release(session, broadcast)
    hand_over(session, broadcast, failed=failed, unconfirmed=unconfirmed, without_receipt=without_receipt)
    finish(session, broadcast)
    return broadcast


def receipt(session, delivery, kind, *, now):
    """A provider's news of a delivery, as the webhook's job records it."""
    news = StatusEvent(
        event_id=f"{delivery.public_id}-{kind}", delivery=delivery.public_id, kind=kind, attempt=1,
        provider_message_id=None, occurred_at=None,
    )  # fmt: skip
    listeners = Listeners(settled=[services.settled])
    events.record(session, TWILIO, [news], now=now, listeners=listeners, timing=Timing())


def verdict(session, broadcast, **options):
    session.flush()
    session.expire_all()
    return verify(session, broadcast, **options)


def kinds(session, broadcast):
    return [str(link.kind) for link in chain.links(session, broadcast)]
