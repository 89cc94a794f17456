"""The handset page: what a resident received, what they can do, what an attacker cannot."""

import re
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from tests.sandbox.parts import DOMAIN, OURS, Reply, a_mail

RESIDENT = "+447700900123"


def page(sandbox, path="/"):
    answer = sandbox.call("GET", path)
    assert answer.status == 200
    return BeautifulSoup(answer.text, "html.parser")


def submit(sandbox, path, **fields):
    """Send a form as a browser does; gives the address it leads to."""
    headers = {"Origin": sandbox.url, "Content-Type": "application/x-www-form-urlencoded"}
    answer = sandbox.call("POST", path, urlencode(fields).encode(), headers)
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def open_handset(sandbox, address):
    return submit(sandbox, "/handsets", address=address)


def test_an_empty_list_says_how_to_begin(sandbox):
    assert "Invent a number to begin" in page(sandbox).get_text()


def test_an_invented_number_is_ofcoms_and_unused(sandbox):
    titles = {page(sandbox, submit(sandbox, "/handsets", invent="1")).h1.text for _ in range(20)}

    assert len(titles) == 20
    assert all(re.fullmatch(r"07700 900\d{3}", title) for title in titles)


@pytest.mark.parametrize("typed", ["07700 900123", "+447700900123", "+44 7700 900-123"])
def test_a_number_may_be_typed_as_people_write_it(sandbox, typed):
    path = open_handset(sandbox, typed)

    assert page(sandbox, path).h1.text == "07700 900123"
    assert "7700" not in path


@pytest.mark.parametrize("typed", ["", "hello", "12345", "0116 249 3000", "a@b"])
def test_what_is_no_address_gets_help(sandbox, typed):
    headers = {"Origin": sandbox.url, "Content-Type": "application/x-www-form-urlencoded"}
    answer = sandbox.call("POST", "/handsets", urlencode({"address": typed}).encode(), headers)

    assert answer.status == 400
    assert "Enter a UK mobile number, like 07700 900123, or an email address." in answer.text


def test_texts_show_as_bubbles_with_links_and_nothing_unescaped(sandbox, twilio):
    words = 'Hi <b>Ash</b> & co: http://127.0.0.1:8000/s/x?a=1&b="2", thanks.'
    twilio.messages.create(to=RESIDENT, body=words, from_=OURS)
    sandbox.idle()

    soup = page(sandbox, open_handset(sandbox, RESIDENT))

    bubble = soup.select_one(".bubble.theirs .words")
    assert words in bubble.get_text()
    assert bubble.b is None
    assert bubble.a["href"] == "http://127.0.0.1:8000/s/x?a=1&b="
    assert bubble.a["rel"] == ["noopener", "noreferrer"]


def test_what_was_not_delivered_is_not_on_the_handset(sandbox, twilio):
    sandbox.order(rate_undelivered=1)
    twilio.messages.create(to=RESIDENT, body="Lost on the way", from_=OURS)
    sandbox.idle()

    assert "Lost on the way" not in page(sandbox, open_handset(sandbox, RESIDENT)).get_text()


def test_a_reply_goes_to_the_app_and_its_answer_comes_back(sandbox, sink):
    sink.answer = lambda path: Reply(200, b"<Response><Message>Thanks</Message></Response>")
    handset = open_handset(sandbox, RESIDENT)

    led = submit(sandbox, f"{handset}/text", body="JOIN\r\nNEWPARKS")

    soup = page(sandbox, led)
    assert sink.heard[0].form["Body"] == "JOIN\nNEWPARKS"
    assert sink.heard[0].form["From"] == RESIDENT
    assert [bubble["class"][1] for bubble in soup.select(".bubble")] == ["mine", "theirs"]
    assert "Sent: People Link has it." in soup.get_text()


def test_the_providers_own_words_are_marked_and_the_block_is_shown(sandbox):
    handset = open_handset(sandbox, RESIDENT)

    soup = page(sandbox, submit(sandbox, f"{handset}/text", body="STOP"))

    assert "from the provider itself" in soup.get_text()
    assert "blocks texts to this number" in soup.get_text()


@pytest.mark.parametrize(("status", "words"), [(403, "answered 403"), (500, "answered 500")])
def test_an_app_that_refuses_is_reported(sandbox, sink, status, words):
    sink.answer = lambda path: Reply(status)
    handset = open_handset(sandbox, RESIDENT)

    assert words in page(sandbox, submit(sandbox, f"{handset}/text", body="Hello")).get_text()
    assert "Write something first" in page(sandbox, submit(sandbox, f"{handset}/text", body=" ")).get_text()


