"""Reading, answering and reporting in a real browser, on a small phone and a wide screen."""

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.inbound import failures
from peoplelink.inbound.acknowledging import acknowledge
from peoplelink.inbound.models import Conversation, MessageKind
from peoplelink.intelligence import seed as themes
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from tests.factories import (
    add_noise,
    make_broadcast,
    make_conversation,
    make_message,
    make_report,
    make_subscriber,
    make_webhook,
    make_zone,
)

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "officer@example.org", "three odd words here"
WORDS = "The lights on the path are broken. Ring me on 07400 123456."


@pytest.fixture
def conversation(database):
    with database.transaction() as session:
        add_noise(session)
        themes.plant(session)
        zone = make_zone(session, name="New Parks")
        resident = make_subscriber(session, zones=[zone], sms=True, name="Sam")
        broadcast = make_broadcast(session, zones=[zone], title="Litter pick")
        made = make_conversation(
            session, resident.addresses[0].address, subscriber=resident, zone=zone, broadcast=broadcast,
            confidence="likely",
        )  # fmt: skip
        make_message(session, made, text=WORDS)
        body = b"From=%2B447700900123&Body=" + b"x" * 5000
        make_webhook(session, problem=failures.UNREADABLE, processed_at=clock.now(), body=body)
        officers.create(
            session, name="The Officer", email=EMAIL, password=PASSWORD, role=Role.ADMINISTRATOR, all_zones=True,
            now=clock.now(),
        )  # fmt: skip
        return made.public_id


@pytest.fixture
def console(page, site, conversation):
    """A page of an officer who has signed in."""
    page.goto(f"{site}/officer/inbox")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer/inbox")
    return page


def test_an_officer_reads_answers_and_reports(console, site, conversation, runtime, database, send_waiting):
    console.get_by_role("link", name="Read the conversation with").first.press("Enter")
    console.wait_for_url("**/officer/conversations/*")
    console.goto(f"{site}/officer/conversations/{conversation}")
    console.get_by_label("Your answer").fill("Thank you. We have told the council.")
    console.get_by_role("button", name="Send answer").click()
    send_waiting("sms:urgent")

    assert [message.body.text for message in runtime.channels[Medium.SMS].sent] == [
        "People Link: Thank you. We have told the council."
    ]
    console.get_by_role("button", name="Open a report").click()
    text = console.get_by_label("What was told")
    assert "lights" in text.input_value()
    assert "123456" not in text.input_value()
    console.get_by_label("What it is about").select_option(label="Litter and fly-tipping")
    console.get_by_role("button", name="Make the report").click()
    console.get_by_role("button", name="Grade it").click()
    for choice in ("We cannot say", "Yes, themselves", "Yes, for policing"):
        console.get_by_label(choice).check()
    console.get_by_role("button", name="Propose a grade").click()
    console.get_by_role("button", name="Save this grade").click()
    assert "2A P" in console.get_by_role("main").inner_text()
    with database.read() as session:
        kept = session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
        assert kept.assigned_to is not None


@pytest.mark.parametrize("width", [320, 1280])
def test_errors_of_a_report_and_what_could_not_be_read_are_readable_by_everybody(
    console, site, conversation, violations, width
):
    console.set_viewport_size({"width": width, "height": 800})
    console.goto(f"{site}/officer/conversations/{conversation}/report")
    console.get_by_role("button", name="Make the report").click()
    assert violations(console) == "", "report or its errors"
    console.goto(f"{site}/officer/unplaced")
    console.get_by_role("link", name="A text from a resident").click()
    console.get_by_text("xxxxxx").wait_for()
    assert violations(console) == "", "what could not be read"
    assert console.evaluate("document.documentElement.scrollWidth") <= width, "what could not be read"


@pytest.mark.parametrize("width", [320, 1280])
def test_what_looks_personal_is_shown_and_kept_only_by_a_tick(console, site, conversation, violations, width):
    console.set_viewport_size({"width": width, "height": 800})
    console.goto(f"{site}/officer/conversations/{conversation}/report")

    console.get_by_label("What was told").fill("Ring 07700 900123 about the lights")
    console.get_by_role("button", name="Make the report").click()

    assert console.locator(".pl-found mark").inner_text() == "07700 900123"
    assert violations(console) == ""
    assert console.evaluate("document.documentElement.scrollWidth") <= width
    console.get_by_label("I have checked: keep it").check()
    console.get_by_role("button", name="Make the report").click()
    assert "Checked, and kept" in console.get_by_role("main").inner_text()
    assert violations(console) == ""


@pytest.mark.parametrize("width", [320, 1280])
def test_an_officer_stops_messages_and_sees_what_was_read_as_a_stop(
    console, site, conversation, database, violations, width
):
    console.set_viewport_size({"width": width, "height": 800})
    with database.transaction() as session:
        kept = session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
        make_message(session, kept, text="please take me off the list", kind=MessageKind.COMMAND, command="stop")
    console.goto(f"{site}/officer/inbox?tab=open")
    assert "A STOP? Check it" in console.get_by_role("main").inner_text()
    assert violations(console) == ""
    assert console.evaluate("document.documentElement.scrollWidth") <= width
    console.goto(f"{site}/officer/conversations/{conversation}")
    assert violations(console) == ""
    console.get_by_role("link", name="They asked us to stop").click()
    console.get_by_role("button", name="Stop all texts").click()
    assert "Choose why the messages are to stop" in console.get_by_role("main").inner_text()
    assert violations(console) == ""
    assert console.evaluate("document.documentElement.scrollWidth") <= width

    console.get_by_label("They asked us, by phone or face to face").check()
    console.get_by_role("button", name="Stop all texts").click()

    shown = console.get_by_role("main").inner_text()
    assert "We write to this address no more" in shown
    assert "You cannot answer here" in shown
    assert console.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 1280])
def test_one_long_word_of_a_resident_breaks_no_page(console, site, conversation, violations, database, width):
    word = "x" * 5000
    with database.transaction() as session:
        made = session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
        made.subject = word
        make_message(session, made, text=word)
        acknowledge(session, made.address, public_url=site, now=clock.now())
        make_message(session, made, text=word, subject=word, kind=MessageKind.AUTOMATIC)
        report = make_report(session, made, text=word, place=word)
        session.flush()
        code = report.public_id
    console.set_viewport_size({"width": width, "height": 800})

    for path in (
        "/officer/inbox",
        f"/officer/conversations/{conversation}",
        f"/officer/conversations/{conversation}/report",
        "/officer/unplaced",
        "/officer/reports",
        f"/officer/reports/{code}",
    ):
        console.goto(site + path)
        if "conversations" in path and "report" not in path:
            assert console.get_by_text("Automatic thank-you").is_visible()
        assert "xxxxxx" in console.get_by_role("main").inner_text(), path
        assert console.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(console) == "", path
