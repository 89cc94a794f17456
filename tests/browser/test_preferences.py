"""The preference centre in a real browser: on a small phone, without JavaScript, and for everybody to read."""

import re

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.subscribers import seed, services
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Subscriber
from tests import factories
from tests.preferences.conftest import make_member
from tests.subscribers import people

pytestmark = pytest.mark.browser
PARTS = ("about", "zones", "topics", "amount", "times", "media", "number", "mailbox", "held", "leave")


@pytest.fixture
def member(runtime):
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
    return make_member(runtime)


@pytest.fixture
def link(runtime):
    """A function that gives the link to an address as it stands on this server."""

    def make(site, value):
        with runtime.database.read() as session:
            where = people.address(session, clock.now(), value)
            return Links(site, runtime.config.secret_keys).preferences(where)

    return make


@pytest.fixture
def phone(browser):
    """A small phone without JavaScript."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def look(page, violations, width, what):
    assert violations(page) == "", what
    assert page.evaluate("document.documentElement.scrollWidth") <= width, what


def looked_at(runtime, member):
    """An officer has read what the member wrote, so that the page of what we hold has every table."""
    with runtime.database.transaction() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        conversation = factories.make_conversation(session, where)
        factories.make_message(session, conversation)
        officer = factories.make_officer(session)
        session.add(
            AuditEvent(at=clock.now(), actor=officer.actor, action="conversation.read", subject_kind="conversation",
                       subject_id=conversation.public_id)
        )  # fmt: skip


def test_a_resident_asks_for_the_link_and_changes_what_they_get(phone, site, runtime, member, send_waiting):
    phone.goto(f"{site}/preferences")
    phone.get_by_label("Your mobile number or email address").fill(people.EMAIL)
    phone.get_by_role("button", name="Send me the link").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Check your inbox"

    send_waiting("email:urgent")
    mail = runtime.channels[Medium.EMAIL].sent[-1]
    phone.goto(site + re.search(r"/preferences/[\w.\-]+", mail.body.text)[0])
    phone.get_by_role("link", name="Change your zones").click()
    phone.get_by_label("Coalville").check()
    phone.get_by_role("button", name="Save").click()
    assert "Saved" in phone.get_by_role("status").inner_text()
    phone.get_by_role("link", name="Change which messages you get").click()
    phone.get_by_label("Only what is important").check()
    phone.get_by_label("One email a day").check()
    phone.get_by_role("button", name="Save").click()

    with runtime.database.read() as session:
        person = session.scalars(select(Subscriber).where(Subscriber.public_id == member)).one()
        assert [zone.name for zone in services.zones_of(session, person)] == ["Coalville", "New Parks"]
        assert (person.least_importance, person.digest) == ("important", "daily")
    phone.get_by_role("link", name="Leave People Link").click()
    phone.get_by_label("I have moved away").check()
    phone.get_by_role("button", name="Leave").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "We do not write to you here any more"


@pytest.mark.parametrize("width", [1280])  # small ones: see test_every_public_page
def test_every_page_is_readable_by_everybody(page, site, runtime, member, link, violations, width):
    page.set_viewport_size({"width": width, "height": 800})
    looked_at(runtime, member)

    page.goto(f"{site}/preferences")
    look(page, violations, width, "ask")
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_role("alert").wait_for()
    look(page, violations, width, "ask with errors")
    page.goto(f"{site}/preferences/broken")
    look(page, violations, width, "broken")
    own = link(site, people.EMAIL)
    page.goto(own)
    look(page, violations, width, "own")
    for part in PARTS:
        page.goto(f"{own}/{member}/{part}")
        look(page, violations, width, part)
        if part in {"number", "times"}:
            if part == "times":
                page.get_by_label("Until the day I choose below").check()
            page.get_by_role("button", name="Save").click()
            page.get_by_role("alert").wait_for()
            look(page, violations, width, f"{part} with errors")
    make_member(runtime, people.EMAIL, name="Bo")
    page.goto(own)
    look(page, violations, width, "household")
    page.goto(f"{own}/{member}/leave")
    look(page, violations, width, "leave a household")
