"""The complaint form for anybody, and a resident's own pages behind their link."""

import dataclasses
import json

import pytest
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.app import PARTS, create_app
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.officers.models import Role
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.rights import holding, public, tasks
from peoplelink.rights.models import HoldKind, RequestKind, RightsRequest
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Objection, Subscriber
from tests.factories import make_address, make_officer, make_subscriber
from tests.pages import csrf_token, soup
from tests.rights import life

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

GOOD = {"words": "You wrote to my mother.", "email": "ash@example.org", "mobile": "", "name": "Ash", "homepage": ""}


def complain(client, **fields):
    return client.post("/complain", data={**GOOD, **fields, "csrf_token": csrf_token(client, "/complain")})


def errors_of(page):
    return [link.text for link in soup(page).select(".govuk-error-summary a")]


def sent(runtime, purpose=Purpose.RIGHTS):
    with runtime.database.read() as session:
        rows = session.execute(
            select(Address.value, Content.text)
            .select_from(Delivery)
            .join(Address, Address.id == Delivery.address_id)
            .join(Content, Content.id == Delivery.content_id)
            .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
            .where(Dispatch.purpose == purpose)
        )
        return [tuple(row) for row in rows]


def only(runtime):
    with runtime.database.read() as session:
        return session.scalars(select(RightsRequest)).one()


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
    codes = [complain(client).status_code for _ in range(int(public.COMPLAINTS_PER_CLIENT.partition("/")[0]) + 1)]

    assert codes == [303] * 5 + [429]


def test_one_address_is_acknowledged_twice_a_day_and_the_rest_is_left_to_an_officer(client, runtime):
    for _ in range(3):
        complain(client)

    assert len(sent(runtime)) == 2


def test_an_acknowledgement_that_did_not_arrive_is_shown_to_the_officer(keeper, runtime):
    complain(keeper)
    with runtime.database.transaction() as session:
        delivery = session.scalars(select(Delivery).join(Dispatch).where(Dispatch.purpose == Purpose.RIGHTS)).one()
        delivery.status = DeliveryStatus.FAILED

    assert "Acknowledge by hand" in keeper.get("/officer/rights").text


# A resident's own pages


@pytest.fixture
def link(runtime, kept):
    config = runtime.config
    return Links("", config.secret_keys).my_data(kept.resident)


def press(client, link, what):
    return client.post(f"{link}/{what}", data={"csrf_token": csrf_token(client, f"{link}/erase")})


def test_a_resident_reads_everything_and_that_they_did_is_logged(client, link, runtime, kept):
    page = soup(client.get(link))

    assert life.WORDS in page.main.text
    assert "data protection officer decides" in page.main.text
    assert "Smoke from a shed." not in page.main.text
    with runtime.database.read() as session:
        logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "rights.read")).one()
        assert (logged.actor, logged.subject_id) == ("resident", kept.public_id)


@pytest.mark.parametrize("form", ["html", "json", "zip"])
def test_they_take_it_away_in_each_form(client, link, form):
    answer = client.get(f"{link}/download/{form}")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename=what-we-hold.{form}"
    assert answer.headers["Cache-Control"] == "no-store"


def test_they_never_get_reports_by_themselves(client, link):
    data = json.loads(client.get(f"{link}/download/json?with_reports=yes").data)

    assert data["sections"]["reports"]["rows"] == []


def test_the_receipt_holds_the_exact_words(client, link):
    page = soup(client.get(f"{link}/agreed"))

    assert "Reply YES to get texts about New Parks." in page.main.text


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "erased.x.y"])
def test_a_broken_link_says_what_to_do(client, token):
    page = client.get(f"/my-data/{token}")

    assert page.status_code == 404
    assert "24 hours" in page.text


def test_a_link_works_for_a_day(client, link, monkeypatch, runtime):
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: clock.now().timestamp() + 24 * 3600 + 5)

    assert client.get(link).status_code == 404


