"""Status callbacks: signed, in order, tried again as the URL says."""

import threading

import pytest
from twilio.request_validator import RequestValidator

from tests.sandbox.parts import ACCOUNT, OURS, SERVICE, TOKEN, Reply, eventually

RESIDENT = "+447700900123"


def send(twilio, sink, query="?d=1", fragment=""):
    return twilio.messages.create(
        to=RESIDENT, body="Hello", from_=OURS, status_callback=f"{sink.url}/status{query}{fragment}"
    )


def test_each_later_status_is_told_in_order_and_the_first_is_not(twilio, sandbox, sink):
    send(twilio, sink)
    sandbox.idle()

    assert sink.statuses == ["sending", "sent", "delivered"]


def test_with_a_messaging_service_queued_is_news_too(start_sandbox, make_twilio, sink):
    server = start_sandbox(service_sid=SERVICE)
    make_twilio(server).messages.create(
        to=RESIDENT, body="Hello", messaging_service_sid=SERVICE, status_callback=f"{sink.url}/status"
    )
    server.idle()

    assert sink.statuses == ["queued", "sending", "sent", "delivered"]
    assert {heard.form["MessagingServiceSid"] for heard in sink.heard} == {SERVICE}


@pytest.mark.parametrize("query", ["", "?d=1", "?d=a%2Fb&e=%C3%A9+x"])
def test_callbacks_verify_against_the_url_without_its_fragment(twilio, sandbox, sink, query):
    send(twilio, sink, query, "#rc=5&rp=all")
    sandbox.idle()

    validator = RequestValidator(TOKEN)
    assert len(sink.heard) == 3
    for heard in sink.heard:
        assert heard.path == f"/status{query}"
        signature = heard.headers["X-Twilio-Signature"]
        assert validator.validate(f"{sink.url}/status{query}", heard.form, signature)
        assert not validator.validate(f"{sink.url}/status{query}", heard.form | {"To": OURS}, signature)


def test_a_callback_carries_what_twilio_sends(twilio, sandbox, sink):
    message = send(twilio, sink)
    sandbox.idle()

    form = sink.heard[-1].form
    when = form.pop("RawDlrDoneDate")
    assert len(when) == 10
    assert form == {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": OURS,
        "MessageSid": message.sid,
        "MessageStatus": "delivered",
        "SmsSid": message.sid,
        "SmsStatus": "delivered",
        "To": RESIDENT,
    }


def test_by_default_a_500_is_never_tried_again(twilio, sandbox, sink):
    sink.answer = lambda path: Reply(500)

    send(twilio, sink)
    sandbox.idle()

    assert len(sink.heard) == 3


def test_the_fragment_asks_for_retries_and_each_has_a_token(twilio, sandbox, sink):
    sink.answer = lambda path: Reply(503)

    send(twilio, sink, fragment="#rc=2&rp=5xx")
    sandbox.idle()

    assert sorted(sink.statuses) == ["delivered"] * 3 + ["sending"] * 3 + ["sent"] * 3
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in sink.heard}) == 9


def test_a_policy_for_other_faults_does_not_retry_a_500(twilio, sandbox, sink):
    sink.answer = lambda path: Reply(500)

    send(twilio, sink, fragment="#rc=5&rp=4xx,ct")
    sandbox.idle()

    assert len(sink.heard) == 3


def test_an_app_that_comes_back_gets_the_retry(twilio, sandbox, sink):
    sink.answer = lambda path: Reply(503 if len(sink.heard) < 3 else 204)

    send(twilio, sink, fragment="#rc=5&rp=all")
    sandbox.idle()

    assert set(sink.statuses) == {"sending", "sent", "delivered"}
    assert eventually(lambda: len(sink.heard) > 3)


def test_an_app_that_is_down_does_not_stop_the_text(twilio, sandbox, sink):
    message = twilio.messages.create(to=RESIDENT, body="Hi", from_=OURS, status_callback="http://127.0.0.1:1/status")
    sandbox.idle()

    assert twilio.messages(message.sid).fetch().status == "delivered"


def test_a_slow_app_hears_the_news_in_order_while_the_text_goes_on(twilio, sandbox, sink):
    go_on = threading.Event()

    def slowly(path):
        go_on.wait(5)
        return Reply()

    sink.answer = slowly
    sid = send(twilio, sink).sid

    assert eventually(lambda: twilio.messages(sid).fetch().status == "delivered")
    assert sink.statuses == ["sending"]
    go_on.set()
    sandbox.idle()
    assert sink.statuses == ["sending", "sent", "delivered"]
