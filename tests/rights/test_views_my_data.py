"""A resident's own pages behind their link: what we hold, a copy, erasure, objection."""

import json

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.app import PARTS
from peoplelink.audit import AuditEvent
from peoplelink.officers.models import Role
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose
from peoplelink.rights import holding, tasks
from peoplelink.rights.models import HoldKind, RequestKind
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import LinkStatus, Objection, Subscriber, SubscriberAddress
from tests.factories import make_officer, make_subscriber
from tests.pages import csrf_token, soup
from tests.rights import life
from tests.rights.desk import only, sent

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def link(runtime, kept):
    config = runtime.config
    return Links("", config.secret_keys).my_data(kept.resident, kept.number)


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


def test_the_link_does_not_work_once_they_have_given_up_the_address_it_was_sent_to(client, link, kept, change):
    def gives_up(session):
        link = session.get(SubscriberAddress, (kept.id, kept.number.id))
        link.status, link.stopped_at = LinkStatus.CLOSED, clock.now()

    change(gives_up)

    for answer in (client.get(link), client.post(f"{link}/erase", data={"csrf_token": csrf_token(client, "/join")})):
        assert answer.status_code == 404
        assert "24 hours" in answer.text


def test_made_up_links_use_up_nothing_of_what_others_on_the_line_may_do(client, link):
    token = csrf_token(client, f"{link}/erase")
    for _ in range(61):
        assert client.post("/my-data/x/erase", data={"csrf_token": token}).status_code == 404

    assert client.post(f"{link}/erase", data={"csrf_token": token}).status_code == 303


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


@pytest.mark.parametrize(
    ("pressed", "held", "told"),
    [
        ("object", False, "An objection has come in, number {code}. It must be answered by "),
        (
            "erase",
            True,
            "A request to erase, which a legal hold stops, has come in, number {code}. It must be answered",
        ),
    ],
)
def test_officers_of_data_protection_are_told_once_what_waits_for_them(
    client, link, runtime, kept, pressed, held, told
):
    with runtime.database.transaction() as session:
        keeper = make_officer(session, role=Role.DATA_PROTECTION, email="keeper@office.example.org")
        if held:
            holding.place(session, HoldKind.PERSON, kept.public_id, "x", by=keeper, now=clock.now())

    for _ in range(2):
        press(client, link, pressed)

    [words] = [words for to, words in sent(runtime, Purpose.NOTICE) if to == "keeper@office.example.org"]
    assert told.format(code=only(runtime).code) in words
    assert life.NAME not in words


def test_objecting_again_and_again_is_one_request(client, link, runtime, kept):
    for _ in range(3):
        press(client, link, "object")
        press(client, link, "object-no-more")

    assert only(runtime).kind is RequestKind.OBJECTION


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


@pytest.mark.parametrize("shared", [False, True])
def test_the_preference_centre_leads_there_but_not_from_an_address_that_others_read(client, runtime, kept, shared):
    with runtime.database.transaction() as session:
        number = session.scalars(select(Address).where(Address.value == life.NUMBER)).one()
        if shared:
            make_subscriber(session, sms=number, name="Ash")
        page = Links("", runtime.config.secret_keys).preferences(number)

    links = [link["href"] for link in soup(client.get(f"{page}/{kept.public_id}/held")).select("main a")]

    assert [link.startswith("http") for link in links if "/my-data/" in link] == ([] if shared else [True])
