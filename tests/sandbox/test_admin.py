"""The ledger and its guards: what tests and the demo rely on, and who may not ask."""

import pytest

from peoplelink.clock import now
from peoplelink.sandbox import admin, handset
from tests.sandbox.parts import OURS, Reply, a_mail

RESIDENT = "+447700900123"
OTHER = "+447700900124"


def send(twilio, to=RESIDENT, **changes):
    return twilio.messages.create(**{"to": to, "body": "Hello", "from_": OURS, **changes})


def test_the_ledger_holds_what_was_accepted_as_its_recipient_gets_it(sandbox, twilio, mailer):
    sid = send(twilio, status_callback="http://127.0.0.1:1/s?d=1").sid
    mailer.send(a_mail())
    sandbox.idle()

    text, mail = sandbox.ledger()

    assert text.pop("accepted_at")
    assert text == {
        "id": sid,
        "medium": "sms",
        "origin": "api",
        "to": RESIDENT,
        "from": OURS,
        "body": "Hello",
        "media": [],
        "status_callback": "http://127.0.0.1:1/s?d=1",
        "told_at": None,
        "messaging_service_sid": None,
        "status": "delivered",
        "error_code": None,
        "segments": 1,
    }
    assert (mail["medium"], mail["to"], mail["from"], mail["status"]) == (
        "email",
        "ash@example.org",
        "link@example.org",
        "delivered",
    )


def test_the_ledger_is_filtered_by_medium_address_and_time(sandbox, twilio, mailer):
    send(twilio)
    send(twilio, to=OTHER)
    mailer.send(a_mail("ash@example.org", "bo@example.org"))
    sandbox.idle()
    later = now().timestamp() + 60

    assert len(sandbox.ledger("?medium=sms")) == 2
    assert [entry["to"] for entry in sandbox.ledger("?to=%2B447700900124")] == [OTHER]
    assert [entry["to"] for entry in sandbox.ledger("?to=+447700900124")] == [OTHER]
    assert [entry["to"] for entry in sandbox.ledger("?to=Bo@example.org")] == ["bo@example.org"]
    assert sandbox.ledger(f"?since={later}") == []
    assert len(sandbox.ledger("?since=2020-01-01T00:00:00Z")) == 4
    assert sandbox.call("GET", "/sandbox/ledger/count?medium=email").json["total"] == 2


def test_replies_and_inbound_texts_stand_in_the_ledger_only_when_asked_for(sandbox, sink):
    sink.answer = lambda path: Reply(200, b"<Response><Message>Thanks</Message></Response>")
    sandbox.text_in(RESIDENT, "HELP")

    assert sandbox.ledger() == []
    assert [entry["origin"] for entry in sandbox.ledger("?origin=all")] == ["handset", "provider", "reply"]


def test_clearing_forgets_messages_and_opt_outs(sandbox, twilio):
    sandbox.text_in(RESIDENT, "STOP")
    send(twilio, to=OTHER)

    assert sandbox.call("DELETE", "/sandbox/ledger").status == 204

    assert sandbox.ledger("?origin=all") == []
    assert send(twilio).sid


def test_clearing_in_the_middle_of_sending_is_harmless(sandbox, twilio, mailer, sink):
    send(twilio, status_callback=f"{sink.url}/status")
    mailer.send(a_mail())

    sandbox.call("DELETE", "/sandbox/ledger")
    sandbox.idle()

    assert sandbox.ledger() == []


def test_idle_says_so_when_it_had_to_give_up(start_sandbox, make_twilio):
    server = start_sandbox(step_ms=60_000)
    send(make_twilio(server))

    answer = server.call("POST", "/sandbox/idle?timeout=0.05")

    assert (answer.status, answer.json) == (408, {"idle": False, "pending": 1})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sandbox/inbound/sms", {"body": "no sender"}),
        ("POST", "/sandbox/inbound/sms", {"from": RESIDENT, "to": OTHER, "body": "x"}),
        ("POST", "/sandbox/inbound/sms", {"from": RESIDENT, "media": "x"}),
        ("POST", "/sandbox/inbound/sms", b"{"),
        ("POST", "/sandbox/inbound/sms", []),
        ("POST", "/sandbox/inbound/mail", {"from": "a@example.org", "to": "x@in.example.org", "raw_base64": "!"}),
        ("POST", "/sandbox/idle?timeout=soon", None),
        ("GET", "/sandbox/ledger?since=soon", None),
        ("GET", "/sandbox/ledger?medium=fax", None),
    ],
)
def test_what_makes_no_sense_is_a_400_with_a_reason(sandbox, method, path, body):
    answer = sandbox.call(method, path, body)

    assert answer.status == 400
    assert answer.json["error"]


LOCAL = ["/", "/sandbox/ledger", "/sandbox/faults", "/static/handset.css"]


@pytest.mark.parametrize("path", LOCAL)
@pytest.mark.parametrize("host", ["sandbox.example.org", "169.254.0.1", "[::ffff:10.0.0.1]:80", ""])
def test_another_name_for_this_machine_is_refused(sandbox, path, host):
    assert sandbox.call("GET", path, headers={"Host": host}).status in {400, 403}


@pytest.mark.parametrize("path", LOCAL)
@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1", "[::1]:80"])
def test_the_loopback_names_are_answered(sandbox, path, host):
    assert sandbox.call("GET", path, headers={"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/sandbox/faults", "/sandbox/inbound/sms", "/handsets"])
@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://127.0.0.1:1"])
def test_a_form_on_another_site_cannot_reach_the_sandbox(sandbox, path, origin):
    answer = sandbox.call("POST", path, {"from": RESIDENT, "body": "x"}, {"Origin": origin})

    assert answer.status == 403
    assert sandbox.ledger("?origin=all") == []


def test_every_admin_and_handset_route_is_guarded(sandbox):
    unguarded = [route for route in (*admin.routes, *handset.routes) if not hasattr(route.handler, "__wrapped__")]

    assert unguarded == []


def test_the_apis_themselves_may_be_called_by_any_name(sandbox):
    # A container may reach the sandbox by its service name: keys guard these.
    assert sandbox.call("POST", "/v3/mail/send", {}, {"Host": "sandbox.example.org"}).status == 401
