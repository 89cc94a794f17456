"""Texts through the official client: what is taken, what is refused, what can be looked up."""

import datetime as dt

import pytest
from twilio.base.exceptions import TwilioRestException

from peoplelink import clock
from tests.sandbox.parts import ACCOUNT, OURS, SERVICE, TOKEN

RESIDENT = "+447700900123"


def send(twilio, to=RESIDENT, body="Hello", **changes):
    return twilio.messages.create(**{"to": to, "body": body, "from_": OURS, **changes})


def test_a_text_is_accepted_with_all_the_fields_of_the_resource(twilio):
    message = send(twilio, body="é" * 161)

    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert (message.to, message.from_, message.num_segments) == (RESIDENT, OURS, "2")
    assert message.date_created.tzinfo is not None
    assert (message.date_sent, message.price, message.error_code) == (None, None, None)
    assert message.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json"


def test_with_a_messaging_service_sender_and_parts_are_not_known_at_first(start_sandbox, make_twilio):
    server = start_sandbox(service_sid=SERVICE)
    client = make_twilio(server)

    first = client.messages.create(to=RESIDENT, body="Hello", messaging_service_sid=SERVICE)
    server.idle()
    later = client.messages(first.sid).fetch()

    assert (first.status, first.from_, first.num_segments) == ("accepted", None, "0")
    assert (later.status, later.from_, later.num_segments) == ("delivered", OURS, "1")
    assert later.messaging_service_sid == SERVICE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "07700900123"}, 21211),
        ({"to": "+44770090012"}, 21211),
        ({"to": "+441162493000"}, 21614),
        ({"to": "+33612345678"}, 21408),
        ({"from_": None}, 21603),
        ({"from_": "+447700900999"}, 21606),
        ({"from_": "PeopleLink"}, 21212),
        ({"messaging_service_sid": SERVICE}, 21701),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "not a url"}, 21609),
        ({"status_callback": "http://under_score.example.org/"}, 21609),
        ({"validity_period": 36_001}, 21624),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(twilio, sandbox, changes, code):
    changes = {name: value for name, value in changes.items() if value is not None} | (
        {"from_": ""} if changes.get("from_", "") is None else {}
    )

    with pytest.raises(TwilioRestException) as refusal:
        send(twilio, **changes)

    assert (refusal.value.code, refusal.value.status) == (code, 400)
    assert refusal.value.uri
    assert sandbox.ledger() == []


@pytest.mark.parametrize("to", ["+447700900000", "+447400123456", "+447624123456", "+447797123456", "+447911123456"])
def test_mobiles_of_britain_and_its_islands_are_taken_and_so_are_invented_ones(twilio, to):
    assert send(twilio, to=to).to == to


def test_the_longest_text_and_validity_are_taken(twilio):
    assert send(twilio, body="x" * 1600, validity_period=36_000).num_segments == "11"


@pytest.mark.parametrize(
    ("account", "token", "expected"), [(ACCOUNT, "wrong", (20003, 401)), ("AC" + "0" * 32, TOKEN, (20003, 401))]
)
def test_wrong_credentials_are_a_401(sandbox, make_twilio, account, token, expected):
    with pytest.raises(TwilioRestException) as refusal:
        send(make_twilio(sandbox, account, token))

    assert (refusal.value.code, refusal.value.status) == expected


def test_another_accounts_path_is_a_404(twilio):
    with pytest.raises(TwilioRestException) as refusal:
        twilio.api.v2010.accounts("AC" + "0" * 32).messages.create(to=RESIDENT, from_=OURS, body="Hello")

    assert (refusal.value.code, refusal.value.status) == (20404, 404)


def test_an_error_body_is_twilios_and_names_no_number(sandbox, twilio):
    answer = sandbox.call("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")

    assert answer.status == 401
    assert answer.json == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


