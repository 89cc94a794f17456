"""The other ways to join, in a real browser: in a partner's frame, at a doorstep, from a list, on paper."""

import re
import threading

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from peoplelink import clock
from peoplelink.officers.models import Role
from peoplelink.subscribers import partners, robots, seed
from peoplelink.subscribers.imports import tasks
from peoplelink.subscribers.models import SignUp, SubscriberAddress
from tests.factories import make_officer
from tests.subscribers import people
from tests.subscribers.imports.lists import file_of, row

pytestmark = pytest.mark.browser
TOO_SOON = 1000 * (robots.LEAST_SECONDS + 1)
WIDTHS = (320, 1280)


@pytest.fixture
def planted(database):
    with database.transaction() as session:
        seed.plant(session, now=clock.now())


@pytest.fixture
def signed_in(site, planted, database, app, context):
    """A function that makes an officer and signs the browser in as them."""

    def signing_in(**columns):
        with database.transaction() as session:
            zones = [people.zone(session)] if columns.get("role") is Role.CONNECTOR else None
            officer = make_officer(session, zones=zones, **columns)
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = officer.get_id(), True
        value = client.get_cookie("peoplelink").value
        context.add_cookies([{"name": "peoplelink", "value": value, "url": site}])

    return signing_in


@pytest.fixture
def readable(page, violations):
    """Holds the page to axe and to its width."""

    def holding(what, width=320):
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == "", what
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what

    return holding


# In a frame on another site


