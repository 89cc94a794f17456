import dataclasses
import re

import pytest

from peoplelink.app import create_app
from peoplelink.rights import periods
from tests.factories import add_noise, make_zone
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGES = ("/", "/privacy", "/accessibility", "/cookies", "/contact", "/nowhere")


def client_with(runtime, **settings):
    """A browser on the same parts with other settings."""
    config = dataclasses.replace(runtime.config, **settings)
    return create_app(dataclasses.replace(runtime, config=config)).test_client()


def test_every_page_says_what_to_do_in_an_emergency_and_who_we_are(client):
    for path in PAGES:
        page = soup(client.get(path))

        words = " ".join(page.text.split())
        assert "Emergency? Call 999. Not an emergency? Call 101." in words, path
        assert "not watched 24 hours a day" in words, path
        assert "0800 555 111" in words, path
        assert "from the Police and Crime Commissioner\u2019s office" in words, path
        assert len(page.find_all("h1")) == 1, path
        assert page.title.text.strip(), path


def test_every_page_obeys_the_content_security_policy(client):
    for path in PAGES:
        response = client.get(path)

        page = soup(response)
        nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])[1]
        assert not page.find_all("style") + page.find_all(style=True), path
        assert all(script.get("src") or script["nonce"] == nonce for script in page.find_all("script")), path
        outside = [
            tag for tag in page.find_all(["script", "link", "img"]) if "//" in tag.get("src", tag.get("href", ""))
        ]
        assert not outside, path


def test_links_inside_the_public_pages_lead_somewhere(client):
    for path in PAGES:
        for link in soup(client.get(path)).find_all("a", href=re.compile("^/|^#")):
            target, _, anchor = link["href"].partition("#")
            if target == "/join":
                continue  # the residents' own page, tested there
            page = soup(client.get(target or path))
            assert not target or page.h1.text != "Page not found", (path, link["href"])
            assert not anchor or page.find(id=anchor), (path, link["href"])


def test_a_practice_system_says_so(client, runtime):
    live = client_with(runtime, twilio_base_url="https://api.twilio.com")

    assert "Practice system" in client.get("/").text
    assert "Practice system" not in live.get("/").text


def test_a_person_finds_their_zone_and_what_to_text(client, runtime):
    with runtime.database.transaction() as session:
        make_zone(session, name="New Parks", words=["NEWPARKS"], sectors=["LE3 6"], provisional=True)

    card = soup(client.get("/")).find("li", class_="pl-card")

    words = " ".join(card.text.split())
    assert words.startswith("New Parks Leicester, around LE3 6 Text JOIN NEWPARKS to 07700 900000")
    assert "Standing in" in words


def test_a_zone_of_the_offices_own_is_not_marked_as_standing_in(client, runtime):
    with runtime.database.transaction() as session:
        make_zone(session, name="New Parks", words=["NEWPARKS"])

    assert "Standing in" not in client.get("/").text


def test_a_zone_that_is_closed_is_not_offered(client, runtime):
    with runtime.database.transaction() as session:
        add_noise(session)
        make_zone(session, name="Closed Place", active=False)

    page = client.get("/").text

    assert "Elsewhere" in page
    assert "Closed Place" not in page


def test_a_word_that_names_another_zone_is_not_shown(client, runtime):
    with runtime.database.transaction() as session:
        make_zone(session, name="New Parks")
        make_zone(session, name="Another", words=["NEWPARKS"])

    assert "JOIN NEWPARKS" not in client.get("/").text


def test_a_real_number_can_be_tapped_and_a_fictional_one_cannot(client, runtime):
    with runtime.database.transaction() as session:
        make_zone(session, name="New Parks", words=["NEWPARKS"])
    live = client_with(runtime, twilio_base_url="https://api.twilio.com", twilio_from="+441163260000")

    assert "sms:" not in client.get("/").text
    assert soup(live.get("/")).find("a", href="sms:+441163260000?&body=JOIN%20NEWPARKS").text == "0116 326 0000"


def test_without_a_number_to_text_only_the_form_is_offered(client, runtime):
    with runtime.database.transaction() as session:
        make_zone(session, name="New Parks", words=["NEWPARKS"])
    hidden = client_with(runtime, twilio_from=None, twilio_messaging_service_sid="MG" + "0" * 32)

    page = hidden.get("/").text

    assert "JOIN NEWPARKS" not in page
    assert "by text, or" not in page


def test_what_only_the_office_can_say_is_marked(client):
    for path in ("/privacy", "/accessibility", "/contact"):
        marks = soup(client.get(path)).find_all("mark", class_="pl-fill-in")

        assert marks, path
        assert all(mark.text.startswith("[OPCC to fill in: ") for mark in marks), path


def test_the_privacy_notice_says_what_the_law_asks(client):
    words = " ".join(soup(client.get("/privacy")).text.split())

    for duty in (
        "controller",
        "Data protection officer",
        "Lawful basis",
        "Twilio",
        "SendGrid",
        "United States",
        "How long we keep it",
        "change your mind",
        "within 30 days",
        "Information Commissioner",
        "not anonymous",
        "13 or over",
    ):
        assert duty in words, duty


def test_the_privacy_notice_names_the_periods_that_are_enforced_and_no_others(client, database):
    page = soup(client.get("/privacy"))
    section = page.find(id="how-long")
    said = [" ".join(row.get_text(" ").split()) for row in section.find_next("table").select("tbody tr")]

    with database.read() as session:
        enforced = [str(rule.period) for rule in periods.rules(session)]
    assert section.find_next("p").text.startswith("Every night we delete")
    assert [period for line, period in zip(said, enforced, strict=False) if period not in line] == []
    assert len(said) == len(enforced) + 2


def test_the_cookie_page_names_the_cookie_that_is_set(client, runtime):
    secure = client_with(runtime, public_url="https://link.example.org")

    assert ">peoplelink</th>" in client.get("/cookies").text
    assert ">peoplelink-device</th>" in client.get("/cookies").text
    assert ">__Host-peoplelink</th>" in secure.get("/cookies").text
    assert ">__Host-peoplelink-device</th>" in secure.get("/cookies").text


def test_reading_a_page_sets_no_cookie(client):
    for path in PAGES:
        assert "Set-Cookie" not in client.get(path).headers, path