def test_a_list_finds_by_number_newest_first_over_several_pages(twilio, sandbox):
    sent = [send(twilio, body=f"Text {number}").sid for number in range(5)]
    send(twilio, to="+447700900124")
    sandbox.idle()

    found = twilio.messages.list(to=RESIDENT, page_size=2)

    assert [message.sid for message in found] == sent[::-1]


def test_a_list_without_filters_pages_through_everything(twilio, sandbox):
    sent = {send(twilio, to=f"+4477009001{number:02d}").sid for number in range(7)}

    found = twilio.messages.list(page_size=3)

    assert {message.sid for message in found} == sent
    assert len(found) == 7


def test_a_list_by_our_own_number_finds_what_residents_texted(twilio, sandbox):
    sandbox.text_in(RESIDENT, "Hello there")
    send(twilio)

    found = twilio.messages.list(to=OURS)

    assert [(message.direction, message.body, message.status) for message in found] == [
        ("inbound", "Hello there", "received")
    ]


def test_a_list_of_what_residents_texted_is_parted_into_pages_and_filtered_by_date(twilio, sandbox):
    sids = [sandbox.text_in(RESIDENT, f"Text {number}")["sid"] for number in range(5)]
    hour = dt.timedelta(hours=1)
    sandbox.world.state.texts[sids[0]].sent_at -= 2 * hour

    found = twilio.messages.list(to=OURS, date_sent_after=clock.now() - hour, page_size=2)

    assert [message.sid for message in found] == sids[:0:-1]
    assert all(message.date_sent and message.direction == "inbound" for message in found)


def test_a_date_filter_passes_over_what_has_not_been_sent(start_sandbox, make_twilio):
    server = start_sandbox(step_ms=60_000)
    client = make_twilio(server)
    send(client)
    hour = dt.timedelta(hours=1)
    now = clock.now()

    assert client.messages.list(to=RESIDENT, date_sent_after=now - hour) == []
    assert len(client.messages.list(to=RESIDENT)) == 1


def test_a_date_filter_finds_what_was_sent_within_it(twilio, sandbox):
    send(twilio)
    sandbox.idle()
    hour, now = dt.timedelta(hours=1), clock.now()

    assert len(twilio.messages.list(date_sent_after=now - hour, date_sent_before=now + hour)) == 1
    assert len(twilio.messages.list(date_sent=now.date())) == 1
    assert twilio.messages.list(date_sent_after=now + hour) == []
    assert twilio.messages.list(date_sent_before=now - hour) == []


def test_an_empty_body_takes_the_words_out_once_the_text_is_complete(twilio, sandbox):
    sid = send(twilio, body="A secret").sid
    sandbox.idle()

    twilio.messages(sid).update(body="")

    assert twilio.messages(sid).fetch().body == ""
    assert sandbox.ledger()[0]["body"] == ""


def test_a_deleted_text_is_gone(twilio, sandbox):
    sid = send(twilio).sid
    sandbox.idle()

    assert twilio.messages(sid).delete()

    with pytest.raises(TwilioRestException) as refusal:
        twilio.messages(sid).fetch()
    assert (refusal.value.code, refusal.value.status) == (20404, 404)
    assert sandbox.ledger() == []


def test_a_text_on_its_way_can_be_cancelled_and_neither_redacted_nor_deleted(start_sandbox, make_twilio):
    client = make_twilio(start_sandbox(step_ms=60_000))
    sid = send(client).sid

    for attempt in (lambda: client.messages(sid).update(body=""), client.messages(sid).delete):
        with pytest.raises(TwilioRestException) as refusal:
            attempt()
        assert (refusal.value.code, refusal.value.status) == (20009, 409)
    assert client.messages(sid).update(status="canceled").status == "canceled"


def test_a_cancelled_text_is_never_delivered(start_sandbox, make_twilio):
    server = start_sandbox(step_ms=200)
    client = make_twilio(server)
    sid = send(client).sid

    client.messages(sid).update(status="canceled")
    server.idle()

    assert client.messages(sid).fetch().status == "canceled"
