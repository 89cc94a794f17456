"""The four webhooks over HTTP: who is let in, what is kept, what a repeat does."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from peoplelink.db import Database
from peoplelink.engines import make_engine
from peoplelink.inbound import failures
from peoplelink.inbound.models import ReceivedMessage, Webhook
from peoplelink.web import MAX_REQUEST
from tests.inbound.posts import BODIES, FORM, KINDS, PATHS, text_body

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
    away = Database(make_engine(f"sqlite:///{tmp_path}/no/such/folder/db"))
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
    assert row.problem == failures.UNREADABLE


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
