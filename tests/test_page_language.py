"""The language of a page: what is asked for, what was chosen, what the browser says; and nobody else's."""

import pytest

from peoplelink import languages
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def tag_of(answer):
    """`lang` and `dir` of a page, as they stand in its first lines."""
    start = answer.text[answer.text.index("<html") :].partition(">")[0]
    return tuple(start.partition(f'{name}="')[2].partition('"')[0] for name in ("lang", "dir"))


def test_english_is_what_a_page_speaks_by_itself(client):
    assert tag_of(client.get("/contact")) == ("en-GB", "ltr")


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("pl", ("pl", "ltr")),
        ("pl-PL,pl;q=0.9,en;q=0.5", ("pl", "ltr")),
        ("ur-PK,en;q=0.5", ("ur", "rtl")),
        ("en-GB,en;q=0.9,pl;q=0.8", ("en-GB", "ltr")),
        ("cy,fr;q=0.5", ("en-GB", "ltr")),
        (";;q=x,\x7f", ("en-GB", "ltr")),
    ],
)
def test_the_browser_says_what_its_reader_understands(client, accepted, tag):
    assert tag_of(client.get("/contact", headers={"Accept-Language": accepted})) == tag


def test_what_is_chosen_holds_for_the_pages_that_follow(client):
    assert tag_of(client.get("/contact?lang=ur", headers={"Accept-Language": "pl"})) == ("ur", "rtl")

    assert tag_of(client.get("/cookies", headers={"Accept-Language": "pl"})) == ("ur", "rtl")
    assert tag_of(client.get("/cookies?lang=en")) == ("en-GB", "ltr")
    assert tag_of(client.get("/cookies", headers={"Accept-Language": "pl"})) == ("en-GB", "ltr")


@pytest.mark.parametrize("asked", ["xx", "", "PL", "pl;DROP", "../pl", "pl%00"])
def test_a_language_we_do_not_have_changes_nothing(client, asked):
    answer = client.get(f"/contact?lang={asked}")

    assert (answer.status_code, tag_of(answer)) == (200, ("en-GB", "ltr"))
    assert "Set-Cookie" not in answer.headers


def test_only_a_choice_is_kept_in_the_cookie(client):
    assert "Set-Cookie" not in client.get("/contact", headers={"Accept-Language": "pl"}).headers
    assert "Set-Cookie" in client.get("/contact?lang=pl").headers
    assert "Set-Cookie" not in client.get("/contact?lang=pl").headers


def test_the_thread_that_served_one_reader_speaks_english_to_the_next(client):
    client.get("/contact?lang=ur")

    assert languages.current() is languages.ENGLISH


@pytest.mark.parametrize("path", ["/nowhere", "/confirm/x", "/leave/x"])
def test_errors_are_told_in_the_readers_language(client, path):
    answer = client.get(path, headers={"Accept-Language": "ur"})

    assert (answer.status_code, tag_of(answer)) == (404, ("ur", "rtl"))


def test_a_refused_form_is_told_in_the_readers_language(client):
    answer = client.post("/join", headers={"Accept-Language": "pl"})

    assert answer.status_code in {400, 422}
    assert tag_of(answer) == ("pl", "ltr")


def test_officers_pages_are_in_english_and_offer_nothing_else(client):
    answer = client.get("/officer/sign-in?lang=ur", headers={"Accept-Language": "pl"})

    assert tag_of(answer) == ("en-GB", "ltr")
    assert "pl-languages" not in answer.text
    assert tag_of(client.get("/officers", headers={"Accept-Language": "pl"})) == ("pl", "ltr")


def test_a_page_says_which_language_it_is_in_and_what_that_depends_on(client):
    answer = client.get("/contact?lang=pl")

    assert answer.headers["Content-Language"] == "pl"
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == "no-store"


def test_files_are_the_same_for_everybody(client):
    with client.get("/static/mark.svg?lang=pl") as answer:
        assert "Content-Language" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "Accept-Language" not in answer.vary


def test_every_language_is_offered_in_its_own_words_and_the_rest_of_the_address_kept(client):
    text = client.get("/contact?zone=new-parks&lang=pl&zone=b%26c").text

    assert 'href="?lang=ur&amp;zone=new-parks&amp;zone=b%26c" hreflang="ur" lang="ur" dir="rtl">اردو</a>' in text
    assert '<span lang="pl" dir="ltr" aria-current="true">Polski</span>' in text


def test_no_path_makes_the_choice_a_link_to_another_site(client):
    assert 'href="?lang=pl"' in client.get("//example.org/nowhere").text


@pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
def test_pages_that_are_in_english_only_say_so_in_the_readers_language(client, path):
    text = " ".join(client.get(f"{path}?lang=ur").text.split())

    assert '<main class="govuk-main-wrapper pl-text" id="main-content" lang="en-GB" dir="ltr">' in text
    assert '<title lang="en-GB">' in text
    assert "pl-in-english" in text
    assert "pl-in-english" not in client.get(f"{path}?lang=en").text


@pytest.mark.parametrize(("spoken", "says"), [("pl", "SMS ani e-mail nie jest anonimowy"), ("ur", "گمنام")])
def test_what_matters_most_of_the_privacy_notice_is_said_in_the_readers_language(client, spoken, says):
    page = soup(client.get(f"/privacy?lang={spoken}"))

    short = page.select_one(".pl-in-short")
    assert says in short.text
    assert short.find_parent("main") is None  # the notice itself, which is marked as English
    assert page.main["lang"] == "en-GB"


def test_in_english_the_short_version_stands_once(client):
    assert client.get("/privacy").text.count("The short version.") == 1
