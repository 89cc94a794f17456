"""Rights in a real browser: the complaint form, a resident's own pages, the data protection officer's."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from peoplelink import clock
from peoplelink.app import PARTS
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from peoplelink.rights import tasks
from peoplelink.rights.models import RightsRequest
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Subscriber
from tests.factories import add_noise
from tests.rights import life

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "keeper@example.org", "three odd words here"


@pytest.fixture
def robin(database):
    with database.transaction() as session:
        add_noise(session)
        led = life.lead(session)
        officers.create(
            session, name="The Keeper", email=EMAIL, password=PASSWORD, role=Role.DATA_PROTECTION, all_zones=True,
            now=clock.now(),
        )  # fmt: skip
        return led


@pytest.fixture
def console(page, site, robin):
    """A page of the data protection officer, signed in."""
    page.goto(f"{site}/officer/rights")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer/rights")
    return page


@pytest.fixture
def check(violations):
    """Call with a page and its width: readable by everybody, one h1, nothing beside the screen."""

    def checking(page, width, name):
        expect(page.get_by_role("heading", level=1), name).to_have_count(1)
        assert violations(page) == "", name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    return checking


@pytest.mark.parametrize("width", [320, 1280])
def test_anybody_complains_and_is_told_the_number(page, site, check, database, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/complain")
    check(page, width, "complain")
    page.get_by_role("button", name="Send the complaint").click()
    check(page, width, "complain-errors")
    page.get_by_label("What are you not happy about?").fill("You wrote to my mother.")
    page.get_by_label("Email address").fill("ash@example.org")
    page.get_by_role("button", name="Send the complaint").click()
    page.wait_for_url("**/complain/sent")
    check(page, width, "complained")

    with database.read() as session:
        code = session.scalars(select(RightsRequest.code)).one()
    assert code in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_resident_reads_takes_away_and_erases_without_javascript(browser, site, robin, runtime, check, width):
    link = Links(site, runtime.config.secret_keys).my_data(robin.resident, robin.number)
    looked = browser.new_page(viewport={"width": width, "height": 800})
    looked.goto(link)
    check(looked, width, "my-data")
    looked.goto(f"{link}/agreed")
    check(looked, width, "receipt")
    looked.close()
    page = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800}).new_page()
    page.goto(link)
    with page.expect_download() as download:
        page.get_by_role("link", name="Both, with your pictures and files").click()
    assert download.value.suggested_filename == "what-we-hold.zip"
    page.get_by_role("link", name="Erase everything you hold about me").click()
    assert "police or a partner" in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Yes, erase everything").click()
    assert "You get no more messages" in page.get_by_role("main").inner_text()

    _in_a_thread(tasks.go_on, runtime, PARTS)
    with runtime.database.read() as session:
        assert session.get(Subscriber, robin.resident.id) is None


@pytest.mark.parametrize("width", [320, 1280])
def test_the_officer_finds_holds_and_looks_after_requests_and_periods(console, site, check, robin, width):
    console.set_viewport_size({"width": width, "height": 800})
    check(console, width, "rights")
    console.get_by_label("Mobile number or email address").fill("07700 900111")
    console.get_by_label("Why you look").fill("asked for a copy")
    console.get_by_role("button", name="Find").click()
    check(console, width, "person")
    assert "7700" not in console.url
    assert "robin@example.org" in console.get_by_role("main").inner_text()
    console.get_by_label("In their words").fill("Send me all of it")
    console.get_by_role("button", name="Start its clock").click()
    console.wait_for_url("**/officer/rights")
    check(console, width, "rights-open")
    console.locator("main table a").first.click()
    check(console, width, "request")
    for path in ("log", "retention", "retention/dry-run"):
        console.goto(f"{site}/officer/rights/{path}")
        check(console, width, path.replace("/", "-"))


def _in_a_thread(call, *arguments):
    # Playwright's own event loop runs in this one.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(1) as pool:
        pool.submit(call, *arguments).result()
