"""STOP, START and HELP in each mode of the provider, over HTTP."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from peoplelink.sandbox.keywords import HELP_REPLY, START_REPLY, STOP_REPLY
from tests.sandbox.parts import OURS, TOKEN, Reply

RESIDENT = "+447700900123"
INBOUND = "/webhooks/twilio/inbound"
STOP_WORDS = ("STOP", "stop", " Stop ", "STOPALL", "unsubscribe", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")


def send(client):
    return client.messages.create(to=RESIDENT, body="Hello", from_=OURS)


@pytest.mark.parametrize("word", STOP_WORDS)
@pytest.mark.parametrize("mode", ["default", "advanced"])
def test_a_stop_word_blocks_answers_and_still_tells_the_app(start_sandbox, make_twilio, sink, mode, word):
    server = start_sandbox(keywords=mode)

    heard = server.text_in(RESIDENT, word)

    assert heard["replies"] == [STOP_REPLY]
    assert [told.form["Body"] for told in sink.at(INBOUND)] == [word]
    with pytest.raises(TwilioRestException) as refusal:
        send(make_twilio(server))
    assert (refusal.value.code, refusal.value.status) == (21610, 400)


@pytest.mark.parametrize("body", ["STOP please", "please stop", "we have to STOP this", "STOP NEWPARKS", ""])
def test_more_than_the_one_word_is_no_keyword(sandbox, twilio, body):
    heard = sandbox.text_in(RESIDENT, body)

    assert heard["replies"] == []
    assert send(twilio).sid


@pytest.mark.parametrize(("mode", "expected"), [("default", None), ("advanced", "STOP"), ("off", None)])
def test_only_advanced_mode_tells_its_verdict(start_sandbox, sink, mode, expected):
    start_sandbox(keywords=mode).text_in(RESIDENT, "Stop")

    assert sink.at(INBOUND)[0].form.get("OptOutType") == expected


@pytest.mark.parametrize(
    ("word", "kind"), [("START", "START"), ("Unstop", "START"), ("HELP", "HELP"), ("info", "HELP")]
)
def test_advanced_mode_names_start_and_help_too(start_sandbox, sink, word, kind):
    start_sandbox(keywords="advanced").text_in(RESIDENT, word)

    assert sink.at(INBOUND)[0].form["OptOutType"] == kind


@pytest.mark.parametrize("word", ["START", "yes", "UNSTOP"])
def test_a_start_word_lifts_the_block_and_says_so(sandbox, twilio, word):
    sandbox.text_in(RESIDENT, "STOP")

    heard = sandbox.text_in(RESIDENT, word)

    assert heard["replies"] == [START_REPLY]
    assert send(twilio).sid


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP"])
def test_a_start_word_without_a_block_is_not_answered(sandbox, sink, word):
    assert sandbox.text_in(RESIDENT, word)["replies"] == []
    assert len(sink.at(INBOUND)) == 1


def test_a_second_stop_is_not_answered_again(sandbox):
    sandbox.text_in(RESIDENT, "STOP")

    assert sandbox.text_in(RESIDENT, "STOP")["replies"] == []


def test_help_gets_the_canned_answer(sandbox):
    assert sandbox.text_in(RESIDENT, "Help")["replies"] == [HELP_REPLY]


@pytest.mark.parametrize("word", ["STOP", "HELP", "START"])
def test_in_mode_off_the_provider_does_nothing(start_sandbox, make_twilio, sink, word):
    server = start_sandbox(keywords="off")

    assert server.text_in(RESIDENT, word)["replies"] == []
    assert send(make_twilio(server)).sid
    assert len(sink.at(INBOUND)) == 1


def test_an_answer_of_ours_to_stop_fails_as_it_does_at_the_provider(sandbox, sink):
    sink.answer = lambda path: Reply(200, b"<Response><Message>You have left.</Message></Response>")

    heard = sandbox.text_in(RESIDENT, "STOP")

    assert heard["replies"] == [STOP_REPLY]
    assert heard["error"] == 21610


def test_an_inbound_text_is_signed_over_every_field_empty_ones_included(sandbox, sink):
    sandbox.text_in(RESIDENT, " two spaces  é😀 ", media=["https://example.org/a.jpg"])

    told = sink.at(INBOUND)[0]
    assert told.form["Body"] == " two spaces  é😀 "
    assert (told.form["NumMedia"], told.form["MediaUrl0"]) == ("1", "https://example.org/a.jpg")
    assert told.form["FromCity"] == ""
    assert told.form["MessageSid"] == told.form["SmsMessageSid"]
    assert RequestValidator(TOKEN).validate(sink.url + INBOUND, told.form, told.headers["X-Twilio-Signature"])


def test_words_in_the_apps_twiml_reach_the_handset(sandbox, sink):
    twiml = "<Response><Message>One &amp; two</Message><Message><Body>Three</Body></Message></Response>"
    sink.answer = lambda path: Reply(200, twiml.encode())

    heard = sandbox.text_in(RESIDENT, "Hello")

    assert (heard["status"], heard["replies"]) == (200, ["One & two", "Three"])


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, b"<Response/>"), None),
        (Reply(204), None),
        (Reply(200, b"OK", "text/html"), 12300),
        (Reply(200, b"<Response>"), 12100),
        (Reply(200, b"<Other/>"), 12100),
        (Reply(403, b"no", "text/plain"), None),
    ],
)
def test_what_twilio_cannot_read_in_an_answer_is_named(sandbox, sink, reply, error):
    sink.answer = lambda path: reply

    heard = sandbox.text_in(RESIDENT, "Hello")

    assert (heard["status"], heard["error"]) == (reply.status, error)


def test_an_inbound_text_is_tried_again_while_the_app_has_an_outage(sandbox, sink):
    sink.answer = lambda path: Reply(503 if len(sink.heard) < 3 else 204)

    heard = sandbox.text_in(RESIDENT, "Hello")
    sandbox.idle()

    assert heard["status"] == 503
    assert len(sink.at(INBOUND)) == 3
    assert len({told.form["MessageSid"] for told in sink.heard}) == 1
