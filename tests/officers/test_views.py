"""Signing in and out, as a browser does it."""

import pytest
from flask import session as cookie
from sqlalchemy import select

from peoplelink import clock
from peoplelink.officers import services
from peoplelink.officers.models import Officer, Role
from tests.pages import csrf_token, soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

SIGN_IN, EMAIL, PASSWORD = "/officer/sign-in", "officer@example.org", "three odd words here"


@pytest.fixture
def officer(database):
    with database.transaction() as session:
        return services.create(
            session, name="The Officer", email=EMAIL, password=PASSWORD, role=Role.ADMINISTRATOR, all_zones=True,
            now=clock.now(),
        )  # fmt: skip


def sign_in(client, email=EMAIL, password=PASSWORD, **fields):
    return submit(client, SIGN_IN, email=email, password=password, **fields)


def text_of(response):
    return " ".join(soup(response).get_text(" ").split())


def test_signing_in_leads_home_and_signing_out_ends_it(client, officer):
    answer = sign_in(client)
    home = client.get(answer.location)
    copied = client.get_cookie("peoplelink").value
    out = client.post(
        "/officer/sign-out", data={"csrf_token": soup(home).find("input", {"name": "csrf_token"})["value"]}
    )

    assert answer.location == "/officer"
    assert "The Officer" in text_of(home)
    assert out.location == SIGN_IN
    assert client.get("/officer").location.startswith(SIGN_IN)
    client.set_cookie("peoplelink", copied)
    assert client.get("/officer").location.startswith(SIGN_IN)


def test_a_page_behind_sign_in_is_reached_after_it(client, officer):
    asked = client.get("/officer/broadcasts?page=2").location

    page = soup(client.get(asked))
    answer = sign_in(client, next=page.find("input", {"name": "next"})["value"])

    assert answer.location == "/officer/broadcasts?page=2"


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com/", "//example.com/officer", "/\\example.com", "\\\\example.com", "javascript:alert(1)",
        "/officer/../../x\\y", "http:/officer", "/join", "/officers", "", " /officer", "/officer\n//x", "///officer",
    ],
)  # fmt: skip
def test_no_link_leads_away_from_our_officer_pages(client, officer, target):
    assert sign_in(client, next=target).location == "/officer"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(client, officer):
    wrong, unknown = sign_in(client, password="not this one!"), sign_in(client, email="nobody@example.org")

    assert wrong.status_code == unknown.status_code == 422
    assert soup(wrong).select_one(".govuk-error-summary").text == soup(unknown).select_one(".govuk-error-summary").text
    assert PASSWORD not in unknown.text


def test_what_was_in_the_session_before_signing_in_is_gone(client, officer):
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    token = csrf_token(client, SIGN_IN)

    with client:
        client.post(SIGN_IN, data={"email": EMAIL, "password": PASSWORD, "csrf_token": token})

        assert "planted" not in cookie
        assert cookie["_user_id"] == officer.get_id()


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_ends_after_eight_idle_hours(client, app, officer):
    [header] = [one for one in sign_in(client).headers.getlist("Set-Cookie") if one.startswith("peoplelink=")]

    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert app.config["PERMANENT_SESSION_LIFETIME"].total_seconds() == 8 * 3600
    assert "Expires=" in header


def test_signing_in_without_the_forms_token_is_refused(client, officer):
    assert client.post(SIGN_IN, data={"email": EMAIL, "password": PASSWORD}).status_code == 400


def test_signing_out_is_not_done_by_a_link(client, officer):
    sign_in(client)

    assert client.get("/officer/sign-out").status_code == 405
    assert client.get("/officer").status_code == 200


def test_a_password_set_elsewhere_signs_this_browser_out(client, database, officer):
    sign_in(client)
    with database.transaction() as session:
        mine = session.scalar(select(Officer).where(Officer.email == EMAIL))
        services.set_password(session, mine, "three other words", now=clock.now())

    assert client.get("/officer").location.startswith(SIGN_IN)


def test_changing_a_password_keeps_this_browser_and_ends_the_others(client, app, officer):
    other = app.test_client()
    sign_in(client)
    sign_in(other)

    answer = submit(client, "/officer/password", present=PASSWORD, new="three other words", again="three other words")

    assert answer.location == "/officer"
    assert client.get("/officer").status_code == 200
    assert other.get("/officer").location.startswith(SIGN_IN)
    assert sign_in(app.test_client(), password="three other words").status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "again", "field"),
    [
        ("not this one!", "three other words", "three other words", "#present"),
        (PASSWORD, "short", "short", "#new"),
        (PASSWORD, "three other words", "three other wordz", "#again"),
        (PASSWORD, "", "", "#new"),
    ],
)
def test_a_password_that_will_not_do_is_said_at_its_field(client, officer, present, new, again, field):
    sign_in(client)

    answer = submit(client, "/officer/password", present=present, new=new, again=again)

    assert answer.status_code == 422
    assert soup(answer).select_one(".govuk-error-summary a")["href"] == field
    assert present not in answer.text
