"""The pages behind the link: what they show, what they change, and to whom they show nothing."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from peoplelink import clock, keys
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import tasks as broadcast_tasks
from peoplelink.channels.messages import Medium
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.render import leave_url
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import choosing, links, services
from peoplelink.subscribers.models import (
    ConsentRecord,
    Digest,
    Importance,
    Leaving,
    LinkStatus,
    Subscriber,
)
from tests import factories
from tests.pages import soup, submit
from tests.preferences.conftest import make_member, resident_of
from tests.subscribers import people

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PARTS = ("about", "zones", "topics", "amount", "times", "media", "number", "mailbox")


@pytest.fixture
def save(site, path_of, member):
    """A function that opens a part of the member's page and sends its form."""

    def saving(part, at=people.EMAIL, who=member, **fields):
        return submit(site, f"{path_of(at)}/{who}/{part}", **fields)

    return saving


def waiting(runtime, member, *, sms="A fair.", email=None, zones=("new-parks",), **columns):
    """A broadcast to these zones that is released: its deliveries wait."""
    with runtime.database.transaction() as session:
        broadcast = factories.make_broadcast(
            session, zones=[people.zone(session, slug) for slug in zones], sms=sms, email=email, status="releasing",
            **columns,
        )  # fmt: skip
    broadcast_tasks.release(runtime)
    with runtime.database.read() as session:
        ids = [link.address_id for link in resident_of(session, member).addresses]
        dispatch = session.get_one(type(broadcast), broadcast.id).dispatch_id
        return session.scalars(
            select(Delivery.id).where(Delivery.dispatch_id == dispatch, Delivery.address_id.in_(ids))
        ).all()


def statuses(runtime, ids):
    with runtime.database.read() as session:
        return [str(session.get_one(Delivery, one).status) for one in ids]


def ledger(session, public_id):
    rows = session.scalars(
        select(ConsentRecord).join(Subscriber, Subscriber.id == ConsentRecord.subscriber_id)
        .where(Subscriber.public_id == public_id).order_by(ConsentRecord.id)
    )  # fmt: skip
    return [(row.medium.value, row.action.value, row.how, row.evidence.get("zones")) for row in rows]


def counts(runtime):
    with runtime.database.read() as session:
        tables = (Subscriber, ConsentRecord, AuditEvent, Delivery)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


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


def test_a_name_and_a_language_are_changed(save, person):
    save("about", name=" Bo\x00\n Rowan ", language="pl")

    assert person(lambda _s, it: (it.name, it.language)) == ("Bo Rowan", "pl")


def test_the_audit_log_says_what_was_changed_and_not_to_what(save, runtime, member):
    save("about", name="Secret", language="pl")

    with runtime.database.read() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.subject_id, event.actor) == ("resident.changed", member, "resident")
    assert event.detail == {"what": ["language", "name"]}


# What waits


def test_what_waits_for_a_zone_that_was_left_is_taken_back(save, runtime, member):
    left, kept = waiting(runtime, member), waiting(runtime, member, zones=("new-parks", "coalville"))

    save("zones", zones=["coalville"])

    assert statuses(runtime, left) == ["cancelled"]
    assert statuses(runtime, kept) == ["queued"]


@pytest.mark.parametrize(
    ("part", "fields", "left"),
    [
        ("times", {"quiet": "usual", "quiet_from": "0", "quiet_until": "0", "pause": "week"}, {"sms", "email"}),
        ("amount", {"importance": "important", "weekly": "none", "digest": "once"}, {"sms", "email"}),
        ("amount", {"importance": "ordinary", "weekly": "1", "digest": "once"}, set()),
        ("amount", {"importance": "ordinary", "weekly": "none", "digest": "daily"}, set()),
        ("media", {"media": ["email"]}, {"sms"}),
        ("leave", {}, {"sms", "email"}),
    ],
)
def test_what_waits_and_is_not_wanted_any_more_is_taken_back(save, runtime, member, part, fields, left):
    ids = waiting(runtime, member, email="A fair.")
    assert len(ids) == 2

    save(part, **fields)

    with runtime.database.read() as session:
        gone = {session.get_one(Delivery, one) for one in ids}
        found = {str(row.address.medium) for row in gone if row.status is not DeliveryStatus.QUEUED}
    assert found == left