def test_a_link_for_something_else_opens_nothing(client, runtime, kept):
    from peoplelink import keys  # noqa: PLC0415

    other = keys.sign_until(runtime.config.secret_keys, "confirm", kept.public_id)

    assert client.get(f"/my-data/{other}").status_code == 404


def test_looking_at_the_page_that_erases_changes_nothing(client, link, runtime, kept):
    page = client.get(f"{link}/erase")

    assert "What we cannot take back" in page.text
    assert "police or a partner" in page.text
    with runtime.database.read() as session:
        assert session.get(Subscriber, kept.id) is not None


def test_a_resident_erases_everything_and_the_link_is_dead(client, link, runtime, kept):
    answer = press(client, link, "erase")
    tasks.go_on(runtime, PARTS)

    assert answer.headers["Location"] == "/my-data/erased"
    with runtime.database.read() as session:
        assert session.get(Subscriber, kept.id) is None
    assert "has been erased" in client.get(link).text


def test_a_hold_makes_it_a_request_and_does_not_say_why(client, link, runtime, kept):
    with runtime.database.transaction() as session:
        officer = make_officer(session)
        holding.place(session, HoldKind.PERSON, kept.public_id, "A secret matter", by=officer, now=clock.now())

    answer = press(client, link, "erase")

    assert answer.headers["Location"] == "/my-data/asked"
    page = client.get("/my-data/asked")
    assert "within a month" in page.text
    assert "secret" not in page.text
    assert "no more messages from us from now on" in page.text
    assert only(runtime).kind is RequestKind.ERASURE
    with runtime.database.read() as session:
        addresses = [link.address for link in session.get_one(Subscriber, kept.id).addresses]
        assert all(outbound.suppressions_of(session, address) for address in addresses)


def test_asking_twice_under_a_hold_is_one_request(client, link, runtime, kept):
    with runtime.database.transaction() as session:
        holding.place(session, HoldKind.PERSON, kept.public_id, "x", by=make_officer(session), now=clock.now())

    for _ in range(2):
        press(client, link, "erase")

    assert only(runtime).kind is RequestKind.ERASURE


def test_a_resident_objects_and_takes_it_back(client, link, runtime, kept):
    press(client, link, "object")
    press(client, link, "object")
    with runtime.database.read() as session:
        assert session.get(Objection, kept.id) is not None
    assert only(runtime).kind is RequestKind.OBJECTION
    assert "We make no report" in client.get(link).text

    press(client, link, "object-no-more")

    with runtime.database.read() as session:
        assert session.get(Objection, kept.id) is None


def test_the_privacy_page_shows_every_period(client):
    table = soup(client.get("/privacy")).find(id="how-long").find_next("table").text

    for period in ("12 months", "6 months", "90 days", "13 months", "6 years", "30 days", "14 days"):
        assert period in table
    assert "No time is set yet" not in client.get("/privacy").text


def test_without_a_sandbox_drama_numbers_are_refused(runtime):
    real = dataclasses.replace(runtime.config, twilio_base_url="", sendgrid_base_url="")
    app = create_app(dataclasses.replace(runtime, config=real))

    page = complain(app.test_client(), email="", mobile="07700 900333")

    assert page.status_code == 422


@pytest.mark.parametrize("shared", [False, True])
def test_the_preference_centre_leads_there_but_not_from_an_address_that_others_read(client, runtime, kept, shared):
    with runtime.database.transaction() as session:
        number = session.scalars(select(Address).where(Address.value == life.NUMBER)).one()
        if shared:
            make_subscriber(session, sms=number, name="Ash")
        page = Links("", runtime.config.secret_keys).preferences(number)

    links = [link["href"] for link in soup(client.get(f"{page}/{kept.public_id}/held")).select("main a")]

    assert [link.startswith("http") for link in links if "/my-data/" in link] == ([] if shared else [True])
