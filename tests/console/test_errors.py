import dataclasses

import pytest

from peoplelink import web
from peoplelink.app import create_app
from peoplelink.db import Database
from peoplelink.engines import make_engine
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def fail_with(app, error):
    def view():
        raise error

    app.add_url_rule("/test/fail", "test_fail", web.public(view))
    return app.test_client().get("/test/fail")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_each_error_says_what_to_do(app, status):
    with app.test_request_context("/"):
        page, answered = web._error_page(status, "")

    assert answered == status
    assert "<h1" in page
    assert "Go to the start page" in page


def test_errors_of_different_kinds_have_different_words(app):
    with app.test_request_context("/"):
        headings = {
            web._error_page(status, "")[0].split("<h1")[1].split("</h1>")[0]
            for status in (403, 404, 405, 409, 429, 500)
        }

    assert len(headings) == 6


@pytest.mark.parametrize(("unusual", "like"), [(418, 400), (507, 500)])
def test_an_unusual_error_gets_the_words_of_its_family(app, unusual, like):
    with app.test_request_context("/"):
        page, usual = web._error_page(unusual, "")[0], web._error_page(like, "")[0]

    assert page == usual


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("No such report."), 404),
        (ConflictError("Already sent."), 409),
        (InvalidInputError("Too long."), 422),
    ],
)
def test_what_the_service_says_is_shown(fresh_app, error, status):
    response = fail_with(fresh_app, error)

    assert response.status_code == status
    assert str(error) in response.text


def test_what_the_service_says_cannot_become_markup(fresh_app):
    response = fail_with(fresh_app, InvalidInputError("<b>bold</b>"))

    assert "&lt;b&gt;" in response.text


def test_a_crash_gives_nothing_away(fresh_app):
    response = fail_with(fresh_app, RuntimeError("secret +447700900123"))

    assert response.status_code == 500
    assert "secret" not in response.text
    assert "07700" not in response.text.replace("900000", "")


def test_a_form_without_its_token_is_explained(client):
    response = client.post("/officer/sign-out")

    assert response.status_code == 400
    assert soup(response).h1.text == "This form has run out"


def test_the_page_of_an_error_needs_no_database(runtime, tmp_path):
    gone = Database(make_engine(f"sqlite:///{tmp_path}/no/such/folder/x.db"))
    client = create_app(dataclasses.replace(runtime, database=gone)).test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "whoever:1"

    response = client.get("/")

    assert response.status_code == 503
    assert "Sorry, we are not working just now" in response.text


def test_the_console_answers_a_signed_in_officer_while_the_database_is_away(runtime, tmp_path):
    gone = Database(make_engine(f"sqlite:///{tmp_path}/no/such/folder/x.db"))
    client = create_app(dataclasses.replace(runtime, database=gone)).test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "00000000-0000-4000-8000-000000000000:1"

    response = client.get("/officer/password")

    assert response.status_code == 503
    assert "Sorry, we are not working just now" in response.text
