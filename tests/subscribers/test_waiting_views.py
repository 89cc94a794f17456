"""Finding a zone by postcode, and the form of the waiting list."""

import pytest
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.outbound.models import Delivery
from peoplelink.subscribers import areas, consent, limits
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.areas import Listed
from tests.pages import csrf_token, soup, submit
from tests.subscribers import people
from tests.subscribers.join_form import mark

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
FIND, NOT_YET = "/join/postcode", "/join/not-yet"


def find(client, postcode, **how):
    return client.post(FIND, data={"postcode": postcode, "csrf_token": csrf_token(client, "/join")}, **how)


def wait(client, runtime, **fields):
    with runtime.database.read() as session:
        wording = consent.wording(session, "waiting-form").id
    data = {"email": people.EMAIL, "old_enough": "y", "opened": mark(runtime, wording_id=wording), **fields}
    token = csrf_token(client, NOT_YET)
    sent = {name: value for name, value in data.items() if value is not None}
    return client.post(NOT_YET, data={**sent, "csrf_token": token})


def count(runtime, table):
    with runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def waiting_rows(runtime):
    with runtime.database.read() as session:
        return [(row.sector, row.address.value) for row in session.scalars(select(Waiting))]


@pytest.mark.parametrize("page", ["/join", FIND])
def test_a_postcode_in_a_zone_ticks_it(site, page):
    answer = submit(site, FIND, page=page, postcode="le3 6ab")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/join?zone=new-parks")
    page = soup(site.get(answer.headers["Location"]))
    assert [box["value"] for box in page.select("input[name=zones][checked]")] == ["new-parks"]
    assert "Your postcode is in New Parks" in page.main.text


def test_a_postcode_in_two_zones_ticks_both(site, runtime):
    with runtime.database.transaction() as session:
        areas.set_list(session, people.zone(session, "coalville"), Listed(postcodes=("LE3 6AB",)))

    answer = find(site, "LE3 6AB")

    assert answer.headers["Location"] == "/join?zone=coalville&zone=new-parks"


@pytest.mark.parametrize("typed", ["", "LE3", "LE3 6", "new parks", "07700 900123", "\x00", "x" * 5000, "LE3 6AC"])
def test_what_is_no_postcode_is_shown_again_with_what_to_do(site, typed):
    answer = find(site, typed)

    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one(".govuk-error-summary a").text == "Enter a whole postcode, like LE3 6AB"
    assert page.title.text.startswith("Error: ")


def test_the_attribution_that_the_licence_wants_is_shown(site):
    for address in ("/join", FIND):
        words = soup(site.get(address)).main.text
        for line in (
            "Contains OS data © Crown copyright and database right 20",
            "Contains Royal Mail data © Royal Mail copyright and database right 20",
            "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
        ):
            assert line in words


def test_no_postcode_stands_in_an_address_or_a_log(site, runtime, capsys):
    for postcode in ("LE3 6AB", "LE4 5AA"):
        answer = find(site, postcode)
        assert "6AB" not in answer.headers["Location"]
        assert "LE4" not in answer.headers["Location"]
        site.get(answer.headers["Location"])
    wait(site, runtime)

    said = "".join(capsys.readouterr())
    assert not any(part in said for part in ("6AB", "5AA", "resident@"))


def test_a_postcode_in_no_zone_leads_to_the_waiting_list(site, runtime):
    answer = find(site, "LE4 5AA")
    assert (answer.status_code, answer.headers["Location"]) == (303, NOT_YET)
    page = soup(site.get(NOT_YET))
    assert page.h1.text == "Not yet in your area"
    assert "LE4 5" in page.main.text
    assert "LE4 5AA" not in page.text

    answer = wait(site, runtime, mobile="07700 900123")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/join/not-yet/check")
    assert soup(site.get("/join/not-yet/check")).h1.text == "Check your phone and your inbox"
    assert sorted(waiting_rows(runtime)) == [("LE4 5", "+447700900123"), ("LE4 5", people.EMAIL)]
    assert count(runtime, Delivery) == 2


