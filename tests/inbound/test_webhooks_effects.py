"""What a webhook does once it is let in: STOP before we answer, and news of deliveries."""

import pytest
from sqlalchemy import func, select

from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.outbound.models import Delivery, StatusNews
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from tests.factories import make_address, make_delivery, make_subscriber


def test_stop_takes_effect_before_we_answer(provider, look, change, now):
    def noise_and_a_resident(session):
        make_delivery(session, make_address(session, value="+447700900500"), created_at=now)
        address = make_address(session, value="+447700900123")
        make_subscriber(session, sms=address)
        return make_delivery(session, address, created_at=now).id

    delivery_id = change(noise_and_a_resident)

    answer = provider.text(" Stop. ")

    queued = look(lambda s: dict(s.execute(select(Delivery.id, Delivery.status)).all()))
    reasons = look(lambda s: suppressions_of(s, s.get(Delivery, delivery_id).address))
    assert answer.status_code == 200
    assert queued.pop(delivery_id) is DeliveryStatus.SUPPRESSED
    assert set(queued.values()) == {DeliveryStatus.QUEUED}
    assert reasons == {SuppressionReason.STOP}


def test_stop_from_a_number_we_never_met_is_heeded(provider, look):
    provider.text("STOP", sender="+447700900777")
    provider.process()

    message = look(lambda session: session.scalars(select(ReceivedMessage)).one())
    assert message.command == "stop"
    assert look(lambda s: suppressions_of(s, s.get(ReceivedMessage, message.id).address)) == {SuppressionReason.STOP}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_providers_own_verdict_is_a_stop_whatever_the_words(provider, look, change, now):
    delivery_id = change(lambda s: make_delivery(s, make_address(s, value="+447700900123"), created_at=now).id)

    provider.text("Bas karo", OptOutType="STOP")

    assert look(lambda s: s.get(Delivery, delivery_id).status) is DeliveryStatus.SUPPRESSED


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_sentence_with_stop_in_it_stops_nothing(provider, look, change, now):
    delivery_id = change(lambda s: make_delivery(s, make_address(s, value="+447700900123"), created_at=now).id)

    provider.text("We have to STOP this parking")

    assert look(lambda s: s.get(Delivery, delivery_id).status) is DeliveryStatus.QUEUED


def test_news_of_a_text_moves_its_delivery_once(provider, look, change, now):
    delivery = change(lambda s: make_delivery(s, status=DeliveryStatus.SENT, attempt=1, created_at=now))
    provider.status(delivery.public_id, "delivered", MessageSid="SM1")
    provider.status(delivery.public_id, "sent", MessageSid="SM1")
    provider.status(delivery.public_id, "delivered", MessageSid="SM1", RawDlrDoneDate="2611231200")

    provider.process()

    assert look(lambda s: s.get(Delivery, delivery.id).status) is DeliveryStatus.DELIVERED
    assert look(lambda s: s.scalar(select(func.count()).select_from(StatusNews))) == 2


def test_news_of_emails_moves_their_deliveries(provider, look, change, now):
    rows = change(
        lambda s: [
            make_delivery(s, make_address(s, Medium.EMAIL), status=DeliveryStatus.SENT, attempt=1, created_at=now)
            for _ in range(3)
        ]
    )
    events = [
        {"event": "delivered", "sg_event_id": f"e{row.id}", "pl_delivery": row.public_id, "pl_attempt": "1"}
        for row in rows
    ]
    provider.events(*events, {"event": "novelty", "sg_event_id": "new"})

    provider.process()

    statuses = look(lambda s: set(s.scalars(select(Delivery.status))))
    assert statuses == {DeliveryStatus.DELIVERED}


def test_a_thousand_news_in_one_go_are_recorded(provider, look):
    provider.events(*({"event": "processed", "sg_event_id": f"e{index}"} for index in range(3000)))

    provider.process()

    assert look(lambda s: s.scalar(select(func.count()).select_from(StatusNews))) == 3000
