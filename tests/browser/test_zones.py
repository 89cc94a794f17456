"""Zones in a real browser: found by postcode, waited for, added by an officer; on a small phone, without JavaScript."""

import json
import re

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from peoplelink.subscribers import robots, seed
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import Zone
from tests.browser.test_broadcasts import EMAIL, PASSWORD
from tests.browser.test_joining import Looker, phone  # noqa: F401 - the last is a fixture
from tests.factories import add_noise
from tests.subscribers.test_boundaries import SQUARE, polygon
from tests.subscribers.test_waiting import waits

pytestmark = pytest.mark.browser


@pytest.fixture
def planted(database):
    with database.transaction() as session:
        seed.plant(session, now=clock.now())
        add_noise(session)
        officers.create(
            session, name="The Officer", email=EMAIL, password=PASSWORD, role=Role.ADMINISTRATOR, all_zones=True,
            now=clock.now(),
        )  # fmt: skip


@pytest.fixture
def console(page, site, planted):
    """A page of an officer who has signed in."""
    page.goto(f"{site}/officer/zones")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer/zones")
    return page


@pytest.fixture
def wait_link(runtime, send_waiting):
    def read():
        send_waiting("email:urgent")
        return re.search(r"/wait/\S+", runtime.channels[Medium.EMAIL].sent[-1].body.text)[0].rstrip(")>")

    return read


def test_a_postcode_ticks_the_zone_on_a_small_phone(phone, site, planted):  # noqa: F811
    phone.goto(f"{site}/join")
    phone.get_by_label("Enter your postcode").fill("le3 6ab")
    phone.get_by_role("button", name="Find my zone").click()

    assert "Your postcode is in New Parks" in phone.get_by_role("status").inner_text()
    assert phone.get_by_label("New Parks").is_checked()
    assert not phone.get_by_label("Coalville").is_checked()
    assert "6ab" not in phone.url.lower()


def test_somebody_in_no_zone_waits_for_one(phone, site, planted, database, wait_link):  # noqa: F811
    phone.goto(f"{site}/join")
    phone.get_by_label("Enter your postcode").fill("LE4 5AA")
    phone.get_by_role("button", name="Find my zone").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Not yet in your area"
    wait_by_email(phone)
    assert phone.get_by_role("heading", level=1).inner_text() == "Check your inbox"

    phone.goto(site + wait_link())
    phone.get_by_role("button", name="Yes, tell me").click()

    assert phone.get_by_role("heading", level=1).inner_text() == "You are on the list"
    with database.read() as session:
        [row] = session.scalars(select(Waiting))
        assert (row.sector, row.confirmed_at is not None) == ("LE4 5", True)


def wait_by_email(page):
    page.get_by_label("Email address").fill("resident@example.com")
    page.get_by_label("I am 13 or over").check()
    page.wait_for_timeout(1000 * (robots.LEAST_SECONDS + 1))
    page.get_by_role("button", name="Tell me when there is a zone").click()


@pytest.mark.parametrize("width", [1280])  # small ones: see test_every_public_page
def test_the_pages_of_finding_and_waiting_are_readable_by_everybody(
    page, site, planted, violations, width, wait_link
):  # fmt: skip
    page.set_viewport_size({"width": width, "height": 800})
    look = Looker(page, violations, width)

    look.at(f"{site}/join/postcode")
    page.get_by_role("button", name="Find my zone").click()
    look.now("find, with an error")
    page.get_by_label("Your postcode").fill("LE3 6AB")
    page.get_by_role("button", name="Find my zone").click()
    look.now("join, with a zone ticked")
    page.goto(f"{site}/join/postcode")
    page.get_by_label("Your postcode").fill("LE4 5AA")
    page.get_by_role("button", name="Find my zone").click()
    look.now("not yet")
    page.get_by_role("button", name="Tell me when there is a zone").click()
    look.now("not yet, with errors")
    wait_by_email(page)
    look.now("check")
    link = site + wait_link()
    look.at(link)
    page.get_by_role("button", name="Yes, tell me").click()
    look.now("on the list")


def test_an_officer_adds_a_zone_with_a_boundary_and_tells_who_waited(
    console, site, planted, database, violations, tmp_path
):
    drawn = tmp_path / "zone.geojson"
    drawn.write_text(json.dumps(polygon(SQUARE)))
    with database.transaction() as session:
        waits(session, clock.now(), sector="LE2 6")
    look = Looker(console, violations, 1280)

    look.at(f"{site}/officer/zones")
    console.get_by_role("button", name="Add a zone").click()
    look.now("an empty form")
    console.get_by_label("Name").fill("Saffron Lane")
    console.get_by_label("Town or city").fill("Leicester")
    console.get_by_label("Other words people may text").fill("stop")
    console.get_by_label("Postcodes and sectors").fill("LE2 6\nLE2 7AA")
    console.get_by_label("Boundary").set_input_files(drawn)
    console.get_by_role("button", name="Add the zone").click()
    assert "already orders something" in console.get_by_role("alert").inner_text()
    look.now("with an error")
    console.get_by_label("Other words people may text").fill("saffron")
    console.get_by_label("Boundary").set_input_files(drawn)
    console.get_by_role("button", name="Add the zone").click()

    console.get_by_text("Saffron Lane is saved.").wait_for()
    look.now("saved")
    console.set_viewport_size({"width": 320, "height": 800})
    Looker(console, violations, 320).now("saved, on a small phone")
    console.get_by_role("button", name="Tell them now").click()
    console.get_by_text("We are telling 1 that Saffron Lane has opened").wait_for()
    with database.read() as session:
        assert session.scalars(select(Zone.sectors).where(Zone.slug == "saffron-lane")).one() == ["LE2 6"]
