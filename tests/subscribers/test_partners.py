import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.officers.models import Role
from peoplelink.subscribers import consent, partners, robots
from peoplelink.subscribers.models import SignUp
from peoplelink.subscribers.seed import WEB_FORM
from tests.factories import make_officer
from tests.pages import soup, submit
from tests.subscribers.join_form import GOOD


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        (" HTTPS://Example.org/people/zones?x=1#y ", "https://example.org"),
        ("https://example.org:8443/", "https://example.org:8443"),
        ("http://localhost:8002", "http://localhost:8002"),
        ("https://example.org:443", "https://example.org"),
        ("https://Ex\u00e4mple.org/\u0142\u00f3d\u017a", "https://xn--exmple-cua.org"),
    ],
)
def test_the_start_of_an_address_is_what_counts(typed, origin):
    assert partners.origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "", "example.org", "http://example.org", "https://", "https://*.example.org", "https://exa mple.org",
        "https://example.org; script-src *", "https://example.org,https://other.org", "javascript:alert(1)",
        "https://user@example.org", "https://-x.org", "https://example.org:123456", "https://][@", "https://\u2603..example.org",
        "data:text/html,x", "https://example.org\r\nX: y", "*", "'self'",
    ],
)  # fmt: skip
def test_what_is_no_site_of_a_partner_is_refused(typed):
    with pytest.raises(InvalidInputError, match="https://"):
        partners.origin_of(typed)


def test_sites_are_added_and_removed_with_a_line_in_the_log(session, now):
    site = partners.add(session, " The  Library ", "https://library.example/page", by="officer:x", now=now)

    assert (site.name, partners.origins(session)) == ("The Library", ["https://library.example"])
    with pytest.raises(ConflictError):
        partners.add(session, "Again", "https://library.example", by="officer:x", now=now)
    partners.remove(session, site.public_id, by="officer:x", now=now)
    assert partners.origins(session) == []
    with pytest.raises(NotFoundError):
        partners.remove(session, site.public_id, by="officer:x", now=now)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["partner_site.added", "partner_site.removed"]


def test_a_site_needs_a_name(session, now):
    with pytest.raises(InvalidInputError, match="name"):
        partners.add(session, " ", "https://library.example", by="officer:x", now=now)


# The officers' page

on_one_database = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGE, FRAME = "/officer/partners", "/embed/join"


@pytest.fixture
def desk(site, runtime, sign_in):
    with runtime.database.transaction() as session:
        sign_in(make_officer(session))
    return site


@on_one_database
def test_an_administrator_adds_a_site_and_copies_the_lines(desk):
    added = submit(desk, PAGE, name="The Library", address="https://library.example/")
    page = soup(desk.get(PAGE))

    assert added.status_code == 303
    assert "https://library.example" in page.table.text
    assert page.table.button.text == "Remove The Library"
    lines = [code.text for code in page.select("pre code")]
    assert any('<iframe src="http://127.0.0.1:8000/embed/join?zone=new-parks"' in line for line in lines)


@on_one_database
def test_a_wrong_address_is_explained_and_kept(desk):
    response = submit(desk, PAGE, name="The Library", address="library")

    assert response.status_code == 422
    assert "Enter the start" in soup(response).select_one(".govuk-error-summary").text
    assert soup(response).find(id="address")["value"] == "library"


@on_one_database
def test_only_an_administrator_sees_the_page(desk, runtime, sign_in):
    with runtime.database.transaction() as session:
        sign_in(make_officer(session, role=Role.APPROVER))

    assert desk.get(PAGE).status_code == 403


# The form in the frame


def policy(response):
    [found] = [
        part for part in response.headers["Content-Security-Policy"].split("; ") if part.startswith("frame-ancestors")
    ]
    return found


def mark(runtime, **ago):
    with runtime.database.read() as session:
        wording = consent.wording(session, WEB_FORM)
    return robots.FormMarks(runtime.config.secret_keys).make(wording.id, now=clock.now() - dt.timedelta(**ago))


def sign_ups(runtime):
    with runtime.database.read() as session:
        return session.scalars(select(SignUp)).all()


@on_one_database
def test_only_partners_may_frame_the_form_and_nobody_any_other_page(site, runtime):
    assert policy(site.get(FRAME)) == "frame-ancestors 'none'"
    with runtime.database.transaction() as session:
        partners.add(session, "The Library", "https://library.example", by="officer:x", now=clock.now())

    for path in (FRAME, f"{FRAME}/check?by=sms"):
        assert policy(site.get(path)) == "frame-ancestors https://library.example"
    assert policy(site.post(FRAME)) == "frame-ancestors https://library.example"
    for path in ("/", "/join", "/join/again", "/officer/sign-in", "/embed/nothing"):
        assert policy(site.get(path)) == "frame-ancestors 'none'"


@on_one_database
def test_the_form_in_the_frame_signs_up_without_any_cookie(site, runtime):
    shown = site.get(f"{FRAME}?zone=new-parks")
    sent = site.post(FRAME, data={**GOOD, "email": "resident@example.com", "opened": mark(runtime, minutes=1)})
    after = site.get(sent.headers["Location"])

    assert "Set-Cookie" not in shown.headers
    assert "Set-Cookie" not in sent.headers
    assert (sent.status_code, sent.headers["Location"]) == (303, "/embed/join/check?by=sms&by=email&lang=en")
    assert soup(after).h1.text == "Check your phone and your inbox"
    [made] = sign_ups(runtime)
    assert made.evidence == {"form": "embed"}
    page = soup(shown)
    assert page.select("input[name=zones][checked]")[0]["value"] == "new-parks"
    assert page.find("script", src=True) is None
    assert {link.get("target") for link in page.main.select("a") if link["href"].startswith("/")} == {"_blank"}


@on_one_database
@pytest.mark.parametrize("opened", ["", "forged", None])
def test_a_form_without_our_mark_asks_nobody(site, runtime, opened):
    data = {**GOOD} | ({"opened": opened} if opened is not None else {})

    response = site.post(FRAME, data=data)

    assert response.status_code == 422
    assert "Press Join once more" in soup(response).text
    assert sign_ups(runtime) == []


@on_one_database
def test_a_form_left_open_for_a_day_is_shown_again_with_a_new_mark(site, runtime):
    old = mark(runtime, days=1)
    response = site.post(FRAME, data={**GOOD, "opened": old})

    fresh = soup(response).find("input", attrs={"name": "opened"})["value"]
    assert response.status_code == 422
    assert fresh != old
    assert soup(response).find(id="mobile")["value"] == GOOD["mobile"]


@on_one_database
def test_mistakes_and_scripts_are_met_as_on_the_other_form(site, runtime):
    wrong = site.post(FRAME, data={"opened": mark(runtime, minutes=1)})
    script = site.post(FRAME, data={**GOOD, "opened": mark(runtime, minutes=1), "homepage": "x"})

    assert wrong.status_code == 422
    assert len(soup(wrong).select(".govuk-error-summary a")) == 3
    assert script.status_code == 303
    assert sign_ups(runtime) == []


@on_one_database
def test_the_page_after_shows_nothing_that_was_not_asked(site):
    assert site.get(f"{FRAME}/check").status_code == 302
    assert site.get(f"{FRAME}/check?by=<script>").status_code == 302


@on_one_database
def test_one_client_joins_ten_an_hour_in_the_frame(site, runtime):
    def send(number):
        data = {**GOOD, "mobile": f"07700 9001{number:02}", "opened": mark(runtime, minutes=1)}
        return site.post(FRAME, data=data, environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert [send(number).status_code for number in range(11)] == [303] * 10 + [429]
