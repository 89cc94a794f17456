import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import asking_again, limits, robots
from tests.pages import csrf_token, soup
from tests.subscribers import people

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ask_again(planted):
    def asking(moment, value=people.MOBILE):
        medium = Medium.EMAIL if "@" in value else Medium.SMS
        return asking_again.ask_again(planted, medium, value, links=people.LINKS, now=moment)

    return asking


def asked(session, now, value=people.MOBILE):
    sent = people.sent_to(session, people.address(session, now, value))
    return [words for purpose, _, words in sent if purpose is Purpose.CONFIRMATION]


def test_the_same_question_is_put_again(planted, now, ask_again):
    people.sign_up(planted, now)

    assert ask_again(now + HOUR)

    first, second = asked(planted, now)
    assert first == second


def test_an_address_is_asked_three_times_a_day_whoever_presses(planted, now, ask_again):
    people.sign_up(planted, now)

    assert [ask_again(now + HOUR * hours) for hours in (1, 2, 3, 23)] == [True, True, False, False]
    assert ask_again(now + HOUR * 25)


@pytest.mark.parametrize("value", ["+447700900999", "stranger@example.org"])
def test_an_address_we_do_not_know_is_sent_nothing_and_not_kept(planted, now, ask_again, value):
    assert not ask_again(now, value)
    assert planted.scalar(select(Address).where(Address.value == value)) is None


def test_a_resident_and_a_sign_up_that_ran_out_are_sent_nothing(planted, now, ask_again):
    people.resident(planted, now)
    people.sign_up(planted, now, email=people.EMAIL)

    assert not ask_again(now)
    assert not ask_again(now + dt.timedelta(days=14), people.EMAIL)


def test_over_the_day_s_cap_nobody_is_asked_again(planted, now, ask_again, monkeypatch):
    monkeypatch.setattr(limits, "ASKED_AGAIN_A_DAY", 1)
    people.sign_up(planted, now)
    people.sign_up(planted, now, email=people.EMAIL)

    assert ask_again(now + HOUR)
    assert not ask_again(now + HOUR, people.EMAIL)


# The page

on_one_database = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def post(client, runtime, contact, *, seconds=60, **fields):
    mark = robots.FormMarks(runtime.config.secret_keys).make(0, now=clock.now() - dt.timedelta(seconds=seconds))
    token = csrf_token(client, "/join/again")
    return client.post("/join/again", data={"contact": contact, "opened": mark, "csrf_token": token, **fields})


def times_asked(runtime):
    with runtime.database.read() as session:
        return len(session.scalars(select(AuditEvent).where(AuditEvent.action == "sign_up.asked_again")).all())


@pytest.fixture
def pending(site, runtime):
    with runtime.database.transaction() as session:
        people.sign_up(session, clock.now(), mobile=people.MOBILE)
    return site


@on_one_database
def test_the_page_says_the_same_to_who_is_known_and_who_is_not(pending, runtime):
    known = post(pending, runtime, "07700 900123")
    known_page = pending.get(known.headers["Location"])
    unknown = post(pending, runtime, "07700 900124")
    unknown_page = pending.get(unknown.headers["Location"])

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert soup(known_page).main == soup(unknown_page).main
    assert "If you asked to join" in soup(known_page).main.text
    assert times_asked(runtime) == 1


@on_one_database
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter your mobile number or your email address"),
        ("0116 326 0000", "landline"),
        ("sam@", "Enter an email address"),
        ("x" * 5000, "Enter a UK mobile number"),
        ("\x00", "Enter your mobile number"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(pending, runtime, typed, says):
    response = post(pending, runtime, typed)

    assert response.status_code == 422
    assert says in soup(response).select_one(".govuk-error-summary").text


@on_one_database
def test_a_script_sees_what_everybody_sees_and_nothing_is_sent(pending, runtime):
    filled = post(pending, runtime, "07700 900123", homepage="https://spam.example")
    fast = post(pending, runtime, "07700 900123", seconds=-30)

    assert [filled.status_code, fast.status_code] == [303, 303]
    assert times_asked(runtime) == 0


@on_one_database
def test_one_client_asks_five_times_an_hour(pending, runtime):
    codes = [post(pending, runtime, f"07700 9001{number:02}").status_code for number in range(6)]

    assert codes == [303] * 5 + [429]
