"""The pages behind the link: to whom they show nothing, what they show, and the choices made there."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from peoplelink import clock, keys
from peoplelink.audit import AuditEvent
from peoplelink.outbound.render import leave_url
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import choosing, links, services
from peoplelink.subscribers.models import (
    Digest,
    Importance,
)
from tests import factories
from tests.pages import soup
from tests.preferences.conftest import make_member
from tests.preferences.seen import columns, counts, ledger
from tests.subscribers import people

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PARTS = ("about", "zones", "topics", "amount", "times", "media", "number", "mailbox")


# Who gets in


def test_the_page_shows_the_choices_and_masks_the_addresses(site, path_of, member):
    text = soup(site.get(path_of())).main.text

    assert "New Parks" in text
    assert "Ash" in text
    assert "r•••@example.org" in text
    assert people.EMAIL not in text
    assert "900123" not in text


@pytest.mark.parametrize("path", ["", "/{who}", *(f"/{{who}}/{part}" for part in PARTS), "/{who}/held", "/{who}/leave"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing_and_is_kept_nowhere(site, runtime, path_of, member, path, method):
    address = path_of() + path.format(who=member)
    before = counts(runtime)

    response = getattr(site, method)(address)

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert counts(runtime) == before


@pytest.mark.parametrize("part", [*PARTS, "leave"])
def test_nothing_is_changed_without_the_token_against_forgery(site, runtime, path_of, member, part):
    address = f"{path_of()}/{member}/{part}"
    before = counts(runtime)

    assert site.post(address).status_code == 400
    assert counts(runtime) == before


@pytest.mark.parametrize("spoil", [lambda path: path[:-2], lambda path: f"{path}x", lambda _: "/preferences/nonsense"])
@pytest.mark.parametrize("rest", ["", "/{who}", "/{who}/zones", "/{who}/held", "/{who}/leave"])
def test_a_spoiled_link_opens_nothing_and_says_how_to_get_another(site, path_of, member, spoil, rest):
    response = site.get(spoil(path_of()) + rest.format(who=member))

    assert response.status_code == 404
    assert soup(response).main.find("a", href="/preferences")


def test_the_link_runs_out_after_a_day(site, runtime, path_of, member, monkeypatch):
    path = path_of()
    assert site.get(path).status_code == 200

    monkeypatch.setattr(links, "PREFERENCES_HOURS", -1)

    assert site.get(path).status_code == 404
    assert site.get(f"{path}/{member}/zones").status_code == 404


def test_a_link_for_leaving_opens_no_page_of_choices(site, runtime, member):
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), people.EMAIL)
    token = leave_url(runtime.config, where.public_id).rpartition("/")[2]
    signed = keys.sign_until(runtime.config.secret_keys, "confirm", where.public_id)

    assert site.get(f"/preferences/{token}").status_code == 404
    assert site.get(f"/preferences/{signed}").status_code == 404


def test_the_link_outlives_a_change_of_keys(site, runtime, path_of, member):
    from peoplelink.app import create_app  # noqa: PLC0415

    path = path_of(config=replace(runtime.config, secret_key="o" * 64))
    changed = create_app(replace(runtime, config=replace(runtime.config, secret_key_fallbacks=("o" * 64,))))

    assert site.get(path).status_code == 404
    assert changed.test_client().get(path).status_code == 200


def test_nobody_else_can_be_reached_by_a_link(site, runtime, path_of, member):
    other = make_member(runtime, "other@example.org", name="Other")

    for rest in ("", "/zones", "/held", "/leave"):
        assert site.get(f"{path_of()}/{other}{rest}").status_code == 404
    assert site.get(f"{path_of()}/{member}/nonsense").status_code == 404


# Choices


def test_zones_are_added_and_left_with_consent_on_record(save, runtime, person, member):
    answer = save("zones", zones=["coalville", "bell-foundry"])

    assert answer.status_code == 303
    assert person(lambda s, it: [zone.slug for zone in services.zones_of(s, it)]) == ["bell-foundry", "coalville"]
    lines = person(lambda s, it: ledger(s, member))[-2:]
    assert [line[:3] for line in lines] == [("email", "given", "preferences"), ("email", "withdrawn", "preferences")]
    assert (set(lines[0][3]), lines[1][3]) == ({"coalville", "bell-foundry"}, ["new-parks"])


def test_without_a_zone_nothing_is_saved_and_leaving_is_named(save, person):
    answer = save("zones")

    assert answer.status_code == 422
    assert "leave People Link instead" in soup(answer).main.text
    assert person(lambda s, it: len(services.zones_of(s, it))) == 1


def test_the_words_of_consent_stand_where_zones_are_chosen(site, path_of, member):
    assert "You are asking for messages about" in soup(site.get(f"{path_of()}/{member}/zones")).main.text


def test_topics_are_chosen_and_given_up(save, person):
    save("topics", topics=["events", "safety"])
    chosen = person(lambda s, it: [topic.slug for topic in choosing.topics_of(s, it)])
    save("topics")

    assert chosen == ["events", "safety"]
    assert person(choosing.topics_of) == []


def test_topics_are_named_in_the_readers_language(site, path_of, save, member):
    save("topics", topics=["events"])

    assert "Wydarzenia i zaj\u0119cia" in soup(site.get(f"{path_of()}/{member}?lang=pl")).main.text
    assert "M\u0142odzi ludzie" in soup(site.get(f"{path_of()}/{member}/topics")).main.text


def test_how_much_is_chosen(save, person):
    save("amount", importance="important", weekly="2", digest="weekly")

    found = person(lambda _s, it: (it.least_importance, it.weekly_limit, it.digest, it.digest_up_to is not None))
    assert found == (Importance.IMPORTANT, 2, Digest.WEEKLY, True)

    save("amount", importance="ordinary", weekly="none", digest="once")

    assert person(lambda _s, it: (it.least_importance, it.weekly_limit, it.digest, it.digest_up_to)) == (None,) * 4


def test_who_gives_up_the_digest_gets_what_has_gathered(save, runtime, person):
    save("amount", importance="ordinary", weekly="none", digest="weekly")
    with runtime.database.transaction() as session:
        broadcast = factories.make_broadcast(
            session, zones=[people.zone(session)], sms=None, email="Gathered.", status="sending",
            dispatch=factories.make_dispatch(session), released_at=clock.now(),
        )  # fmt: skip
        assert broadcast.released_at

    save("amount", importance="ordinary", weekly="none", digest="once")

    with runtime.database.read() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        digests = [words for purpose, _, words in people.sent_to(session, where) if purpose is Purpose.DIGEST]
    assert ["Gathered." in words for words in digests] == [True]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"quiet": "own", "quiet_from": "1200", "quiet_until": "540"}, (1200, 540)),
        ({"quiet": "none"}, (0, 0)),
        ({"quiet": "usual"}, (None, None)),
    ],
)
def test_quiet_hours_are_chosen(save, person, typed, found):
    answer = save("times", **{"quiet_from": "0", "quiet_until": "0", "pause": "none"} | typed)

    assert answer.status_code == 303
    assert person(lambda _s, it: (it.quiet_from, it.quiet_until)) == found


def test_a_break_until_a_day_ends_with_that_day_in_london(save, person):
    day = clock.in_london(clock.now()).date() + dt.timedelta(days=20)

    save("times", quiet="usual", quiet_from="0", quiet_until="0", pause="day", pause_day=f"{day:%Y-%m-%d}")

    until = person(lambda _s, it: it.paused_until)
    assert clock.in_london(until).replace(tzinfo=None) == dt.datetime.combine(day, dt.time())


@pytest.mark.parametrize(
    ("part", "typed", "words"),
    [
        ("times", {"pause": "day", "pause_day": "tomorrow"}, "Enter a day, like"),
        ("times", {"pause": "day", "pause_day": ""}, "Enter a day, like"),
        ("times", {"pause": "day", "pause_day": "2020-01-01"}, "Choose a day after today"),
        ("times", {"pause": "day", "pause_day": "2999-01-01"}, "within the next year"),
        ("times", {"pause": "day", "pause_day": "x" * 500}, "at most 40 characters"),
        ("times", {"quiet": "own", "quiet_from": "60", "quiet_until": "60"}, "two different times"),
        ("times", {"quiet": "never"}, "Choose from the list"),
        ("times", {"quiet_from": "7"}, "Choose from the list"),
        ("amount", {"weekly": "1000"}, "Choose from the list"),
        ("amount", {"digest": "hourly"}, "Choose from the list"),
        ("amount", {"importance": ""}, "Choose from the list"),
        ("zones", {"zones": "atlantis"}, "Choose from the list"),
        ("topics", {"topics": "gossip"}, "Choose from the list"),
        ("about", {"name": "x" * 61}, "at most 60 characters"),
        ("about", {"language": "xx"}, "Choose from the list"),
        ("number", {"value": "0116 326 0000"}, "That is a landline"),
        ("number", {"value": ""}, "Enter a UK mobile number"),
        ("number", {"value": "07700 900123"}, "We write to you there already"),
        ("mailbox", {"value": "me at home"}, "Enter an email address, like"),
        ("mailbox", {"value": "x" * 300}, "nothing else"),
        ("media", {}, "only way we can reach you"),
    ],
)
def test_what_cannot_be_is_answered_with_what_to_do(save, person, part, typed, words):
    fine = {
        "times": {"quiet": "usual", "quiet_from": "0", "quiet_until": "0", "pause": "none"},
        "amount": {"importance": "ordinary", "weekly": "none", "digest": "once"},
        "about": {"name": "Ash", "language": "en"},
    }
    before = person(columns)

    answer = save(part, **fine.get(part, {}) | typed)

    assert answer.status_code == 422
    assert words in soup(answer).main.text
    assert soup(answer).title.text.startswith("Error: ")
    assert person(columns) == before


def test_what_is_wrong_with_a_break_is_said_at_its_day(save):
    answer = save("times", quiet="usual", quiet_from="0", quiet_until="0", pause="day", pause_day="2020-01-01")

    [link] = soup(answer).select(".govuk-error-summary a")
    assert (link["href"], link.text) == ("#pause_day", "Choose a day after today")


def test_a_name_and_a_language_are_changed(save, person):
    save("about", name=" Bo\x00\n Rowan ", language="pl")

    assert person(lambda _s, it: (it.name, it.language)) == ("Bo Rowan", "pl")


def test_the_audit_log_says_what_was_changed_and_not_to_what(save, runtime, member):
    save("about", name="Secret", language="pl")

    with runtime.database.read() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.subject_id, event.actor) == ("resident.changed", member, "resident")
    assert event.detail == {"what": ["language", "name"]}
