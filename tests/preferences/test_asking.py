"""Asking for the link: it is sent to who lives there, and nobody learns who that is."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.app import create_app
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound.claim import claim
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import preference_links, services
from tests.factories import make_suppression
from tests.pages import soup, submit
from tests.preferences.conftest import make_member
from tests.subscribers import people

STRANGER = "stranger@example.org"


def ask(session, now, value=people.EMAIL):
    medium = Medium.EMAIL if "@" in value else Medium.SMS
    preference_links.ask(session, medium, value, links=people.LINKS, address_key=people.ADDRESS_KEY, now=now)


def links_to(session, now, value=people.EMAIL):
    found = people.sent_to(session, people.address(session, now, value))
    return [words for purpose, _, words in found if purpose is Purpose.PREFERENCES]


def rows(session):
    return [session.scalar(select(func.count()).select_from(table)) for table in (Address, Content, Delivery, Dispatch)]


@pytest.mark.parametrize("value", [people.EMAIL, people.MOBILE])
def test_who_lives_there_is_sent_a_link_that_names_the_address(planted, now, value):
    people.resident(planted, now, value)

    ask(planted, now, value)

    (words,) = links_to(planted, now, value)
    token = re.search(r"/preferences/([\w.\-]+)", words)[1]
    assert people.LINKS.read_preferences(token) == people.address(planted, now, value).public_id


def test_a_stranger_is_sent_nothing_and_leaves_nothing_behind(planted, now):
    before = rows(planted)

    ask(planted, now, STRANGER)

    assert rows(planted) == before


def test_who_has_left_is_sent_nothing(planted, now):
    people.resident(planted, now, people.EMAIL)
    where = people.address(planted, now, people.EMAIL)
    services.stop_address(planted, where, reason=SuppressionReason.UNSUBSCRIBED, how="link", source="link",
                          evidence={}, now=now)  # fmt: skip

    ask(planted, now)

    assert links_to(planted, now) == []


def test_a_number_that_said_stop_and_lives_on_is_not_texted(planted, now):
    people.resident(planted, now, people.MOBILE)
    where = people.address(planted, now, people.MOBILE)
    make_suppression(planted, where)

    ask(planted, now, people.MOBILE)

    delivery = planted.scalars(
        select(Delivery).where(Delivery.address_id == where.id).order_by(Delivery.id.desc())
    ).first()
    assert delivery.dispatch.purpose is Purpose.PREFERENCES
    taken = claim(planted, delivery.lane, limit=50, lease=dt.timedelta(minutes=1), now=now)
    planted.refresh(delivery)
    assert delivery.status is DeliveryStatus.SUPPRESSED
    assert delivery.id not in {row.delivery_id for row in taken.rows}


def test_three_links_a_day_go_to_one_address(planted, now):
    people.resident(planted, now, people.EMAIL)

    for minute in range(5):
        ask(planted, now + dt.timedelta(minutes=minute))
    today = len(links_to(planted, now))
    ask(planted, now + dt.timedelta(hours=25))

    assert (today, len(links_to(planted, now))) == (3, 4)


def test_the_days_cap_on_texts_is_the_same_for_members_and_strangers(planted, now, monkeypatch):
    monkeypatch.setattr(preference_links, "WEB_TEXTS_A_DAY", 1)
    people.resident(planted, now, people.MOBILE)
    ask(planted, now, people.MOBILE)

    for value in (people.MOBILE, "+447700900555"):
        with pytest.raises(preference_links.TooManyLinksError, match="tomorrow"):
            ask(planted, now, value)


def test_the_audit_log_holds_no_address(planted, now):
    people.resident(planted, now, people.EMAIL)

    ask(planted, now)
    ask(planted, now, STRANGER)

    events = planted.scalars(
        select(AuditEvent).where(AuditEvent.action.startswith("preferences.")).order_by(AuditEvent.id)
    ).all()
    assert [(event.action, event.subject_kind) for event in events] == [
        ("preferences.link_sent", "address"),
        ("preferences.link_not_sent", "form"),
    ]
    assert not any("@" in f"{event.subject_id}{event.detail}" for event in events)


# The page

sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@sqlite
@pytest.mark.parametrize("typed", [people.EMAIL, "Resident@Example.org ", "07700 900123", STRANGER, "07700900555"])
def test_the_page_says_the_same_to_members_and_strangers(site, runtime, typed):
    make_member(runtime)

    answer = submit(site, "/preferences", address=typed)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/preferences/check")
    page = soup(site.get("/preferences/check"))
    assert "If our messages come to what you typed in" in page.main.text
    assert page.h1.text == ("Check your inbox" if "@" in typed else "Check your phone")


@sqlite
def test_a_member_and_a_stranger_read_the_same_page(site, runtime, app):
    make_member(runtime)
    pages = []
    for typed in (people.EMAIL, STRANGER):
        client = app.test_client()
        submit(client, "/preferences", address=typed)
        pages.append(str(soup(client.get("/preferences/check")).main))

    assert pages[0] == pages[1]


@sqlite
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter your mobile number or email address"),
        ("hello", "Enter a UK mobile number"),
        ("0116 326 0000", "That is a landline"),
        ("me@", "Enter an email address, like"),
        ("x" * 5000, "nothing else"),
        ("+1 212 555 0100", "We can only text UK numbers"),
        ("\x00@\u202e", "Enter an email address, like"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_do(site, typed, words):
    answer = submit(site, "/preferences", address=typed)

    assert answer.status_code == 422
    assert words in soup(answer).main.text


@sqlite
def test_one_client_may_ask_ten_times_an_hour(site, runtime):
    live = replace(runtime.config, twilio_base_url="https://api.twilio.com")
    client = create_app(replace(runtime, config=live)).test_client()

    answers = [submit(client, "/preferences", address=STRANGER).status_code for _ in range(11)]

    assert answers == [303] * 10 + [429]


@sqlite
def test_the_link_from_the_email_opens_the_page(site, runtime):
    make_member(runtime)
    submit(site, "/preferences", address=people.EMAIL)
    with runtime.database.read() as session:
        (words,) = links_to(session, clock.now())

    page = soup(site.get(re.search(r"/preferences/[\w.\-]+", words)[0]))

    assert page.h1.text == "Your People Link"
