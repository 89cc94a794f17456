"""Joining in a real browser: on a small phone, with and without JavaScript, with mistakes put right."""

import dataclasses
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from peoplelink import app as application
from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.subscribers import robots, seed
from peoplelink.subscribers.models import SubscriberAddress
from tests.factories import add_noise

pytestmark = pytest.mark.browser


@pytest.fixture
def zones(database):
    with database.transaction() as session:
        seed.plant(session, now=clock.now())
        add_noise(session)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(browser, request):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def fill_in(page, **typed):
    page.get_by_label("New Parks").check()
    page.get_by_label("I am 13 or over").check()
    for label, value in typed.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.wait_for_timeout(1000 * (robots.LEAST_SECONDS + 1))
    page.get_by_role("button", name="Join").click()


@pytest.fixture
def confirm_link(runtime, send_waiting):
    def read():
        send_waiting("email:urgent")
        mail = runtime.channels[Medium.EMAIL].sent[-1]
        return re.search(r"/confirm/\S+", mail.body.text)[0].rstrip(")>")

    return read


def test_somebody_joins_by_email_on_a_small_phone(phone, site, zones, database, confirm_link):
    phone.goto(f"{site}/join")
    fill_in(phone, Email_address="resident@example.com", Your_name="Sam")

    assert phone.get_by_role("heading", level=1).inner_text() == "Check your inbox"
    phone.goto(site + confirm_link())
    phone.get_by_role("button", name="Yes, sign me up").click()

    assert "in" in phone.get_by_role("heading", level=1).inner_text().lower()
    with database.read() as session:
        values = [link.address.value for link in session.scalars(select(SubscriberAddress))]
    assert "resident@example.com" in values


def test_mistakes_are_named_linked_and_nothing_typed_is_lost(phone, site, zones):
    phone.goto(f"{site}/join")
    phone.get_by_label("Mobile number").fill("0116 326 0000")
    phone.get_by_label("Your name").fill("Sam")
    phone.get_by_role("button", name="Join").click()

    summary = phone.get_by_role("alert")
    assert phone.title().startswith("Error: ")
    assert "That is a landline" in summary.inner_text()
    assert phone.get_by_label("Mobile number").input_value() == "0116 326 0000"
    assert phone.get_by_label("Your name").input_value() == "Sam"
    summary.get_by_role("link", name="Choose at least one zone").click()
    expect(phone.locator("#zones")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1280])  # small ones: see test_every_public_page
def test_the_pages_of_joining_and_leaving_are_readable_by_everybody(
    page, site, zones, runtime, violations, width, confirm_link
):
    page.set_viewport_size({"width": width, "height": 800})
    look = Looker(page, violations, width)

    look.at(f"{site}/join")
    page.get_by_role("button", name="Join").click()
    look.now("join with errors")
    fill_in(page, Email_address="resident@example.com", Mobile_number="07700 900123")
    look.now("check")
    link = confirm_link()
    look.at(site + link)
    page.get_by_role("button", name="Yes, sign me up").click()
    look.now("confirmed")
    leave = runtime.channels[Medium.EMAIL].sent[-1].substitutions["-pl_leave-"]
    look.at(site + leave.removeprefix(runtime.config.public_url))
    page.get_by_role("button", name="Yes, stop the emails").click()
    look.now("left")
    look.at(f"{site}/confirm/broken")


class Looker:
    """Holds a page to its width and to axe."""

    def __init__(self, page, violations, width):
        self._page, self._violations, self._width = page, violations, width

    def at(self, address):
        self._page.goto(address)
        self.now(address)

    def now(self, what):
        assert self._violations(self._page) == "", what
        assert self._page.evaluate("document.documentElement.scrollWidth") <= self._width, what


def test_a_real_provider_refuses_a_number_from_a_play(page, zones, runtime):
    live = dataclasses.replace(runtime.config, twilio_base_url="https://api.twilio.com")
    client = application.create_app(dataclasses.replace(runtime, config=live)).test_client()
    form = client.get("/join").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)[1]

    answer = client.post("/join", data={"csrf_token": token, "mobile": "07700 900123", "zones": "new-parks"})

    assert answer.status_code == 422
    assert "films and plays" in answer.text