def test_what_waits_gets_the_quiet_hours_that_were_chosen(save, runtime, member):
    (one,) = waiting(runtime, member)

    save("times", quiet="own", quiet_from="60", quiet_until="120", pause="none")

    with runtime.database.read() as session:
        delivery = session.get_one(Delivery, one)
        assert (delivery.quiet_from, delivery.quiet_until) == (60, 120)


# Media, addresses, leaving


def test_one_medium_is_stopped_and_the_other_kept(save, runtime, person, member):
    save("media", media=["email"])

    def links_of(_session, it):
        return {link.address.medium: link.status for link in it.addresses}

    assert person(links_of) == {Medium.SMS: LinkStatus.STOPPED, Medium.EMAIL: LinkStatus.LIVE}
    assert person(lambda s, _it: ledger(s, member))[-1][:3] == ("sms", "withdrawn", "preferences")


def test_a_new_mailbox_confirms_before_it_takes_the_place_of_the_old(save, site, runtime, member, person):
    new, old = "new@example.org", people.EMAIL

    save("mailbox", value=new)
    before = person(lambda _s, it: live(it))
    assert "Waits for you to confirm" in soup(site.get(save_path(runtime, old))).main.text
    submit(site, confirm_path(runtime, new))

    assert before == {people.MOBILE, old}
    assert person(lambda _s, it: live(it)) == {people.MOBILE, new}
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), old)
        assert "use another email address" in people.sent_to(session, where)[-1][2]
        assert outbound.suppressions_of(session, where) == frozenset()
    assert person(lambda s, _it: [line[:3] for line in ledger(s, member)])[-2:] == [
        ("email", "withdrawn", "changed"),
        ("email", "given", "link"),
    ]


def test_a_stop_at_the_old_address_does_not_follow_to_the_new(save, site, runtime, person):
    save("mailbox", value="new@example.org")
    submit(site, confirm_path(runtime, "new@example.org"))
    with runtime.database.read() as session:
        old = people.address(session, clock.now(), people.EMAIL).public_id

    site.post(leave_url(runtime.config, old), data={"List-Unsubscribe": "One-Click"})

    assert person(lambda _s, it: live(it)) == {people.MOBILE, "new@example.org"}


def test_the_old_link_opens_nothing_after_the_move(save, site, path_of, runtime, member):
    path = path_of()
    save("mailbox", value="new@example.org")
    submit(site, confirm_path(runtime, "new@example.org"))

    assert soup(site.get(path)).h1.text == "We do not write to you here any more"
    assert site.get(f"{path}/{member}/held").status_code == 404


def test_leaving_stops_every_address_and_keeps_the_reason_without_the_person(
    save, site, path_of, runtime, person, member
):
    answer = save("leave", reason="too_many", words="One a day is a lot")

    assert person(lambda _s, it: live(it)) == set()
    assert soup(site.get(answer.headers["Location"])).h1.text == "We do not write to you here any more"
    with runtime.database.read() as session:
        kept = session.scalars(select(Leaving)).one()
        assert (kept.reason.value, kept.words) == ("too_many", "One a day is a lot")
        assert {column.name for column in Leaving.__table__.columns} == {"public_id", "month", "reason", "words"}
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "resident.left")).one()
        assert (event.subject_id, event.detail) == (member, {})
        for value in (people.MOBILE, people.EMAIL):
            where = people.address(session, clock.now(), value)
            assert outbound.suppressions_of(session, where) == {SuppressionReason.UNSUBSCRIBED}


@pytest.mark.parametrize("typed", [{}, {"reason": "nonsense"}, {"words": "   "}])
def test_leaving_needs_no_reason(save, runtime, person, typed):
    answer = save("leave", **typed)

    assert answer.status_code == 303
    assert person(lambda _s, it: live(it)) == set()
    with runtime.database.read() as session:
        assert session.scalars(select(Leaving)).all() == []


def test_too_many_words_are_refused_before_anything_is_stopped(save, person):
    answer = save("leave", words="x" * 301)

    assert (answer.status_code, "at most 300" in soup(answer).main.text) == (422, True)
    assert len(person(lambda _s, it: live(it))) == 2


def test_who_has_left_is_not_brought_back_by_an_address_they_once_asked_for(save, site, runtime, person):
    save("mailbox", value="new@example.org")
    path = confirm_path(runtime, "new@example.org")
    save("leave")

    assert site.get(path).status_code == 404
    assert person(lambda _s, it: live(it)) == set()


