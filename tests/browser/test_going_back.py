"""Going back to a form that had an error: it is there, with what was typed."""

import re

import pytest
from playwright.sync_api import expect

from peoplelink import clock
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from tests.factories import make_zone

pytestmark = pytest.mark.browser

WITH_ERRORS = re.compile("^Error: New broadcast")
EMAIL, PASSWORD = "officer@example.org", "three odd words here"


@pytest.fixture
def console(page, site, database):
    """A page of an officer who has signed in."""
    with database.transaction() as session:
        make_zone(session, name="New Parks")
        officers.create(
            session, name="The Officer", email=EMAIL, password=PASSWORD, role=Role.ADMINISTRATOR, all_zones=True,
            now=clock.now(),
        )  # fmt: skip
    page.goto(f"{site}/officer/broadcasts/new")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer/broadcasts/new")
    return page


@pytest.mark.parametrize("leaving", ["by a link", "by saving"])
def test_a_broadcast_with_an_error_is_still_there_when_its_writer_goes_back(console, leaving):
    words = console.get_by_label("Words of the text message")
    words.fill("A fair on Saturday")
    console.get_by_role("button", name="Save draft").click()
    expect(console).to_have_title(WITH_ERRORS)

    if leaving == "by a link":
        words.fill("A fair on Sunday")
        console.get_by_role("link", name="Inbox").click()
    else:
        words.fill("A fair on Sunday")
        console.get_by_label("Title").fill("May fair")
        console.get_by_role("button", name="Save draft").click()
    expect(console).not_to_have_title(WITH_ERRORS)
    console.go_back()

    expect(console).to_have_title(WITH_ERRORS)
    expect(words).to_have_value("A fair on Sunday")