def a_full_mail(sink):
    headers = {
        "List-Unsubscribe": f"<{sink.url}/unsubscribe/token-1>, <mailto:u@{DOMAIN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return a_mail(
        {"to": [{"email": "ash@example.org"}], "headers": headers},
        reply_to={"email": f"r-1@{DOMAIN}"},
        content=[
            {"type": "text/plain", "value": "Plain words\nhttp://127.0.0.1:8000/confirm"},
            {"type": "text/html", "value": "<p style='color:red'>Rich words</p><script>alert(1)</script>"},
        ],
    )


@pytest.fixture
def mailbox(sandbox, mailer, sink):
    mailer.send(a_full_mail(sink))
    sandbox.idle()
    sink.heard.clear()
    return open_handset(sandbox, "ash@example.org")


def test_a_mail_shows_subject_text_and_html_in_a_closed_frame(sandbox, mailbox):
    soup = page(sandbox, mailbox)
    frame = soup.iframe
    html = sandbox.call("GET", frame["src"])

    assert soup.select_one(".mail h2").text == "News"
    assert soup.select_one(".words a")["href"] == "http://127.0.0.1:8000/confirm"
    assert "allow-scripts" not in frame["sandbox"]
    assert "Rich words" in html.text
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert policy.startswith("sandbox allow-popups")


def test_a_reply_by_mail_goes_to_reply_to_and_quotes(sandbox, mailbox, sink):
    soup = page(sandbox, mailbox)
    mail_id = soup.select_one("input[name=mail]")["value"]

    led = submit(sandbox, f"{mailbox}/mail", mail=mail_id, text="A witness statement")

    body = sink.at("/webhooks/sendgrid/inbound")[0].body.decode()
    assert f'"to":["r-1@{DOMAIN}"]' in body
    assert "Subject: Re: News" in body
    assert "> Plain words" in body
    assert "In-Reply-To: <" in body
    assert "A witness statement" in page(sandbox, led).select_one(".mail.mine").get_text()


def test_a_new_mail_can_be_written_to_our_domain_only(sandbox, mailbox, sink):
    led = submit(sandbox, f"{mailbox}/mail", to=f"hello@{DOMAIN}", subject="Hi", text="Hello")
    elsewhere = submit(sandbox, f"{mailbox}/mail", to="x@elsewhere.example.org", subject="Hi", text="Hello")

    assert "Sent" in page(sandbox, led).get_text()
    assert "nothing was sent" in page(sandbox, elsewhere).get_text()
    assert len(sink.heard) == 1


def test_the_unsubscribe_button_posts_as_a_mail_program_does(sandbox, mailbox, sink):
    soup = page(sandbox, mailbox)
    form = soup.find("form", action=f"{mailbox}/unsubscribe")

    led = submit(sandbox, form["action"], mail=form.find("input")["value"])

    told = sink.at("/unsubscribe/token-1")
    assert [request.form for request in told] == [{"List-Unsubscribe": "One-Click"}]
    assert "accepted it" in page(sandbox, led).get_text()


def test_the_unsubscribe_button_only_ever_posts_to_the_app(sandbox, mailer, sink):
    mail = a_full_mail(sink)
    mail["personalizations"][0]["headers"]["List-Unsubscribe"] = "<http://127.0.0.1:1/elsewhere>"
    mailer.send(mail)
    sandbox.idle()
    handset = open_handset(sandbox, "ash@example.org")

    led = submit(sandbox, f"{handset}/unsubscribe", mail=page(sandbox, handset).select_one("input[name=mail]")["value"])

    assert led.endswith("outcome=elsewhere")


def test_one_handset_cannot_show_another_ones_mail(sandbox, mailbox):
    source = page(sandbox, mailbox).iframe["src"]
    other = open_handset(sandbox, "bo@example.org")

    answer = sandbox.call("GET", f"{other}/mail/{source.rpartition('/')[2]}")

    assert answer.status == 404


def test_an_unknown_handset_leads_home(sandbox):
    answer = sandbox.call("GET", "/handset/000000000000")

    assert (answer.status, answer.headers["Location"]) == (303, "/")


def test_pages_carry_a_strict_policy_and_need_no_inline_code(sandbox, mailbox):
    for path in ("/", mailbox):
        answer = sandbox.call("GET", path)
        soup = BeautifulSoup(answer.text, "html.parser")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert soup.find(style=True) is None
        assert soup.style is None
        assert all(script["src"] for script in soup.find_all("script"))
        assert soup.html["lang"] == "en-GB"
        assert {field["id"] for field in soup.select("input:not([type=hidden]), textarea")} == {
            label["for"] for label in soup.find_all("label")
        }


@pytest.mark.parametrize("name", ["handset.css", "handset.js"])
def test_style_and_script_are_served(sandbox, name):
    answer = sandbox.call("GET", f"/static/{name}")

    assert answer.status == 200
    assert len(answer.body) > 100


def test_the_form_needs_our_own_page_as_its_origin(sandbox):
    answer = sandbox.call("POST", "/handsets", b"invent=1", {"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status == 403
