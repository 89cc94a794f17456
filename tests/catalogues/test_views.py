"""The officers' page of languages, and what residents see of it."""

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import func, select

from peoplelink import languages
from peoplelink.audit import AuditEvent
from peoplelink.catalogues import reading, services
from peoplelink.catalogues.models import CatalogueReview
from peoplelink.officers.models import Role
from tests.factories import make_officer
from tests.pages import csrf_token, soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGE = "/officer/languages/pl"


@pytest.fixture
def signed_in(app, change):
    """A function that gives a browser in which an officer with a role has signed in; `client` stays a resident's."""

    def signing_in(role):
        officer, browser = change(lambda session: make_officer(session, role=role)), app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = officer.get_id(), True
        return browser

    return signing_in


@pytest.fixture
def desk(signed_in):
    return signed_in(Role.ADMINISTRATOR)


def approve(desk, **changed):
    asked = {"reader": "Anna  Nowak", "read_on": "14/3/2026", "digest": reading.of("pl").digest} | changed
    return submit(desk, PAGE, **asked)


def reviews(look):
    return look(lambda session: session.scalar(select(func.count()).select_from(CatalogueReview)))


def test_the_page_says_how_each_language_stands(desk):
    text = " ".join(soup(desk.get("/officer/languages")).main.text.split())

    assert "Polish Polski" in text
    assert "Urdu اردو" in text
    assert text.count("Draft") == 2


def test_every_message_stands_beside_its_words(desk):
    page = desk.get(PAGE)
    with languages.path_of("pl").open("rb") as file:
        said = [message.string for message in read_po(file, locale="pl") if message.id]

    assert len(soup(page).select("tbody tr")) == reading.of("pl").messages == len(said)
    forms = sum(1 if isinstance(words, str) else len(words) for words in said)
    assert page.text.count('lang="pl" dir="ltr"') == forms


def test_a_page_is_a_draft_until_somebody_has_read_it(desk, client, look):
    before = client.get("/contact?lang=pl").text

    answer = approve(desk)

    assert answer.status_code == 302
    assert "pl-draft" in before
    assert "read the page in English" in before
    assert "pl-draft" not in client.get("/contact?lang=pl").text
    assert "pl-draft" in client.get("/contact?lang=ur").text
    assert "pl-draft" not in client.get("/contact?lang=en").text
    text = " ".join(soup(desk.get("/officer/languages")).main.text.split())
    assert "Checked by Anna Nowak, Saturday 14 March" in text
    assert reviews(look) == 1


def test_a_page_of_an_error_is_held_to_be_a_draft_while_nobody_has_asked(client, desk):
    approve(desk)

    assert "pl-draft" in client.get("/nowhere?lang=pl").text
    client.get("/contact?lang=pl")
    assert "pl-draft" not in client.get("/nowhere?lang=pl").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reader": " "}, "Enter the name of the person who has read it"),
        ({"reader": "x" * 101}, "Use at most 100 characters for the name"),
        ({"read_on": ""}, "Enter the day as numbers, like 14/3/2027"),
        ({"read_on": "31/2/2026"}, "Enter the day as numbers, like 14/3/2027"),
        ({"read_on": "14/3/9999"}, "Enter the day as numbers, like 14/3/2027"),
        ({"read_on": "14/3/99999999999999999999"}, "Enter the day as numbers, like 14/3/2027"),
        ({"read_on": "1/2"}, "Enter the day as numbers, like 14/3/2027"),
        ({"read_on": "²/3/2026"}, "Enter the day as numbers, like 14/3/2027"),
    ],
)
def test_what_is_missing_is_asked_for(desk, look, wrong, said):
    answer = approve(desk, **wrong)

    assert answer.status_code == 422
    assert said in answer.text
    assert reviews(look) == 0


def test_who_said_it_too_early_makes_it_a_draft_again(desk, client, look):
    for _ in range(2):
        approve(desk)

    answers = [submit(desk, f"{PAGE}/draft", page=PAGE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "pl-draft" in client.get("/contact?lang=pl").text
    assert not look(lambda session: services.is_checked(session, "pl"))
    assert soup(desk.get(PAGE)).find("button", string="Make it a draft again") is None
    logged = look(lambda session: session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all())
    assert logged.count("catalogue.withdrawn") == 1
    approve(desk)
    assert look(lambda session: services.is_checked(session, "pl"))


@pytest.mark.parametrize("digest", ["", "x", "0" * 64])
def test_words_that_were_not_shown_are_not_approved(desk, look, digest):
    answer = approve(desk, digest=digest)

    assert answer.status_code == 409
    assert "They have to be read again" in answer.text
    assert reviews(look) == 0


@pytest.mark.parametrize("code", ["en", "xx", "..%2Fpl"])
def test_there_is_no_page_of_a_language_that_we_do_not_have(desk, code):
    token = csrf_token(desk, PAGE)
    fields = {"csrf_token": token, "reader": "Anna", "read_on": "14/3/2026"}

    assert desk.get(f"/officer/languages/{code}").status_code == 404
    assert desk.post(f"/officer/languages/{code}", data=fields).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_say_who_has_read_what(signed_in, role):
    officer = signed_in(role)

    assert officer.get("/officer/languages").status_code == 403
    assert officer.get(PAGE).status_code == 403
