"""Writing and following a broadcast in a real browser: the check that follows the typing, the progress that ends."""

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.factories import make_broadcast, make_subscriber, make_topic, make_zone

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "officer@example.org", "three odd words here"
WORDS = "Dear {name|neighbour},\n\nA **fair**:\n\n- food\n- music\n\n[More](https://example.org/)"


@pytest.fixture
def zones(database):
    with database.transaction() as session:
        made = [make_zone(session, name=name) for name in ("Bell Foundry", "New Parks")]
        make_topic(session, name="Events")
        for _ in range(3):
            make_subscriber(session, zones=made[:1], sms=True, email=True)
        officers.create(
            session, name="The Officer", email=EMAIL, password=PASSWORD, role=Role.ADMINISTRATOR, all_zones=True,
            now=clock.now(),
        )  # fmt: skip
    return made


@pytest.fixture
def console(page, site, zones):
    """A page of an officer who has signed in, and what its console complained of."""
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/officer/broadcasts")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer/broadcasts")
    yield page
    assert complaints == []


def saved(database, zones, **columns):
    with database.transaction() as session:
        return make_broadcast(session, zones=[session.merge(zone) for zone in zones], **columns)


def released(database, runtime, zones):
    broadcast = saved(database, zones, status=BroadcastStatus.RELEASING)
    tasks.release(runtime)
    return broadcast


def deliver(database, runtime, broadcast):
    with database.transaction() as session:
        dispatch_id = session.get_one(Broadcast, broadcast.id).dispatch_id
        for delivery in session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch_id)):
            delivery.status = DeliveryStatus.DELIVERED
    tasks.refresh(runtime)


def fits_a_small_phone(page):
    page.set_viewport_size({"width": 320, "height": 640})
    return page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_check_follows_what_is_typed(console, site):
    console.goto(f"{site}/officer/broadcasts/new")
    check = console.get_by_role("region", name="Check as you write")

    console.get_by_label("Bell Foundry").check()
    console.get_by_label("Words of the text message").fill("A fair \N{ROCKET}")
    check.get_by_text("3 people will get it.").wait_for()
    check.get_by_text("rocket").wait_for()

    console.get_by_label("Words of the text message").fill("A fair {name}")
    check.get_by_text("To put right before it can be sent").wait_for()
    assert check.get_by_text("rocket").count() == 0


def test_a_broadcast_is_written_previewed_and_sent_by_hand(console, site, jobs):
    console.goto(f"{site}/officer/broadcasts/new")
    console.get_by_label("Title").fill("May fair")
    console.get_by_label("Bell Foundry").check()
    console.get_by_label("Words of the text message").fill("A fair.")
    console.get_by_label("Email subject").fill("A fair")
    console.get_by_label("Words of the email").fill(WORDS)
    console.get_by_role("button", name="Check and preview").click()

    console.frame_locator("iframe").get_by_text("Dear The Officer").wait_for()
    console.get_by_role("button", name="Send now").click()
    console.get_by_role("button", name="Send to 3 people now").click()

    console.get_by_text("Releasing").first.wait_for()
    assert jobs.rung == ["release"]


def test_progress_moves_by_itself_and_stops_asking_when_it_is_over(console, site, database, runtime, zones):
    broadcast = released(database, runtime, zones)
    asked = []
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}")
    console.on("request", lambda request: asked.append(request.url) if request.url.endswith("/progress") else None)

    deliver(database, runtime, broadcast)
    console.get_by_text("3 of 3 delivered").first.wait_for()
    so_far = len(asked)
    console.wait_for_timeout(4500)

    assert so_far >= 1
    assert len(asked) == so_far


@pytest.mark.parametrize("name", ["", "/broadcasts", "/broadcasts/new", "/password"])
def test_pages_are_readable_by_everybody_and_fit_a_small_phone(console, site, violations, name):
    console.goto(f"{site}/officer{name}")

    assert violations(console) == ""
    assert fits_a_small_phone(console)


@pytest.mark.parametrize("name", ["/edit", "/preview", "/send"])
def test_a_drafts_pages_are_readable_by_everybody_and_fit_a_small_phone(
    console, site, violations, database, zones, name
):
    broadcast = saved(database, zones, sms="A fair \N{ROCKET} {name|you}", email=WORDS)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}{name}")

    assert violations(console) == ""
    assert fits_a_small_phone(console)


@pytest.mark.parametrize("name", ["", "/deliveries"])
def test_a_sent_broadcasts_pages_are_readable_by_everybody_and_fit_a_small_phone(
    console, site, violations, database, runtime, zones, name
):
    broadcast = released(database, runtime, zones)
    deliver(database, runtime, broadcast)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}{name}")

    assert violations(console) == ""
    assert fits_a_small_phone(console)
