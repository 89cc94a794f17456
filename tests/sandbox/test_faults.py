"""Every fault that can be ordered, seen from outside."""

import json
import time

import pytest
import requests
from python_http_client.exceptions import HTTPError
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from peoplelink.sandbox.faults import FaultPlan
from tests.sandbox.parts import ACCOUNT, OURS, TOKEN, a_mail

RESIDENT = "+447700900123"
EVENTS = "/webhooks/sendgrid/events"


def send(twilio, to=RESIDENT, callback=None):
    extra = {"status_callback": callback} if callback else {}
    return twilio.messages.create(to=to, body="Hello", from_=OURS, **extra)


def events(sink):
    return [event["event"] for heard in sink.at(EVENTS) for event in json.loads(heard.body)]


def test_nothing_goes_wrong_unless_ordered(sandbox):
    plan = sandbox.call("GET", "/sandbox/faults").json

    assert not any(value for name, value in plan.items() if name.startswith("rate_"))
    assert plan["max_per_second"] == plan["latency_ms"] == 0


@pytest.mark.parametrize(
    ("fault", "code", "accepted"),
    [("rate_429", 20429, 0), ("rate_5xx_before", 20500, 0), ("rate_5xx_after", 20500, 1)],
)
def test_a_create_fails_before_or_after_it_is_accepted(sandbox, twilio, fault, code, accepted):
    sandbox.order(**{fault: 1})

    with pytest.raises(TwilioRestException) as raised:
        send(twilio)

    assert (raised.value.code, raised.value.status) == (code, 429 if code == 20429 else 500)
    assert len(sandbox.ledger()) == accepted


@pytest.mark.parametrize(
    ("fault", "status", "accepted"), [("rate_429", 429, 0), ("rate_5xx_before", 500, 0), ("rate_5xx_after", 500, 1)]
)
def test_a_mail_call_fails_before_or_after_it_is_accepted(sandbox, mailer, fault, status, accepted):
    sandbox.order(**{fault: True})

    with pytest.raises(HTTPError) as raised:
        mailer.send(a_mail())

    assert raised.value.status_code == status
    assert len(sandbox.ledger()) == accepted


def test_a_time_out_after_accepting_is_silence_for_the_caller(sandbox):
    sandbox.order(rate_timeout_after=1)
    http = TwilioHttpClient(timeout=0.3)
    client = Client(ACCOUNT, TOKEN, http_client=http)
    client.api.base_url = sandbox.url

    with pytest.raises(requests.exceptions.ReadTimeout):
        send(client)

    http.session.close()
    assert len(sandbox.ledger()) == 1


def test_a_patient_caller_sees_the_connection_dropped(sandbox, twilio):
    sandbox.order(rate_timeout_after=1, timeout_seconds=0.3)

    with pytest.raises(requests.exceptions.ConnectionError):
        send(twilio)

    assert len(sandbox.ledger()) == 1


def test_latency_delays_the_answer(sandbox, twilio):
    sandbox.order(latency_ms=200)
    start = time.monotonic()

    send(twilio)

    assert time.monotonic() - start >= 0.2


def test_more_than_the_limit_in_one_second_is_a_429(sandbox, twilio):
    sandbox.order(max_per_second=3)
    # Start just after the turn of a second, so that all fall into one.
    time.sleep(1 - time.time() % 1 + 0.01)

    codes = []
    for _ in range(5):
        try:
            send(twilio)
        except TwilioRestException as err:
            codes.append(err.code)

    assert codes == [20429, 20429]
    assert len(sandbox.ledger()) == 3


def test_a_look_up_can_fail_too(sandbox, twilio, mailer):
    sandbox.order(rate_lookup_5xx=1)

    # The client raises the bare TwilioException for a page, with the response as its second argument.
    with pytest.raises(TwilioException) as raised:
        twilio.messages.list(to=RESIDENT)
    with pytest.raises(HTTPError) as refused:
        mailer.client.logs.post(request_body={})

    assert (raised.value.args[1].status_code, refused.value.status_code) == (500, 500)


def test_callbacks_and_events_are_doubled(sandbox, twilio, mailer, sink):
    sandbox.order(duplicate_callbacks=1)

    send(twilio, callback=f"{sink.url}/status")
    mailer.send(a_mail())
    sandbox.idle()

    ids = [event["sg_event_id"] for heard in sink.at(EVENTS) for event in json.loads(heard.body)]
    assert sorted(sink.statuses) == ["delivered", "delivered", "sending", "sending", "sent", "sent"]
    assert (len(ids), len(set(ids))) == (4, 2)


def test_callbacks_come_out_of_order(sandbox, twilio, sink):
    sandbox.order(shuffle_callbacks=1, seed=7)

    for number in range(20):
        send(twilio, to=f"+4477009001{number:02d}", callback=f"{sink.url}/status?d={number}")
    sandbox.idle()

    orders = {}
    for heard in sink.at("/status"):
        orders.setdefault(heard.path, []).append(heard.form["MessageStatus"])
    assert all(sorted(order) == ["delivered", "sending", "sent"] for order in orders.values())
    assert any(order != ["sending", "sent", "delivered"] for order in orders.values())


def test_events_come_out_of_order(sandbox, mailer, sink):
    sandbox.order(shuffle_callbacks=0.5, seed=3)

    mailer.send(a_mail(*(f"p{n}@example.org" for n in range(50))))
    sandbox.idle()

    seen = {}
    for heard in sink.at(EVENTS):
        for event in json.loads(heard.body):
            seen.setdefault(event["email"], []).append(event["event"])
    assert all(sorted(order) == ["delivered", "processed"] for order in seen.values())
    assert ["delivered", "processed"] in seen.values()