@pytest.fixture
def library(site):
    """A partner's page on another site (localhost is not 127.0.0.1), with the lines that we tell them to copy."""

    @Request.application
    def page(_request):
        frame = f'<iframe src="{site}/embed/join?zone=new-parks" title="Join People Link" width="320" height="900">'
        return Response(
            f"<!doctype html><html lang=en><title>Library</title><h1>Library</h1>{frame}</iframe>", mimetype="text/html"
        )

    server = make_server("localhost", 0, page, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def strict_page(browser_type, browser_type_launch_args):
    """A page of a browser that lets no page in a frame keep a cookie, and runs no script."""
    arguments = [*browser_type_launch_args["args"], "--test-third-party-cookie-phaseout"]
    strict = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    context = strict.new_context(java_script_enabled=False)
    yield context.new_page()
    strict.close()


def test_somebody_joins_in_a_partner_s_frame_without_a_cookie(strict_page, library, planted, database):
    with database.transaction() as session:
        partners.add(session, "The Library", library, by="officer:x", now=clock.now())
    strict_page.goto(library)
    form = strict_page.frame_locator("iframe")

    expect(form.get_by_label("New Parks")).to_be_checked()
    form.get_by_label("Email address").fill("resident@example.com")
    form.get_by_role("button", name="Join").click()
    expect(form.get_by_role("alert")).to_contain_text("13 or over")
    form.get_by_label("I am 13 or over").check()
    strict_page.wait_for_timeout(TOO_SOON)
    form.get_by_role("button", name="Join").click()

    expect(form.get_by_role("heading", level=1)).to_have_text("Check your inbox")
    assert strict_page.context.cookies() == []
    with database.read() as session:
        assert session.scalars(select(SignUp)).one().evidence == {"form": "embed"}


def test_a_site_that_is_not_on_the_list_shows_nothing(strict_page, library, planted):
    complaints = []
    strict_page.on("console", lambda message: complaints.append(message.text))
    strict_page.goto(library)

    strict_page.wait_for_timeout(1000)
    assert strict_page.frame_locator("iframe").get_by_role("button").count() == 0
    assert any("frame-ancestors" in complaint for complaint in complaints)


def test_the_form_in_the_frame_is_readable(page, site, planted, readable):
    for path in ("/embed/join", "/embed/join/check?by=sms&by=email", "/join/again"):
        page.goto(site + path)
        for width in WIDTHS:
            readable(path, width)
    page.goto(f"{site}/embed/join")
    page.get_by_role("button", name="Join").click()
    readable("with errors")


# At a doorstep


def test_a_connector_signs_up_a_neighbour_on_a_phone(page, site, signed_in, database, readable):
    signed_in(role=Role.CONNECTOR)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site}/officer")
    readable("doorstep")
    sizes = page.locator(".pl-doorstep .govuk-input, .pl-doorstep button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44

    page.get_by_label("New Parks").check()
    page.get_by_label("Their mobile number").fill("07700 900123")
    page.get_by_label("I read these words out, and they agreed").check()
    page.get_by_label("They say they are 13 or over").check()
    page.get_by_label("Where are you?").fill("At their door")
    page.get_by_role("button", name="Send them our message").click()

    expect(page.get_by_role("status")).to_contain_text("reply YES to our text")
    with database.read() as session:
        assert session.scalars(select(SignUp)).one().evidence["where"] == "At their door"


# From a list


def test_an_administrator_looks_at_a_list_and_then_imports_it(
    page, site, signed_in, runtime, database, tmp_path, readable
):
    signed_in()
    path = tmp_path / "people.csv"
    path.write_bytes(file_of(row(), row("07700 900124", source=""), row(name="Sam")))
    page.goto(f"{site}/officer/imports")
    readable("imports")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_label("Sign them up now").check()
    page.get_by_role("button", name="Look at the file").click()
    with database.read() as session:
        assert session.scalar(select(SubscriberAddress)) is None
    in_a_thread(tasks.work, runtime)
    page.goto(page.url)

    expect(page.get_by_text("waiting for you to start it")).to_be_visible()
    expect(page.get_by_text("The source of the consent is missing.")).to_be_visible()
    expect(page.get_by_text("The same number or mailbox stands on line 2.")).to_be_visible()
    assert "900123" not in page.inner_text("main")
    for width in WIDTHS:
        readable("preview", width)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all refused rows").click()
    assert "line,reason" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Start the import").click()
    in_a_thread(tasks.work, runtime)
    page.goto(page.url)

    expect(page.get_by_text("This import is finished.")).to_be_visible()
    with database.read() as session:
        assert [link.address.value for link in session.scalars(select(SubscriberAddress))] == ["+447700900123"]


def test_a_list_of_which_no_row_can_be_imported_is_not_offered_to_start(
    page, site, signed_in, runtime, tmp_path, readable
):
    signed_in()
    path = tmp_path / "people.csv"
    path.write_bytes(file_of(row(source=""), row("07700 900124", source="")))
    page.goto(f"{site}/officer/imports")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_label("Sign them up now").check()
    page.get_by_role("button", name="Look at the file").click()
    in_a_thread(tasks.work, runtime)
    page.goto(page.url)

    expect(page.get_by_text("No row can be imported, and nobody was added.")).to_be_visible()
    expect(page.get_by_text("The source of the consent is missing.")).to_have_count(2)
    expect(page.get_by_role("button", name="Start the import")).to_have_count(0)
    readable("nothing to import")
    page.goto(f"{site}/officer/imports")
    assert "start it" not in page.inner_text("main")


def test_a_list_is_cancelled_and_its_page_says_so(page, site, signed_in, runtime, tmp_path, readable):
    signed_in()
    path = tmp_path / "people.csv"
    path.write_bytes(file_of(row()))
    page.goto(f"{site}/officer/imports")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_label("Sign them up now").check()
    page.get_by_role("button", name="Look at the file").click()
    in_a_thread(tasks.work, runtime)
    page.goto(page.url)

    page.get_by_role("button", name="Cancel it").click()

    expect(page.get_by_role("heading", name="The first who can be imported")).to_have_count(0)
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    readable("a cancelled list")


def test_a_file_that_is_no_list_is_explained(page, site, signed_in, tmp_path):
    signed_in()
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(2_000_000))
    page.goto(f"{site}/officer/imports")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()

    expect(page.get_by_role("alert")).to_contain_text("This is not a CSV file")


def in_a_thread(task, runtime):
    """Playwright's own event loop runs in this one."""
    worker = threading.Thread(target=task, args=(runtime,))
    worker.start()
    worker.join(60)


# On paper, and the partners' page


def test_the_poster_is_one_page_of_a4_and_readable_on_a_phone(page, site, signed_in, readable, tmp_path):
    signed_in()
    page.goto(f"{site}/officer/posters/new-parks")
    for width in WIDTHS:
        readable("poster", width)

    page.emulate_media(media="print")
    assert page.locator(".poster-foot").evaluate("foot => foot.getBoundingClientRect().bottom") <= 297 * 96 / 25.4
    foot = "document.querySelector('.poster-foot').getBoundingClientRect().top"
    assert page.locator(".poster-facts").evaluate(f"facts => facts.getBoundingClientRect().bottom <= {foot}")
    printed = page.pdf(path=tmp_path / "poster.pdf", prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]", printed)


def test_the_partners_and_posters_pages_are_readable(page, site, signed_in, database, readable):
    signed_in()
    with database.transaction() as session:
        partners.add(session, "The Library", "https://library.example", by="officer:x", now=clock.now())
    for path in ("/officer/partners", "/officer/posters", "/officer/sign-up"):
        page.goto(site + path)
        for width in WIDTHS:
            readable(path, width)
