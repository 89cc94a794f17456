"""Joining and leaving in every language, on a small phone; and pages mirrored where they have to be."""

import os
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.languages import LANGUAGES
from peoplelink.outbound.models import Address
from peoplelink.outbound.render import leave_url
from peoplelink.subscribers import robots, seed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # many pages each, and axe takes its time
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of what the tests see, for people to look at."""


@pytest.fixture
def zones(database):
    with database.transaction() as session:
        seed.plant(session, now=clock.now())


@pytest.fixture(params=list(LANGUAGES))
def language(request):
    return LANGUAGES[request.param]


@pytest.fixture
def phone(browser, language):
    """A small phone that asks for the language."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, locale=language.tag)
    yield context.new_page()
    context.close()


@pytest.fixture
def assert_is_readable(violations, language):
    def check(page, name):
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{language.code}.png", full_page=True)
        assert violations(page) == "", name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        root = page.locator("html")
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == (language.tag, language.direction)

    return check


@pytest.fixture
def joining(phone, site, zones, runtime, send_waiting, database):
    """Walks through joining by email and leaving again; gives each page's name as it is reached."""

    def walk():
        phone.goto(f"{site}/join")
        phone.locator("button[type=submit]").last.click()
        yield "join-errors"
        phone.locator("[name=zones][value=new-parks]").check()
        phone.locator("[name=old_enough]").check()
        phone.locator("[name=mobile]").fill("07700 900123")
        phone.locator("[name=email]").fill("resident@example.com")
        phone.wait_for_timeout(1000 * (robots.LEAST_SECONDS + 1))
        phone.locator("button[type=submit]").last.click()
        yield "check"
        send_waiting("email:urgent")
        mail = runtime.channels[Medium.EMAIL].sent[-1]
        phone.goto(site + re.search(r"/confirm/[^\s)>]+", mail.body.text)[0])
        yield "confirm"
        phone.locator("button[type=submit]").last.click()
        yield "confirmed"
        with database.read() as session:
            address = session.scalar(select(Address).where(Address.medium == Medium.EMAIL))
        link = leave_url(runtime.config, address.public_id)
        phone.goto(site + link.removeprefix(runtime.config.public_url))
        yield "leave"
        phone.locator("button[type=submit]").last.click()
        yield "left"

    return walk


def test_joining_and_leaving_is_readable_in_every_language(phone, joining, assert_is_readable):
    seen = []
    for name in joining():
        assert_is_readable(phone, name)
        seen.append(phone.locator("h1").inner_text())

    assert len(set(seen)) == 6


@pytest.fixture
def without_scripts(browser):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def test_the_language_is_chosen_and_kept_without_javascript(without_scripts, site, zones):
    page = without_scripts
    page.goto(f"{site}/join?zone=new-parks")

    page.get_by_role("link", name="اردو").click()

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("[name=zones][value=new-parks]").is_checked()
    page.locator("button[type=submit]").last.click()
    assert page.locator("html").get_attribute("lang") == "ur"
    page.get_by_role("link", name="English", exact=True).first.click()
    assert page.locator("html").get_attribute("lang") == "en-GB"


@pytest.mark.parametrize("tag", ["en-GB", "ur"])
def test_a_page_from_right_to_left_is_a_mirror_of_one_from_left_to_right(browser, site, zones, tag):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=tag)
    page = context.new_page()
    page.goto(f"{site}/join")
    page.locator("button[type=submit]").last.click()
    mirrored = tag == "ur"

    def is_right_of(one, other):
        boxes = [page.locator(selector).first.bounding_box() for selector in (one, other)]
        return boxes[0]["x"] + boxes[0]["width"] / 2 > boxes[1]["x"] + boxes[1]["width"] / 2

    assert is_right_of(".pl-languages", ".pl-mark") is not mirrored
    assert is_right_of(".govuk-checkboxes__label", ".govuk-checkboxes__input") is not mirrored
    assert is_right_of(".govuk-grid-row", ".govuk-grid-column-two-thirds") is not mirrored
    style = "getComputedStyle(document.querySelector('.govuk-form-group--error'))"
    assert page.evaluate(f"{style}.border{'Right' if mirrored else 'Left'}Width") == "5px"
    assert page.evaluate(f"{style}.border{'Left' if mirrored else 'Right'}Width") == "0px"
    context.close()


def test_a_number_is_not_turned_round_where_words_run_from_right_to_left(browser, site, zones):
    context = browser.new_context(locale="ur")
    page = context.new_page()
    page.goto(f"{site}/contact")

    number = page.get_by_text("0800 555 111").first

    assert number.evaluate("each => getComputedStyle(each).direction") == "ltr"
    context.close()
