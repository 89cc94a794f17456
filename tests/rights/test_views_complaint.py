"""The complaint form, which is there for anybody."""

import dataclasses

import pytest
from sqlalchemy import delete, func, select

from peoplelink import clock
from peoplelink.app import create_app
from peoplelink.channels.messages import Medium
from peoplelink.officers.models import Role
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.rights import acknowledging, public
from peoplelink.rights.models import RequestKind, RightsRequest
from tests.factories import make_address, make_officer
from tests.pages import csrf_token, soup
from tests.rights.desk import only, sent

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

GOOD = {"words": "You wrote to my mother.", "email": "ash@example.org", "mobile": "", "name": "Ash", "homepage": ""}


def complain(client, **fields):
    return client.post("/complain", data={**GOOD, **fields, "csrf_token": csrf_token(client, "/complain")})


def errors_of(page):
    return [link.text for link in soup(page).select(".govuk-error-summary a")]


def test_a_complaint_is_kept_acknowledged_by_mail_and_its_number_shown(client, runtime):
    answer = complain(client)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/complain/sent")
    made = only(runtime)
    assert (made.kind, made.words, made.contact) == (RequestKind.COMPLAINT, GOOD["words"], "ash@example.org")
    [(to, words)] = sent(runtime)
    assert to == "ash@example.org"
    assert made.code in words
    assert made.acknowledged_how == "email"
    assert made.code in soup(client.get("/complain/sent")).main.text


def test_a_number_alone_is_answered_by_a_text_of_one_part(client, runtime):
    complain(client, email="", mobile="07700 900333")

    [(to, words)] = sent(runtime)
    assert (to, len(words) <= 160) == ("+447700900333", True)
    assert words.startswith("People Link: we have your complaint")


def test_after_a_stop_no_text_is_sent_and_an_officer_is_to_acknowledge(client, runtime, database):
    with database.transaction() as session:
        stopped = make_address(session, Medium.SMS, "+447700900333")
        outbound.suppress(session, stopped, SuppressionReason.STOP, source="text", now=clock.now())

    complain(client, email="", mobile="07700 900333")

    assert sent(runtime) == []
    assert only(runtime).acknowledged_at is None


def test_officers_of_data_protection_are_told_without_a_word_of_it(client, runtime, database):
    with database.transaction() as session:
        make_officer(session, role=Role.DATA_PROTECTION, email="keeper@office.example.org")
        make_officer(session, role=Role.COMPOSER, email="writer@office.example.org")

    complain(client)

    [(to, words)] = sent(runtime, Purpose.NOTICE)
    assert to == "keeper@office.example.org"
    assert only(runtime).code in words
    assert "mother" not in words
    assert "ash@" not in words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": ""}, "Write what you are not happy about"),
        ({"words": " \n "}, "Write what you are not happy about"),
        ({"words": "x" * 5001}, "Shorten what you wrote to 5,000 characters or fewer"),
        ({"email": ""}, "Enter an email address or a mobile number, so that we can answer you"),
        ({"email": "ash"}, "Enter an email address, like name@example.com"),
        ({"email": "", "mobile": "0116 326 0000"}, "That is a landline, and we cannot text it. "),
        ({"name": "x" * 201}, "Shorten your name to 200 characters or fewer"),
    ],
)
def test_bad_input_is_said_with_what_to_do_and_kept_on_the_form(client, runtime, fields, said):
    page = complain(client, **fields)

    assert page.status_code == 422
    assert any(error.startswith(said) for error in errors_of(page))
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(RightsRequest)) == 0


@pytest.mark.parametrize(
    "words", ["\x00", "\ud800".encode("utf-8", "surrogatepass"), "<script>alert(1)</script>", "😀" * 9]
)
def test_no_input_is_an_error_of_ours(client, words):
    page = complain(client, words=words)

    assert page.status_code in {303, 422}


def test_a_script_that_fills_in_the_hidden_box_sees_the_same_and_nothing_is_kept(client, runtime):
    answer = complain(client, homepage="http://spam.example")

    assert answer.headers["Location"] == "/complain/sent"
    assert soup(client.get("/complain/sent")).h1.text == "We have your complaint"
    assert sent(runtime) == []
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(RightsRequest)) == 0


def test_the_page_of_a_sent_complaint_is_not_there_without_one(client):
    assert client.get("/complain/sent").headers["Location"] == "/complain"


def test_one_client_cannot_send_complaints_without_end(client):
    pages = [complain(client) for _ in range(int(public.COMPLAINTS_PER_CLIENT.partition("/")[0]) + 1)]

    assert [page.status_code for page in pages] == [303] * 5 + [429]
    assert errors_of(pages[-1]) == [
        "Several complaints have just come from where you are. Please try again in an hour, or reach us another way."
    ]
    form = soup(pages[-1]).select_one("form[action='/complain']")
    assert form.select_one("textarea").text.strip() == GOOD["words"]
    assert form.select_one("[name=email]")["value"] == GOOD["email"]


def test_one_address_is_acknowledged_twice_a_day_and_the_rest_is_left_to_an_officer(client, runtime):
    for _ in range(3):
        complain(client)

    assert len(sent(runtime)) == 2


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (SuppressionReason.COMPLAINED, "They reported a message of ours as spam, so we may not write to this address."),
        (SuppressionReason.BOUNCED, "Messages to this address come back"),
        (None, "So many acknowledgements went out that day that this one was left to you."),
    ],
)
def test_the_officer_reads_why_somebody_was_not_told(client, keeper, runtime, monkeypatch, reason, said):
    if reason is None:
        monkeypatch.setattr(acknowledging, "A_DAY_TO_ALL", 0)
    else:
        with runtime.database.transaction() as session:
            mailbox = make_address(session, Medium.EMAIL, GOOD["email"])
            outbound.suppress(session, mailbox, reason, source="test", now=clock.now())

    complain(client)

    assert said in keeper.get(f"/officer/rights/requests/{only(runtime).public_id}").text


def test_nothing_is_said_of_why_once_the_mailbox_has_been_forgotten(client, keeper, runtime, monkeypatch):
    monkeypatch.setattr(acknowledging, "A_DAY_TO_ALL", 0)
    complain(client)
    with runtime.database.transaction() as session:
        session.execute(delete(Address).where(Address.value == GOOD["email"]))

    page = keeper.get(f"/officer/rights/requests/{only(runtime).public_id}").text

    assert "how?" in page
    assert "They have not been told" not in page


def test_an_acknowledgement_that_did_not_arrive_is_shown_to_the_officer(keeper, runtime):
    complain(keeper)
    with runtime.database.transaction() as session:
        delivery = session.scalars(select(Delivery).join(Dispatch).where(Dispatch.purpose == Purpose.RIGHTS)).one()
        delivery.status = DeliveryStatus.FAILED

    assert "Acknowledge by hand" in keeper.get("/officer/rights").text


def test_without_a_sandbox_drama_numbers_are_refused(runtime):
    real = dataclasses.replace(runtime.config, twilio_base_url="", sendgrid_base_url="")
    app = create_app(dataclasses.replace(runtime, config=real))

    page = complain(app.test_client(), email="", mobile="07700 900333")

    assert page.status_code == 422
