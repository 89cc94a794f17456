"""The four webhooks over HTTP: who is let in, what is kept, what a repeat does, and what no request can cause."""

import random
import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from peoplelink.channels.messages import Medium
from peoplelink.db import Database, make_engine
from peoplelink.inbound import tasks
from peoplelink.inbound.models import ReceivedMessage, Webhook
from peoplelink.outbound.models import Delivery, StatusNews
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.web import MAX_REQUEST
from tests.factories import make_address, make_delivery, make_subscriber
from tests.inbound.posts import FORM, PATHS, mail_body, text_body

KINDS = sorted(PATHS)
BODIES = {
    "twilio_inbound": text_body("Hello"),
    "twilio_status": b"MessageSid=SM1&MessageStatus=delivered",
    "sendgrid_events": b'[{"event":"delivered","sg_event_id":"e1"}]\r\n',
    "sendgrid_inbound": mail_body(),
}
one_engine = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def stored(look):
    return look(lambda session: session.scalar(select(func.count()).select_from(Webhook)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_request_is_kept_as_it_came_and_rings(provider, look, jobs, kind):
    answer = provider.post(kind, BODIES[kind])

    row = look(lambda session: session.scalars(select(Webhook).options(undefer(Webhook.body))).one())
    assert answer.status_code in {200, 204}
    assert (row.kind, row.body, row.processed_at) == (kind, BODIES[kind], None)
    assert jobs.rung == ["webhooks"]


@one_engine
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: {},
        lambda headers: dict.fromkeys(headers, ""),
        lambda headers: dict.fromkeys(headers, "AAAA"),
        lambda headers: dict.fromkeys(headers, "é" * 10),
        lambda headers: {**headers, next(iter(headers)): "x" * 5000},
        lambda headers: {name: value[:-4] + "AAA=" for name, value in headers.items()},
    ],
    ids=["none", "empty", "short", "not ASCII", "long", "changed"],
)
def test_an_unsigned_or_wrongly_signed_request_is_refused_without_a_word(provider, look, kind, spoil):
    headers = spoil(provider.headers(kind, BODIES[kind]))

    answer = provider.post(kind, BODIES[kind], headers=headers)

    assert (answer.status_code, answer.data) == (403, b"")
    assert stored(look) == 0


@one_engine
@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_holds_for_its_own_body_only(provider, look, kind):
    headers = provider.headers(kind, BODIES[kind])

    answer = provider.post(kind, BODIES[kind].replace(b"e", b"f", 1), headers=headers)

    assert answer.status_code == 403
    assert stored(look) == 0


@one_engine
@pytest.mark.parametrize("kind", ["twilio_inbound", "twilio_status"])
def test_the_signed_address_is_our_public_one_whatever_host_the_caller_names(provider, kind):
    headers = provider.headers(kind, BODIES[kind]) | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}

    assert provider.post(kind, BODIES[kind], headers=headers).status_code in {200, 204}


@one_engine
def test_a_key_for_events_does_not_open_the_way_for_mail(provider):
    headers = provider.headers("sendgrid_events", BODIES["sendgrid_inbound"])

    assert provider.post("sendgrid_inbound", BODIES["sendgrid_inbound"], headers=headers).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeat_changes_nothing(provider, look, jobs, kind):
    provider.post(kind, BODIES[kind])
    provider.process()
    jobs.rung.clear()

    answer = provider.post(kind, BODIES[kind])
    provider.process()

    assert answer.status_code in {200, 204}
    assert stored(look) == 1
    assert jobs.rung == []


def test_the_same_text_in_another_request_is_one_message(provider, look):
    body = text_body("Hello there")
    provider.post("twilio_inbound", body)
    provider.post("twilio_inbound", body + b"&FromCity=")

    provider.process()

    assert look(lambda session: session.scalar(select(func.count()).select_from(ReceivedMessage))) == 1


@one_engine
@pytest.mark.parametrize("kind", KINDS)
def test_only_post_is_answered(provider, kind):
    assert provider.client.get(PATHS[kind]).status_code == 405


@one_engine
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sendgrid_inbound"])
def test_a_request_over_a_megabyte_is_refused(provider, look, kind):
    body = b"Body=" + b"a" * MAX_REQUEST

    answer = provider.post(kind, body)

    assert (answer.status_code, answer.data) == (413, b"")
    assert stored(look) == 0