# A household


@pytest.fixture
def household(runtime, member):
    """Bo, who shares Ash's number and has a mailbox of their own."""
    return make_member(runtime, people.MOBILE, "bo@example.org", name="Bo")


def test_those_who_share_an_address_are_listed_and_changed_one_at_a_time(
    site, path_of, save, person, member, household, runtime
):
    page = soup(site.get(path_of(people.MOBILE)))
    save("zones", people.MOBILE, household, zones=["coalville"])

    assert page.h1.text == "Who are you?"
    assert {link.text for link in page.main.find_all("a")} == {"Ash", "Bo"}
    assert person(lambda s, it: [zone.slug for zone in services.zones_of(s, it)]) == ["new-parks"]


def test_nothing_of_the_others_other_address_is_shown_or_changed(site, path_of, save, runtime, member, household):
    for rest in ("", "/media", "/held", "/leave", "/amount"):
        text = soup(site.get(f"{path_of(people.MOBILE)}/{household}{rest}")).text
        assert "example.org" not in text.replace("people.link@example.org", "")
    save("leave", people.MOBILE, household)

    with runtime.database.read() as session:
        assert live(resident_of(session, household)) == {"bo@example.org"}
        assert live(resident_of(session, member)) == {people.MOBILE, people.EMAIL}
        where = people.address(session, clock.now(), people.MOBILE)
        assert outbound.suppressions_of(session, where) == frozenset()


@pytest.mark.parametrize(("part", "value"), [("number", "07700900777"), ("mailbox", "thief@example.org")])
def test_a_shared_address_cannot_move_anybody(save, runtime, member, household, part, value):
    answer = save(part, people.MOBILE, household, value=value)

    assert answer.status_code == 422
    assert "More than one person uses this address" in soup(answer).main.text


def test_what_waits_for_a_shared_number_stays_while_anybody_wants_it(save, runtime, member, household):
    ids = waiting(runtime, member)

    save("times", people.MOBILE, household, quiet="usual", quiet_from="0", quiet_until="0", pause="week")
    first = statuses(runtime, ids)
    save("times", people.MOBILE, member, quiet="usual", quiet_from="0", quiet_until="0", pause="week")

    assert (first, statuses(runtime, ids)) == (["queued"], ["cancelled"])


# What we hold


def test_the_page_tells_what_is_held_and_who_has_looked_by_role(site, path_of, runtime, member):
    with runtime.database.transaction() as session:
        factories.add_noise(session)
        where = people.address(session, clock.now(), people.EMAIL)
        conversation = factories.make_conversation(session, where)
        factories.make_message(session, conversation)
        report = factories.make_report(session, conversation)
        officer = factories.make_officer(session, name="Secret Name", role="analyst")
        others = factories.make_conversation(session)
        for kind, it in (("conversation", conversation), ("report", report), ("conversation", others)):
            session.add(
                AuditEvent(at=clock.now(), actor=officer.actor, action=f"{kind}.read", subject_kind=kind,
                           subject_id=it.public_id)
            )  # fmt: skip

    text = soup(site.get(f"{path_of()}/{member}/held")).main.text

    assert "Messages from you: 1" in text
    assert "Reports made from what you told us, without your name: 1" in text
    assert "Secret Name" not in text
    assert text.count("An officer who makes reports") == 2
    assert text.count("read your messages") == 1
    assert "You agreed to get emails" in text
    assert "You agreed to get texts" in text
    assert "about 1 a week" in text


def test_of_a_shared_number_nothing_is_told_of_other_addresses(site, path_of, runtime, member, household):
    with runtime.database.transaction() as session:
        mailbox = people.address(session, clock.now(), "bo@example.org")
        factories.make_message(session, factories.make_conversation(session, mailbox))

    text = soup(site.get(f"{path_of(people.MOBILE)}/{household}/held")).main.text

    assert "Messages from you: 0" in text


def columns(_session, person):
    return {column.key: getattr(person, column.key) for column in person.__table__.columns}


def live(person):
    return {link.address.value for link in person.addresses if link.status is LinkStatus.LIVE}


def save_path(runtime, value):
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), value)
        return links.Links("", runtime.config.secret_keys).preferences(where)


def confirm_path(runtime, value):
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), value)
        words = people.sent_to(session, where)[-1][2]
    return words.split(runtime.config.public_url)[1].split(">")[0]
