import pytest

from tests.factories import make_officer
from tests.pages import csrf_token


@pytest.mark.parametrize("query", ["", "?x=1", "?%ff", "?\xff", "?next=//example.org", "?" + "a" * 5000])
def test_whoever_is_not_signed_in_is_sent_to_sign_in_whatever_they_asked_for(client, query):
    answer = client.get(f"/officer/broadcasts{query}".encode("latin-1").decode("latin-1"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/officer/sign-in?next=")


def test_a_query_that_is_no_text_is_no_fault_of_ours(app):
    environ = {"QUERY_STRING": "\xff\xfe"}

    answer = app.test_client().get("/officer/inbox", environ_overrides=environ)

    assert answer.status_code == 302


def test_every_page_forbids_what_it_does_not_need(client):
    headers = client.get("/").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_changes_nothing(client):
    answer = client.post("/officer/sign-in", data={"email": "officer@example.org"})

    assert answer.status_code == 400


def test_a_request_that_is_too_large_is_refused(client):
    token = csrf_token(client, "/officer/sign-in")

    answer = client.post("/officer/sign-in", data={"csrf_token": token, "email": "a" * 1_100_000})

    assert answer.status_code == 413


def test_a_page_that_only_reads_does_not_open_a_writing_session(client, sign_in, change, database):
    sign_in(change(make_officer))

    # While another holds SQLite's write lock, or any lock at all, reading goes on.
    with database.transaction() as session:
        make_officer(session)
        assert client.get("/officer/broadcasts").status_code == 200


def test_the_session_cookie_cannot_be_read_by_scripts(client):
    client.get("/officer/sign-in")

    cookie = client.get_cookie("peoplelink")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
