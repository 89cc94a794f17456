import dataclasses
import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.app import create_app
from peoplelink.audit import AuditEvent
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import consent, limits, seed
from peoplelink.subscribers.models import ConsentWording, SignUp, Subscriber
from tests.pages import soup
from tests.subscribers import people
from tests.subscribers.join_form import GOOD, mark, post

# The rules are tested on both databases in the services' tests, and one whole story in test_views_story.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def count(runtime, table):
    with runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def actions(runtime):
    with runtime.database.read() as session:
        return [
            action
            for action in session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
            if action != "seed.planted"
        ]


def errors_of(response):
    return [link.text for link in soup(response).select(".govuk-error-summary a")]


def test_the_form_ticks_the_zone_that_the_link_names(site):
    page = soup(site.get("/join?zone=new-parks&zone=narnia"))

    ticked = [box["value"] for box in page.select("input[name=zones][checked]")]
    assert ticked == ["new-parks"]


def test_every_field_of_the_form_has_a_label_and_an_id_of_its_own(site):
    page = soup(site.get("/join"))

    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    labelled = {label["for"] for label in page.find_all("label")}
    shown = page.select("main input:not([type=hidden])")
    assert len(shown) >= 14
    assert {field["id"] for field in shown} <= labelled


def test_the_form_shows_the_wording_and_where_privacy_stands(site, runtime):
    page = soup(site.get("/join"))

    with runtime.database.read() as session:
        words = consent.wording(session, "web-form").words
    assert words in page.main.text
    assert page.main.find("a", href="/privacy")
    assert "999" in page.main.text
    assert "standing in" in page.main.text


def test_a_good_form_asks_for_confirmation_and_sends_the_reader_to_their_phone(site, runtime, jobs):
    response = post(site, runtime, name="Ash", topics="events")

    assert (response.status_code, response.headers["Location"]) == (303, "/join/check")
    with runtime.database.read() as session:
        made = session.scalars(select(SignUp)).one()
        [asked] = people.sent_to(session, session.scalars(select(Address)).one())
        assert (made.name, made.old_enough, made.evidence) == ("Ash", True, {"form": "join"})
        assert len(made.topic_ids) == 1
        assert "Reply YES to get texts about New Parks" in asked[2]
    assert "lane:sms:urgent" in jobs.rung
    page = soup(site.get("/join/check"))
    assert page.h1.text == "Check your phone"
    assert "not signed up yet" in page.main.text
    assert "START to 07700 900000" in " ".join(page.main.text.split())
    assert count(runtime, Subscriber) == 0


@pytest.mark.parametrize(
    ("fields", "heading"),
    [
        ({"mobile": "", "email": people.EMAIL}, "Check your inbox"),
        ({"email": people.EMAIL}, "Check your phone and your inbox"),
    ],
)
def test_the_next_page_names_the_media_that_were_typed(site, runtime, fields, heading):
    post(site, runtime, **fields)

    page = soup(site.get("/join/check"))
    assert page.h1.text == heading
    assert "ever marked an email of ours as spam?" in page.main.text
    assert count(runtime, Delivery) == 1 + ("mobile" not in fields)


def test_who_did_not_just_sign_up_is_sent_to_the_form(site):
    assert site.get("/join/check").headers["Location"] == "/join"


def test_what_was_read_is_what_is_agreed_to_though_the_words_have_changed_since(site, runtime):
    shown = mark(runtime)
    with runtime.database.transaction() as session:
        old = consent.wording(session, "web-form").id
        session.add(ConsentWording(code="web-form", version=2, words="New words."))

    post(site, runtime, opened=shown)

    with runtime.database.read() as session:
        assert session.scalars(select(SignUp.wording_id)).one() == old


@pytest.mark.parametrize(
    ("fields", "what_to_do"),
    [
        ({"zones": None}, "Choose at least one zone"),
        ({"zones": "narnia"}, "Choose at least one zone"),
        ({"mobile": ""}, "Enter a mobile number, an email address, or both"),
        ({"mobile": "   "}, "Enter a mobile number, an email address, or both"),
        ({"mobile": "07700"}, "Enter a UK mobile number, like 07400 123456"),
        ({"mobile": "0116 496 0123"}, "landline"),
        ({"mobile": "+33 6 12 34 56 78"}, "UK numbers"),
        ({"mobile": "0909 879 0123"}, "Enter a UK mobile number, like 07400 123456"),
        ({"mobile": "9" * 5000}, "Enter a UK mobile number, like 07400 123456"),
        ({"mobile": "\x00\x01"}, "Enter a UK mobile number, like 07400 123456"),
        ({"mobile": "", "email": "somebody"}, "Enter an email address, like name@example.com"),
        ({"email": "a@b@c"}, "Enter an email address, like name@example.com"),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"old_enough": None}, "13 or over"),
    ],
)
def test_an_error_says_what_to_do_and_nothing_is_sent(site, runtime, fields, what_to_do):
    response = post(site, runtime, **fields)

    assert response.status_code == 422
    assert len(errors_of(response)) == 1
    assert what_to_do in errors_of(response)[0]
    assert soup(response).title.text.startswith("Error: ")
    assert count(runtime, SignUp) == 0


