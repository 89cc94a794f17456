import re

import pytest

from peoplelink.officers.models import Role
from peoplelink.subscribers import poster
from tests.factories import make_officer, make_zone
from tests.pages import soup
from tests.subscribers import people

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def office(site, runtime, sign_in):
    with runtime.database.transaction() as session:
        sign_in(make_officer(session, role=Role.VIEWER, zones=[people.zone(session)]))
    return site


def test_a_poster_says_how_to_join_who_we_are_and_how_to_leave(office):
    page = soup(office.get("/officer/posters/new-parks"))

    words = " ".join(page.text.split())
    for part in ("JOIN NEWPARKS", "07700 900000", "Commissioner", "not the police", "call 999", "Emergency? Call 999."):
        assert part.casefold() in words.casefold()
    assert "reply STOP" in words
    assert "127.0.0.1:8000/privacy" in words
    assert page.find("svg", class_="poster-code")
    assert page.html["lang"] == "en-GB"


def test_the_code_opens_the_form_with_the_zone_ticked(office, runtime):
    with runtime.database.read() as session:
        made = poster.of_zone(session, "new-parks", config=runtime.config)

    assert made.join_url == "http://127.0.0.1:8000/join?zone=new-parks"
    ticked = soup(office.get("/join?zone=new-parks")).select("input[name=zones][checked]")
    assert [box["value"] for box in ticked] == ["new-parks"]


def test_a_poster_in_urdu_runs_from_right_to_left(office):
    page = soup(office.get("/officer/posters/new-parks?language=ur"))

    assert (page.html["lang"], page.html["dir"]) == ("ur", "rtl")


@pytest.mark.parametrize("slug", ["coalville", "narnia", "..%2f"])
def test_there_are_posters_of_one_s_own_zones_only(office, slug):
    assert office.get(f"/officer/posters/{slug}").status_code == 404


def test_the_list_names_one_s_own_zones(office):
    page = soup(office.get("/officer/posters"))

    assert [term.text for term in page.select("dt")] == ["New Parks"]


def test_a_zone_without_a_keyword_has_a_poster_with_the_code_alone(office, runtime, sign_in):
    with runtime.database.transaction() as session:
        zone = make_zone(session, slug="hill", name="The <b>Hill</b>")
        sign_in(make_officer(session))
    page = office.get(f"/officer/posters/{zone.slug}")

    assert "By text" not in page.text
    assert "<b>Hill" not in page.text


def test_the_whole_poster_needs_nothing_beside_itself(app, runtime, site):
    with runtime.database.read() as session, app.test_request_context():
        made = poster.of_zone(session, "new-parks", config=runtime.config)
        html = poster.page(made, language="en", whole=True, draft=False)

    assert "@page" in html
    assert not re.search(r"<link|<script|<img|url\(", html)
    assert "Ctrl+P" not in html