@pytest.mark.parametrize("path", [NOT_YET, "/join/not-yet/check"])
def test_without_a_postcode_the_pages_ask_for_one(site, path):
    assert site.get(path).headers["Location"] == FIND


def test_without_a_postcode_nothing_is_asked(site, runtime):
    answer = site.post(NOT_YET, data={"email": people.EMAIL, "old_enough": "y", "csrf_token": csrf_token(site, FIND)})

    assert (answer.status_code, answer.headers["Location"], count(runtime, Waiting)) == (303, FIND, 0)


@pytest.mark.parametrize(
    ("fields", "what_to_do"),
    [
        ({"email": ""}, "Enter a mobile number, an email address, or both"),
        ({"email": "somebody"}, "Enter an email address, like name@example.com"),
        ({"mobile": "0116 496 0123"}, "landline"),
        ({"old_enough": None}, "13 or over"),
    ],
)
def test_an_error_says_what_to_do_and_nothing_is_sent(site, runtime, fields, what_to_do):
    find(site, "LE4 5AA")

    answer = wait(site, runtime, **fields)

    assert answer.status_code == 422
    [link] = soup(answer).select(".govuk-error-summary a")
    assert what_to_do in link.text
    assert (count(runtime, Waiting), count(runtime, Delivery)) == (0, 0)


@pytest.mark.parametrize("fields", [{"homepage": "https://example.org"}, {"opened": None}, {"opened": "\x00"}])
def test_what_looks_like_a_script_sees_the_same_page_and_sends_nothing(site, runtime, fields):
    find(site, "LE4 5AA")

    answer = wait(site, runtime, **fields)

    assert answer.headers["Location"] == "/join/not-yet/check"
    assert (count(runtime, Waiting), count(runtime, Delivery)) == (0, 0)


def test_over_the_day_s_cap_the_form_says_try_tomorrow(site, runtime, monkeypatch):
    monkeypatch.setattr(limits, "WEB_TEXTS_A_DAY", 0)
    find(site, "LE4 5AA")

    answer = wait(site, runtime, mobile="07700 900123")

    assert answer.status_code == 422
    assert "tomorrow" in soup(answer).select_one(".govuk-error-summary").text
    assert count(runtime, Waiting) == 0


def test_one_client_may_look_up_sixty_postcodes_an_hour(site):
    client = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    token = csrf_token(site, "/join")
    answers = [site.post(FIND, data={"postcode": "?", "csrf_token": token}, **client).status_code for _ in range(61)]

    assert answers == [422] * 60 + [429]


@pytest.fixture
def link(site, runtime):
    find(site, "LE4 5AA")
    wait(site, runtime)
    with runtime.database.read() as session:
        row = session.scalars(select(Waiting)).one()
        return people.Links.of(runtime.config).wait(row).removeprefix(runtime.config.public_url)


def confirmed(runtime):
    with runtime.database.read() as session:
        return session.scalar(select(Waiting.confirmed_at)) is not None


def test_opening_the_link_changes_nothing_and_the_button_puts_them_on_the_list(site, runtime, link):
    page = soup(site.get(link))
    assert (page.h1.text, confirmed(runtime)) == ("One more step", False)

    answer = submit(site, link)

    assert (answer.status_code, confirmed(runtime)) == (303, True)
    assert soup(site.get(link)).h1.text == "You are on the list"
    assert submit(site, link, page="/join").status_code == 303


@pytest.mark.parametrize("token", ["broken", "%00", "x" * 2000, "\N{SNOWMAN}"])
def test_a_broken_link_says_what_to_do(site, token):
    answer = site.get(f"/wait/{token}")

    assert answer.status_code == 404
    assert "Enter your postcode again" in answer.text
    assert submit(site, f"/wait/{token}", page="/join").status_code == 404


def test_the_log_of_acts_holds_no_postcode_and_no_address(site, runtime, link):
    submit(site, link)

    with runtime.database.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.subject_kind == "waiting").order_by(AuditEvent.id)
        ).all()
        assert [event.action for event in events] == ["waiting.asked", "waiting.confirmed"]
        assert not any(part in str(event.detail) for event in events for part in ("LE4", "@"))
        assert all(event.at <= clock.now() for event in events)