@one_engine
def test_a_mail_of_twenty_megabytes_is_kept_and_one_of_forty_is_not(provider, look):
    kept = provider.mail(b"x" * 20 * 2**20)
    refused = provider.mail(b"x" * 40 * 2**20)

    assert (kept.status_code, refused.status_code) == (200, 413)
    assert stored(look) == 1


@one_engine
def test_a_text_is_answered_with_an_empty_response_of_the_right_type(provider):
    answer = provider.text("Hello")

    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert answer.mimetype == "text/xml"


@one_engine
@pytest.mark.parametrize("kind", KINDS)
def test_our_own_outage_asks_the_provider_to_come_again(provider, app, tmp_path, kind):
    headers = provider.headers(kind, BODIES[kind])
    away = Database(make_engine(f"sqlite:///{tmp_path}/no/such/folder/db", pooled=True))
    object.__setattr__(app.extensions["peoplelink"], "database", away)

    answer = provider.post(kind, BODIES[kind], headers=headers)

    away.engine.dispose()
    assert (answer.status_code, answer.data) == (503, b"")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("twilio_inbound", b""),
        ("twilio_inbound", b"Body=hello"),
        ("twilio_status", b"MessageSid=SM1"),
        ("sendgrid_events", b"not json"),
        ("sendgrid_events", b'{"event": "delivered"}'),
        ("sendgrid_inbound", b"--xYzZY--\r\n"),
        ("sendgrid_inbound", b"nothing like a form"),
    ],
)
def test_a_signed_request_that_cannot_be_read_is_kept_and_shown_to_an_officer(provider, look, kind, body):
    answer = provider.post(kind, body)
    provider.process()

    row = look(lambda session: session.scalars(select(Webhook)).one())
    assert answer.status_code in {200, 204}
    assert row.processed_at is not None
    assert row.problem == tasks.UNREADABLE


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


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_causes_a_server_error(provider, look, kind):
    dice = random.Random(kind)
    statuses = set()
    for _ in range(500):
        body, content_type, query = _spoiled(dice, kind)
        statuses.add(provider.post(kind, body, content_type=content_type, query=query).status_code)
    for _ in range(tasks.TRIES):
        provider.process()

    waiting = look(lambda s: s.scalar(select(func.count()).where(Webhook.processed_at.is_(None))))
    gave_up = look(lambda s: s.scalar(select(func.count()).where(Webhook.problem == tasks.GAVE_UP)))
    assert statuses <= {200, 204, 403}
    assert 200 in statuses or 204 in statuses
    assert (waiting, gave_up) == (0, 0)


def _spoiled(dice, kind):
    """A well-formed body of its kind with bytes changed, cut, doubled or put in, signed all the same."""
    body = bytearray(
        text_body("Hello\x00 \ud83d".encode("utf-8", "surrogatepass")) if kind == "twilio_inbound" else BODIES[kind]
    )
    for _ in range(dice.randrange(0, 6)):
        place = dice.randrange(len(body) + 1)
        match dice.randrange(5):
            case 0:
                body[place : place + dice.randrange(40)] = b""
            case 1:
                body[place:place] = dice.choice(
                    [b"\x00", b"%00", b"\xff\xfe", b"&&=&", b"%ED%A0%80", b"[]{}", b"\r\n", "é".encode()]
                )
            case 2:
                body[place:place] = dice.randbytes(dice.randrange(30))
            case 3:
                body += body[place : place + 60]
            case 4:
                body[place : place + 1] = b"%" if dice.random() < 0.5 else b"\\"
        if not body:
            break
    content_type = dice.choice(
        [None, FORM, "application/json", "multipart/form-data", "multipart/form-data; boundary=é", ""]
    )
    query = dice.choice(
        ["", "", "?d=%00&a=9999999999999999", "?d=x&a=-1", "?" + "q" * 300, "?d=%ff%fe", "?%ed%a0%80=1"]
    )
    return bytes(body), content_type, query


def test_eight_senders_of_the_same_stop_leave_one_row(provider, runtime, app, key_pairs, look):
    body = text_body("STOP")
    headers = provider.headers("twilio_inbound", body)
    answers = []

    def send():
        with app.test_client() as client:
            answers.append(
                client.post(PATHS["twilio_inbound"], data=body, content_type=FORM, headers=headers).status_code
            )

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert answers == [200] * 8
    assert stored(look) == 1
