"""Mail through the official client: what is taken, what is refused, what can be looked up."""

import json

import pytest
import sendgrid
from python_http_client.exceptions import HTTPError

from tests.sandbox.parts import API_KEY, a_mail


def refusal(mailer, payload):
    with pytest.raises(HTTPError) as raised:
        mailer.send(payload)
    return raised.value.status_code, json.loads(raised.value.body)["errors"][0]


def person(address, **more):
    return {"to": [{"email": address}], **more}


def test_a_call_is_accepted_with_an_id_and_no_body(mailer, sandbox):
    answer = mailer.send(a_mail("ash@example.org", "bo@example.org"))

    assert (answer.status_code, answer.body) == (202, b"")
    assert [entry["x_message_id"] for entry in sandbox.ledger()] == [answer.headers["X-Message-Id"]] * 2


def test_each_person_gets_their_own_words_and_headers(mailer, sandbox):
    link = "<https://link.example.org/u/1>"
    mailer.send(
        a_mail(
            person(
                "Ash@Example.org",
                substitutions={"-name-": "Ash", "-name_html-": "A &amp; B", "-reply-": "r-1"},
                headers={"List-Unsubscribe": link},
                custom_args={"gw_delivery": "1"},
            ),
            person("bo@example.org", subject="For -name-", substitutions={"-name-": "-reply-", "-reply-": "r-2"}),
            subject="Hello -name-",
            headers={"X-Call": "c"},
            reply_to={"email": "-reply-@in.example.org"},
            content=[
                {"type": "text/plain", "value": "Dear -name-"},
                {"type": "text/html", "value": "<p>Dear -name_html-</p>"},
            ],
        )
    )

    first, second = sandbox.ledger("?medium=email")

    assert (first["to"], first["subject"], first["text"]) == ("ash@example.org", "Hello Ash", "Dear Ash")
    assert (first["html"], first["reply_to"]) == ("<p>Dear A &amp; B</p>", "r-1@in.example.org")
    assert first["headers"] == {"X-Call": "c", "List-Unsubscribe": link}
    assert first["custom_args"] == {"gw_delivery": "1"}
    assert (second["subject"], second["text"], second["reply_to"]) == (
        "For -reply-",
        "Dear -reply-",
        "r-2@in.example.org",
    )
    assert second["headers"] == {"X-Call": "c"}


PLAIN = {"type": "text/plain", "value": "Hello"}
HTML = {"type": "text/html", "value": "<p>Hello</p>"}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (a_mail(personalizations=[]), "personalizations"),
        (a_mail(personalizations=None), "personalizations"),
        (a_mail({"to": []}), "personalizations.0.to"),
        (a_mail("ash@example.org", "ASH@example.org"), "personalizations"),
        (a_mail(person("ash@example.org", cc=[{"email": "ash@example.org"}])), "personalizations"),
        (a_mail("not an address"), "personalizations.0.to.0.email"),
        (a_mail("jos\u00e9@example.org"), "personalizations.0.to.0.email"),
        (a_mail(*(f"p{n}@example.org" for n in range(1001))), "personalizations"),
        (a_mail({"to": [{"email": f"p{n}@example.org"} for n in range(1001)]}), "personalizations"),
        (a_mail(**{"from": None}), "from.email"),
        (a_mail(**{"from": {"email": "nobody"}}), "from.email"),
        (a_mail(reply_to={"email": "nobody"}), "reply_to.email"),
        (a_mail(subject=""), "subject"),
        (a_mail(content=[]), "content"),
        (a_mail(content=[{"type": "text/plain", "value": ""}]), "content.0.value"),
        (a_mail(content=[HTML, PLAIN]), "content"),
        (a_mail(content=[PLAIN, PLAIN]), "content"),
        (a_mail(categories=["c"] * 11), "categories"),
        (a_mail(categories=["c" * 256]), "categories"),
        (a_mail(headers={"Reply-To": "a@example.org"}), "headers"),
        (a_mail(person("a@example.org", headers={"SUBJECT": "x"})), "personalizations.0.headers"),
        (a_mail(person("a@example.org", custom_args={"n": 1})), "personalizations.0.custom_args"),
        (a_mail(person("a@example.org", custom_args={"n": "x" * 10_001})), "personalizations.0.custom_args"),
        (a_mail(person("a@example.org", substitutions={"-n-": None})), "personalizations.0.substitutions"),
        (a_mail(custom_args="text"), "custom_args"),
    ],
)
def test_what_breaks_a_rule_is_refused_whole(mailer, sandbox, payload, field):
    status, error = refusal(mailer, payload)

    assert (status, error["field"]) == (400, field)
    assert set(error) == {"message", "field", "help"}
    assert "@" not in error["message"]
    assert sandbox.ledger() == []