def test_each_error_leads_to_its_field(site, runtime):
    response = post(site, runtime, zones=None, mobile="", old_enough=None)

    page = soup(response)
    targets = [link["href"].removeprefix("#") for link in page.select(".govuk-error-summary a")]
    assert targets == ["zones", "mobile", "old_enough"]
    assert all(page.find("input", id=target) for target in targets)


def test_a_form_with_errors_shows_again_what_was_typed(site, runtime):
    fields = {"zones": ["coalville", "bell-foundry"], "topics": "health", "name": "Ash <b>", "email": "somebody@"}
    shown = mark(runtime)

    response = post(site, runtime, opened=shown, **fields)

    page = soup(response)
    assert {box["value"] for box in page.select("input[checked]")} == {"coalville", "bell-foundry", "health", "y"}
    typed = {name: page.find("input", attrs={"name": name})["value"] for name in ("name", "email", "mobile", "opened")}
    assert typed == {"name": "Ash <b>", "email": "somebody@", "mobile": "07700 900123", "opened": shown}


@pytest.mark.parametrize(
    "fields", [{"homepage": "https://example.org"}, {"opened": None}, {"opened": "1.1.x"}, {"opened": "\x00"}]
)
def test_what_looks_like_a_script_sees_the_same_page_and_sends_nothing(site, runtime, fields):
    response = post(site, runtime, **fields)

    assert (response.status_code, response.headers["Location"]) == (303, "/join/check")
    assert (count(runtime, Address), count(runtime, Delivery)) == (0, 0)
    assert actions(runtime) == ["sign_up.robot"]


def test_a_form_that_comes_back_at_once_was_filled_in_by_a_script(site, runtime):
    post(site, runtime, opened=mark(runtime, seconds=-30))  # so that a slow machine is not taken for a person

    assert actions(runtime) == ["sign_up.robot"]


def test_without_the_token_against_forgery_nothing_happens(site, runtime):
    response = site.post("/join", data={**GOOD, "opened": mark(runtime)})

    assert response.status_code == 400
    assert count(runtime, SignUp) == 0


def test_the_page_is_the_same_for_known_and_unknown_for_stopped_and_for_one_too_many(site, runtime):
    now = clock.now()
    with runtime.database.transaction() as session:
        people.resident(session, now, "+447700900124")
        stopped = people.address(session, now, "+447700900125")
        outbound.suppress(session, stopped, SuppressionReason.STOP, source="text", now=now)
        for hours in (3, 2, 1):
            people.sign_up(session, now - dt.timedelta(hours=hours), mobile="+447700900126")
    before = count(runtime, Delivery)

    pages = []
    for number in ("07700 900123", "07700 900124", "07700 900125", "07700 900126"):
        post(site, runtime, mobile=number)
        pages.append(soup(site.get("/join/check")).main.text)

    assert pages == [pages[0]] * 4
    # A text to the new number and one to the member; none to the stopped number, none to the one asked three times.
    assert count(runtime, Delivery) == before + 2


def test_over_the_day_s_cap_the_form_says_try_tomorrow(site, runtime, monkeypatch):
    monkeypatch.setattr(limits, "WEB_TEXTS_A_DAY", 0)

    response = post(site, runtime)

    assert response.status_code == 422
    [words] = errors_of(response)
    assert "tomorrow" in words
    assert "below the form" in words
    assert "send JOIN and the name of your zone to 07700 900000" in " ".join(soup(response).main.text.split())


def test_one_client_may_ask_ten_times_an_hour_and_mistakes_do_not_count(site, runtime):
    client = "192.0.2.7"
    for _ in range(3):
        assert post(site, runtime, remote=client, zones=None).status_code == 422
    for index in range(10):
        assert post(site, runtime, remote=client, mobile=f"0770090020{index}").status_code == 303

    response = post(site, runtime, remote=client, mobile="07700900210")

    assert response.status_code == 429
    assert "an hour" in soup(response).main.text
    assert post(site, runtime, remote="192.0.2.8", mobile="07700900210").status_code == 303


def test_a_fictional_number_is_let_in_with_a_sandbox_only(site, runtime):
    config = dataclasses.replace(runtime.config, twilio_base_url="https://api.twilio.com")
    live = create_app(dataclasses.replace(runtime, config=config)).test_client()

    response = post(live, runtime)

    assert response.status_code == 422
    assert "films and plays" in errors_of(response)[0]


def test_without_zones_the_page_says_what_will_be_there(client, runtime):
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
        for zone in session.scalars(select(people.Zone)):
            zone.active = False

    page = soup(client.get("/join"))

    assert "no zones to join yet" in page.main.text
    assert page.main.find("form") is None


def test_no_field_of_the_form_reaches_a_log(site, runtime, capsys):
    post(site, runtime, name="Ash", email=people.EMAIL)
    post(site, runtime, zones=None, name="Ash", email=people.EMAIL)

    said = "".join(capsys.readouterr())
    assert not any(part in said for part in ("900123", "resident@", "Ash"))