def test_an_undelivered_text_carries_the_ordered_code(sandbox, twilio, sink):
    sandbox.order(rate_undelivered=1, undelivered_code=30005)

    sid = send(twilio, callback=f"{sink.url}/status").sid
    sandbox.idle()

    assert sink.statuses == ["sending", "sent", "undelivered"]
    assert sink.heard[-1].form["ErrorCode"] == "30005"
    assert twilio.messages(sid).fetch().error_code == 30005


@pytest.mark.parametrize(
    ("fault", "expected", "status"),
    [
        ("rate_bounce", ["processed", "bounce"], "bounced"),
        ("rate_dropped", ["dropped"], "dropped"),
        ("rate_deferred", ["processed", "deferred", "delivered"], "delivered"),
        ("rate_spamreport", ["processed", "delivered", "spamreport"], "delivered"),
    ],
)
def test_a_mail_meets_its_ordered_fate(sandbox, mailer, sink, fault, expected, status):
    sandbox.order(**{fault: 1})

    mailer.send(a_mail())
    sandbox.idle()

    assert events(sink) == expected
    assert sandbox.ledger()[0]["status"] == status


def test_a_bounce_says_that_it_is_one(sandbox, mailer, sink):
    sandbox.order(rate_bounce=1)

    mailer.send(a_mail())
    sandbox.idle()

    bounce = json.loads(sink.at(EVENTS)[-1].body)[-1]
    assert (bounce["type"], bounce["status"]) == ("bounce", "5.1.1")


def test_lost_webhooks_are_never_posted_but_can_be_looked_up(sandbox, twilio, mailer, sink):
    sandbox.order(lose_webhooks=1)

    sid = send(twilio, callback=f"{sink.url}/status").sid
    mailer.send(a_mail())
    heard = sandbox.text_in(RESIDENT, "Hello")
    sandbox.idle()

    assert sink.heard == []
    assert (heard["lost"], heard["status"]) == (True, None)
    assert twilio.messages(sid).fetch().status == "delivered"
    assert [message.body for message in twilio.messages.list(to=OURS)] == ["Hello"]


def test_what_residents_send_can_be_doubled_with_the_same_id(sandbox, sink):
    sandbox.order(duplicate_callbacks=1)

    sandbox.text_in(RESIDENT, "Hello")
    sandbox.call("POST", "/sandbox/inbound/mail", {"from": "ash@example.org", "to": "r@in.example.org", "text": "Hi"})
    sandbox.idle()

    assert len(sink.heard) == 4
    sids = {heard.form["MessageSid"] for heard in sink.at("/webhooks/twilio/inbound")}
    mails = {heard.body for heard in sink.at("/webhooks/sendgrid/inbound")}
    assert (len(sids), len(mails)) == (1, 1)


def test_a_residents_mail_can_be_lost(sandbox, sink):
    sandbox.order(lose_webhooks=1)

    mail = {"from": "ash@example.org", "to": "r@in.example.org", "text": "Hi"}
    answer = sandbox.call("POST", "/sandbox/inbound/mail", mail)

    assert (answer.json["lost"], answer.json["status"], sink.heard) == (True, None, [])


def test_faults_can_be_for_some_addresses_only(sandbox, twilio, mailer):
    sandbox.order(rate_429=1, only_to=["+447700900124", "bo@example.org"])

    assert send(twilio).sid
    assert mailer.send(a_mail("ash@example.org")).status_code == 202
    with pytest.raises(TwilioRestException):
        send(twilio, to="+447700900124")
    with pytest.raises(HTTPError):
        mailer.send(a_mail("ash@example.org", "bo@example.org"))


def test_the_same_seed_throws_the_same_dice(sandbox, twilio):
    def outcomes():
        sandbox.order(rate_429=0.5, seed=11)
        codes = []
        for _ in range(20):
            try:
                codes.append(send(twilio).status)
            except TwilioRestException as err:
                codes.append(err.code)
        return codes

    first = outcomes()

    assert set(first) == {"queued", 20429}
    assert outcomes() == first


def test_delete_puts_everything_right(sandbox, twilio):
    sandbox.order(rate_429=1)

    sandbox.call("DELETE", "/sandbox/faults")

    assert send(twilio).sid


def test_an_order_changes_what_it_names_and_leaves_the_rest(sandbox):
    sandbox.order(rate_429=0.5)

    sandbox.order(latency_ms=5)

    plan = sandbox.call("GET", "/sandbox/faults").json
    assert (plan["rate_429"], plan["latency_ms"]) == (0.5, 5)


@pytest.mark.parametrize(
    "wrong", [{"rate_429": 2}, {"rate_42": 1}, {"latency_ms": -1}, {"only_to": "x"}, {"rate_429": "x"}]
)
def test_an_order_that_makes_no_sense_is_refused(sandbox, wrong):
    answer = sandbox.call("POST", "/sandbox/faults", wrong)

    assert answer.status == 400
    assert answer.json["error"]


def test_faults_can_be_ordered_at_start(start_sandbox, make_twilio):
    client = make_twilio(start_sandbox(plan=FaultPlan(rate_429=1.0)))

    with pytest.raises(TwilioRestException):
        send(client)