def test_a_thousand_people_and_ten_categories_are_taken(mailer, sandbox):
    mailer.send(a_mail(*(f"p{n}@example.org" for n in range(1000)), categories=[f"c{n}" for n in range(10)]))

    assert sandbox.call("GET", "/sandbox/ledger/count").json == {"sms": 0, "email": 1000, "total": 1000}


def test_a_wrong_key_is_a_401(sandbox):
    status, error = refusal(sendgrid.SendGridAPIClient("SG.wrong", host=sandbox.url), a_mail())

    assert (status, error["field"]) == (401, None)


@pytest.mark.parametrize("body", [b"{", b"[]", b""])
def test_what_is_no_json_object_is_a_400(sandbox, body):
    answer = sandbox.call("POST", "/v3/mail/send", body, {"Authorization": f"Bearer {API_KEY}"})

    assert answer.json == {"errors": [{"message": "Bad Request", "field": None, "help": None}]}


def test_sandbox_mode_checks_and_sends_nothing(mailer, sandbox, sink):
    answer = mailer.send(a_mail(mail_settings={"sandbox_mode": {"enable": True}}))
    sandbox.idle()

    assert (answer.status_code, sandbox.ledger(), sink.heard) == (200, [], [])


def test_more_than_30_megabytes_is_answered_by_a_page(sandbox):
    body = b" " * (30 * 2**20 + 1)

    answer = sandbox.call("POST", "/v3/mail/send", body, {"Authorization": f"Bearer {API_KEY}"})

    assert (answer.status, answer.headers.get_content_type()) == (413, "text/html")
    assert "nginx" in answer.text


def look_up(mailer, query, **more):
    answer = mailer.client.logs.post(request_body={"query": query, **more})
    return json.loads(answer.body)["messages"]


def test_logs_find_the_mails_of_a_call_by_category(mailer, sandbox):
    mailer.send(a_mail("ash@example.org", "bo@example.org", categories=["news", "call-1"]))
    mailer.send(a_mail("ash@example.org", categories=["call-2"]))
    sandbox.idle()

    found = look_up(mailer, "categories IN ('call-1', \"call-9\")")

    assert {entry["to_email"] for entry in found} == {"ash@example.org", "bo@example.org"}
    assert {entry["status"] for entry in found} == {"delivered"}
    assert set(found[0]) == {
        "from_email", "sg_message_id", "subject", "to_email", "reason", "status", "sg_message_id_created_at"
    }  # fmt: skip


def test_logs_find_by_address_time_and_status_together(mailer, sandbox):
    mailer.send(a_mail("ash@example.org", "bo@example.org"))
    sandbox.idle()

    query = "to_email = 'ash@example.org' AND status IN ('delivered') AND sg_message_id_created_at > TIMESTAMP \"{}\""

    assert len(look_up(mailer, query.format("2020-01-01T00:00:00Z"))) == 1
    assert look_up(mailer, query.format("2099-01-01T00:00:00Z")) == []
    assert look_up(mailer, "categories IN ('nothing')") == []


def test_logs_give_ten_unless_asked_for_more(mailer):
    mailer.send(a_mail(*(f"p{n}@example.org" for n in range(30)), categories=["c"]))

    assert len(look_up(mailer, "categories IN ('c')")) == 10
    assert len(look_up(mailer, "categories IN ('c')", limit=1000)) == 30
    assert len(look_up(mailer, "", limit=5)) == 5


@pytest.mark.parametrize(
    "query",
    [
        "to_email LIKE 'a'",
        "categories = 'c'",
        "categories IN 'c'",
        "nothing = 'x'",
        "to_email = 'a' OR to_email = 'b'",
        "(to_email = 'a')",
        "sg_message_id_created_at > TIMESTAMP 'yesterday'",
        "to_email = 'a' AND",
    ],
)
def test_a_query_outside_the_language_is_a_400(mailer, query):
    with pytest.raises(HTTPError) as raised:
        look_up(mailer, query)

    assert raised.value.status_code == 400
