import pytest
from sqlalchemy import func, select

from peoplelink.channels.messages import EventKind, FailureReason, StatusEvent
from peoplelink.outbound import events
from peoplelink.outbound.models import StatusNews
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing
from tests.factories import make_delivery

S, K = DeliveryStatus, EventKind


@pytest.fixture
def delivery(session):
    make_delivery(session, status=S.SENDING, attempt=1)
    return make_delivery(session, status=S.SENDING, attempt=1)


@pytest.fixture
def heard():
    return {"settled": [], "opted_out": []}


@pytest.fixture
def record(session, now, heard):
    listeners = Listeners(
        settled=[lambda _session, ids, _now: heard["settled"].append(dict(ids))],
        opted_out=[lambda _session, address_id, _how, _now: heard["opted_out"].append(address_id)],
    )
    return lambda *news: events.record(session, "twilio", news, now=now, listeners=listeners, timing=Timing())


def event(delivery, kind, event_id="e1", **facts):
    facts = {"attempt": 1, "provider_message_id": "SM1", "occurred_at": None} | facts
    return StatusEvent(event_id=event_id, delivery=delivery.public_id if delivery else None, kind=kind, **facts)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(K.ACCEPTED, S.SENT), (K.SENT, S.SENT), (K.DELIVERED, S.DELIVERED), (K.FAILED, S.FAILED), (K.UNKNOWN, S.SENDING)],
)
def test_news_moves_the_delivery_it_is_about(session, record, delivery, heard, kind, status):
    record(event(delivery, kind))

    session.refresh(delivery)
    assert delivery.status is status
    assert heard["settled"] == ([] if kind is K.UNKNOWN else [{delivery.dispatch_id: [delivery.id]}])


def test_news_is_stored_once_and_repeats_change_nothing(session, record, delivery, heard):
    record(event(delivery, K.DELIVERED))
    record(event(delivery, K.DELIVERED), event(delivery, K.DELIVERED))

    assert session.scalar(select(func.count()).select_from(StatusNews)) == 1
    assert len(heard["settled"]) == 1


def test_a_receipt_that_overtook_its_forerunners_stands(session, record, delivery):
    record(event(delivery, K.DELIVERED, "e3"))
    record(event(delivery, K.SENT, "e2"), event(delivery, K.ACCEPTED, "e1"))

    session.refresh(delivery)
    assert delivery.status is S.DELIVERED
    changed = dict(session.execute(select(StatusNews.event_id, StatusNews.changed)).all())
    assert changed == {"e3": True, "e2": False, "e1": False}


def test_news_of_a_delivery_we_do_not_know_is_kept(session, record, heard):
    stranger = event(None, K.DELIVERED)

    record(stranger)

    assert session.scalars(select(StatusNews.delivery_id)).one() is None
    assert heard["settled"] == []


@pytest.mark.parametrize(
    ("kind", "facts", "reason", "wish"),
    [
        (K.FAILED, {"reason": FailureReason.BAD_ADDRESS, "permanent": True}, SuppressionReason.BOUNCED, False),
        (K.FAILED, {"reason": FailureReason.OPTED_OUT}, SuppressionReason.PROVIDER, True),
        (K.COMPLAINED, {}, SuppressionReason.COMPLAINED, True),
        (K.UNSUBSCRIBED, {}, SuppressionReason.UNSUBSCRIBED, True),
        (K.FAILED, {"reason": FailureReason.UNREACHABLE}, None, False),
        (K.DELIVERED, {}, None, False),
    ],
)
def test_what_the_news_says_of_the_address(session, record, delivery, heard, kind, facts, reason, wish):
    record(event(delivery, kind, **facts))

    assert suppressions_of(session, delivery.address) == ({reason} if reason else set())
    assert heard["opted_out"] == ([delivery.address_id] if wish else [])


def test_a_bounce_after_the_receipt_suppresses_and_the_row_stays_delivered(session, record, delivery):
    record(event(delivery, K.DELIVERED, "e1"))
    record(event(delivery, K.FAILED, "e2", reason=FailureReason.BAD_ADDRESS, permanent=True))

    session.refresh(delivery)
    assert (delivery.status, delivery.reason) == (S.DELIVERED, None)
    assert suppressions_of(session, delivery.address) == {SuppressionReason.BOUNCED}


def test_more_news_than_a_statement_takes_is_stored_whole(session, record, delivery):
    record(*(event(delivery, K.UNKNOWN, f"e{number}") for number in range(2500)))

    assert session.scalar(select(func.count()).select_from(StatusNews)) == 2500


def test_no_news_is_no_work(record, heard):
    record()

    assert heard == {"settled": [], "opted_out": []}
