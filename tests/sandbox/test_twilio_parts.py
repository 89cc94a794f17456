"""What lies around a text at Twilio: its pictures, and the numbers of a Messaging Service."""

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.sandbox.parts import OURS, SERVICE

RESIDENT = "+447700900123"
PICTURES = ["https://example.org/a.jpg", "https://example.org/b.jpg"]


def test_the_pictures_of_a_text_are_listed_and_redirect_to_where_they_lie(sandbox, twilio):
    sid = sandbox.text_in(RESIDENT, "See", media=PICTURES)["sid"]

    listed = twilio.messages(sid).media.list()
    answers = [sandbox.call("GET", media.uri.removesuffix(".json")) for media in listed]

    assert [(media.content_type, media.parent_sid) for media in listed] == [("image/jpeg", sid)] * 2
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(307, url) for url in PICTURES]


def test_a_text_without_pictures_has_an_empty_list(sandbox, twilio):
    sid = sandbox.text_in(RESIDENT, "Hello")["sid"]

    assert twilio.messages(sid).media.list() == []


def test_pictures_of_a_text_that_is_not_there_are_not_found(sandbox, twilio):
    with pytest.raises(TwilioRestException) as refusal:
        twilio.messages("SM" + "0" * 32).media("ME" + "0" * 32).fetch()

    assert refusal.value.status == 404
    assert sandbox.call("GET", f"/2010-04-01/Accounts/AC/Messages/SM{'0' * 32}/Media/ME{'0' * 32}").status == 404


def test_a_messaging_service_lists_its_number(start_sandbox, make_twilio):
    client = make_twilio(start_sandbox(service_sid=SERVICE))

    assert [one.phone_number for one in client.messaging.v1.services(SERVICE).phone_numbers.list()] == [OURS]


def test_another_service_is_not_found_and_an_ordered_fault_strikes(start_sandbox, make_twilio):
    server = start_sandbox(service_sid=SERVICE)
    client = make_twilio(server)

    with pytest.raises(TwilioException):
        client.messaging.v1.services("MG" + "0" * 32).phone_numbers.list()
    server.order(rate_lookup_5xx=1)
    with pytest.raises(TwilioException):
        client.messaging.v1.services(SERVICE).phone_numbers.list()
