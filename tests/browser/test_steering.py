"""The buttons of a broadcast under way, in a real browser."""

import datetime as dt

import pytest

from peoplelink import clock
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.browser.test_broadcasts import console, fits_a_small_phone, released, saved, zones  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


def test_a_broadcast_is_paused_resumed_and_cancelled_by_hand(console, site, database, runtime, zones):  # noqa: F811
    broadcast = released(database, runtime, zones)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}")

    console.get_by_role("button", name="Pause").click()
    console.get_by_text("Paused by an officer.").wait_for()
    console.get_by_role("button", name="Resume").click()
    console.get_by_text("It goes on where it stopped.").wait_for()
    console.get_by_role("button", name="Cancel the rest").click()
    console.get_by_role("heading", name="Cancel the rest?").wait_for()
    console.get_by_role("main").get_by_role("button", name="Cancel the rest").click()
    console.get_by_text("Cancelling: 3 messages are still to be taken back").wait_for()
    tasks.cancel(runtime)

    console.get_by_text("3 taken back").first.wait_for()


def test_the_keyboard_stays_on_a_button_while_the_page_follows(console, site, database, runtime, zones):  # noqa: F811
    broadcast = released(database, runtime, zones)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}")

    console.locator("#steer-pause").focus()
    with console.expect_response("**/progress"):
        pass
    console.wait_for_timeout(300)

    assert console.evaluate("document.activeElement.id") == "steer-pause"


def in_trouble(database, broadcast):
    """Something failed, something is in doubt, something is held, one was accepted twice."""
    eight = dt.datetime.combine(clock.in_london(clock.now()).date() + dt.timedelta(days=1), dt.time(8), clock.LONDON)
    with database.transaction() as session:
        it = session.get_one(Broadcast, broadcast.id)
        it.status = BroadcastStatus.PAUSED
        rows = session.query(Delivery).where(Delivery.dispatch_id == it.dispatch_id).all()
        rows[0].status, rows[0].reason = DeliveryStatus.FAILED, "unreachable"
        rows[1].status = DeliveryStatus.UNCONFIRMED
        rows[2].status, rows[2].not_before, rows[2].accepted_twice_at = DeliveryStatus.HELD, eight, clock.now()


@pytest.mark.parametrize("name", ["", "/deliveries", "/cancel", "/retry", "/unconfirmed"])
def test_pages_of_a_broadcast_in_trouble_are_readable_by_everybody(
    console, site, violations, database, runtime, zones, name  # noqa: F811
):  # fmt: skip
    broadcast = released(database, runtime, zones)
    in_trouble(database, broadcast)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}{name}")

    assert violations(console) == ""
    assert fits_a_small_phone(console)


@pytest.mark.parametrize("name", ["/broadcasts/{}/preview", "/broadcasts/{}/send", "/broadcasts/{}/edit", "/zones", ""])
def test_pages_about_time_are_readable_by_everybody(console, site, violations, database, zones, name):  # noqa: F811
    at = dt.datetime(2030, 10, 27, 1, 30, tzinfo=dt.UTC)
    columns = {"scheduled_for": at, "expires_at": at + dt.timedelta(hours=2)}
    broadcast = saved(database, zones, **columns, ignores_quiet_hours=True, ignores_quiet_because="A child is missing")
    saved(database, zones, status=BroadcastStatus.PAUSED, title="Paused fair")
    console.goto(f"{site}/officer{name.format(broadcast.public_id)}")

    assert violations(console) == ""
    assert fits_a_small_phone(console)


def test_a_scheduled_broadcast_shows_when_and_can_be_made_a_draft(console, site, violations, database, zones):  # noqa: F811
    at = dt.datetime(2030, 3, 14, 14, tzinfo=dt.UTC)
    broadcast = saved(database, zones, scheduled_for=at, status=BroadcastStatus.SCHEDULED)
    console.goto(f"{site}/officer/broadcasts/{broadcast.public_id}")

    console.get_by_text("Thursday 14 March 2030, 2pm").wait_for()
    assert violations(console) == ""
    console.get_by_role("button", name="Make it a draft again").click()
    console.get_by_text("It is a draft again.").wait_for()
