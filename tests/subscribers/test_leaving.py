"""Leaving a part by text: STOP and a zone or a topic."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.segments import count_segments
from peoplelink.config import KeywordMode
from peoplelink.languages import LANGUAGES
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import answers_choices, commands, leaving
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, Keyword, LinkStatus, Topic
from tests.subscribers import people
from tests.subscribers.handset import Handset

MODES = pytest.mark.parametrize("mode", KeywordMode)


@pytest.fixture
def two_zones(planted, now):
    """The handset of a resident of New Parks and Coalville."""
    people.resident(planted, now, zones=("new-parks", "coalville"))
    return Handset(planted, now)


def ledger(session, address):
    lines = session.scalars(
        select(ConsentRecord).where(ConsentRecord.address_hash == address.hash).order_by(ConsentRecord.id)
    )
    return [(line.action, line.how, line.evidence.get("zones", line.evidence.get("topics"))) for line in lines]


def topics(session, person):
    names = {topic.id: topic.slug for topic in leaving.zones.topics(session)}
    return sorted(names[id_] for id_ in leaving.topics_of(session, person))


@MODES
@pytest.mark.parametrize(
    "words",
    [
        "STOP COALVILLE",
        "stop coalville please",
        "Stop texts about Coalville",
        "stop messages whitwick",
        "STOPCOALVILLE",
    ],
)
def test_stop_and_a_zone_leaves_that_zone_and_says_what_is_left(two_zones, planted, words, mode):
    assert two_zones.text(words, mode=mode) == "stop_part"

    left = "You still hear from us about New Parks. To stop all texts, reply STOP."
    assert two_zones.got == [f"People Link: done, nothing more about Coalville. {left}"]
    assert two_zones.zones == ["New Parks"]
    assert two_zones.suppressed == frozenset()
    assert ledger(planted, two_zones.address)[-1] == (ConsentAction.WITHDRAWN, "STOP", ["coalville"])
    assert planted.scalars(select(AuditEvent.detail).where(AuditEvent.action == "resident.gave_up")).one()["zones"] == [
        "coalville"
    ]


@MODES
def test_the_last_zone_gone_is_leaving_altogether(member, planted, mode):
    assert member.text("STOP NEWPARKS", mode=mode) == "stop"

    assert member.got == [answers_choices.gave_up_all(["New Parks"])]
    assert people.sent_to(planted, member.address)[-1][0] is Purpose.OPT_OUT_ANSWER
    assert member.suppressed == {SuppressionReason.STOP}
    assert member.zones == []


@MODES
def test_all_zones_at_once_is_leaving_altogether(two_zones, mode):
    assert two_zones.text("stop new parks and coalville", mode=mode) == "stop"
    assert two_zones.suppressed == {SuppressionReason.STOP}


@pytest.mark.parametrize("words", ["leave coalville", "Coalville STOP", "leave Coalville please"])
def test_leaving_said_in_other_order_leaves_that_zone_and_a_person_looks(two_zones, words):
    assert two_zones.text(words) == "stop_part"
    assert two_zones.flagged
    assert two_zones.zones == ["New Parks"]


@pytest.mark.parametrize(
    "words", ["leave the bins", "Coalvile bus stop", "leave colville", "we must stop", "don't leave", "leave say"]
)
def test_what_only_sounds_like_leaving_leaves_nothing(two_zones, words):
    assert two_zones.text(words) is None
    assert two_zones.zones == ["Coalville", "New Parks"]


def test_only_what_they_had_is_said_to_be_given_up(member):
    assert member.text("STOP NEWPARKS AND COALVILLE") == "stop"
    assert member.got == [answers_choices.gave_up_all(["New Parks"])]


@MODES
def test_start_brings_back_whoever_left_their_last_zone_to_what_they_had(member, mode):
    member.text("STOP NEWPARKS", mode=mode)

    assert member.text("START", mode=mode) == "start"

    assert member.got == ["People Link: welcome back. We'll text you about New Parks. To leave reply STOP."]
    assert member.zones == ["New Parks"]


def test_stop_twice_for_the_same_zone_changes_nothing_more(two_zones, planted):
    two_zones.text("STOP COALVILLE")
    before = ledger(planted, two_zones.address)

    assert two_zones.text("STOP COALVILLE") == "stop_part"

    assert two_zones.got == [answers_choices.not_theirs(["Coalville"], ["New Parks"])]
    assert ledger(planted, two_zones.address) == before


def test_a_zone_nearly_named_is_asked_about_and_never_taken(two_zones):
    assert two_zones.text("STOP coalvile") == "stop_which"

    assert two_zones.got == [answers_choices.stop_which(["Coalville"])]
    assert two_zones.zones == ["Coalville", "New Parks"]


def test_a_stranger_who_says_stop_and_a_zone_gets_nothing_at_all(handset):
    assert handset.text("STOP COALVILLE") == "stop"
    assert handset.suppressed == {SuppressionReason.STOP}


def test_a_zone_given_up_by_text_is_given_up_for_the_mailbox_too(two_zones, planted, now):
    person = leaving.services.subscribers_at(planted, two_zones.address)[0]
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL, zones=("new-parks", "coalville"))
    people.confirm(planted, made, now, people.MOBILE)
    people.confirm(planted, made, now, people.EMAIL)

    two_zones.text("STOP NEWPARKS")
    two_zones.text("STOP COALVILLE")

    assert {link.status for link in person.addresses} == {LinkStatus.STOPPED}
    mailbox = people.address(planted, now, people.EMAIL)
    assert ledger(planted, mailbox)[-1][0] is ConsentAction.WITHDRAWN


def test_a_household_gives_a_zone_up_together_and_who_has_another_stays(planted, now):
    people.resident(planted, now, name="Ash", zones=("coalville",))
    people.resident(planted, now, name="Sam", zones=("coalville", "new-parks"))
    shared = Handset(planted, now)

    assert shared.text("STOP COALVILLE") == "stop_part"

    assert shared.zones == ["New Parks"]
    assert shared.suppressed == frozenset()
    assert [person.name for person in leaving.services.subscribers_at(planted, shared.address)] == ["Sam"]


def test_stop_and_a_topic_leaves_the_others(member, planted):
    person = leaving.services.subscribers_at(planted, member.address)[0]

    assert member.text("STOP EVENTS") == "stop_part"

    assert topics(planted, person) == ["have-your-say", "health", "safety", "volunteering", "young-people"]
    assert "nothing more about Events and activities" in member.got[0]


def test_the_last_topic_gone_is_leaving_and_never_everything(planted, now):
    people.resident(planted, now, topics=("events",))
    member = Handset(planted, now)

    assert member.text("STOP EVENTS") == "stop"

    assert member.suppressed == {SuppressionReason.STOP}
    assert member.got == [answers_choices.gave_up_all(["Events and activities"])]


@pytest.mark.parametrize("words", ["stop the fireworks", "stop and search", "Stop parking on our verge"])
def test_stop_and_something_that_is_no_zone_is_for_a_person(member, words):
    assert member.text(words) is None
    assert member.zones == ["New Parks"]


@pytest.mark.parametrize(("words", "gone"), [("STOP NEWS", "news"), ("STOP NEWS ABOUT EVENTS", "events")])
def test_a_topic_may_be_called_what_else_is_said_before_one(planted, now, words, gone):
    planted.add(Topic(slug="news", name="News", position=99))
    planted.flush()
    planted.add(Keyword(word="NEWS", topic_id=people.topic(planted, "news").id))
    planted.flush()

    found = leaving.asked(planted, commands.read(words))

    assert [topic.slug for topic in found.topics] == [gone]


def test_every_answer_fits_one_segment(planted, now):
    words = ["EVENTS", "YOUNGPEOPLE", "HEALTH", "SAFETY", "VOLUNTEERING", "HAVEYOURSAY"]
    topic = "Volunteering and offers of help"
    said = [
        answers_choices.gave_up(["Coalville"], ["Bell Foundry", "New Parks"]),
        answers_choices.gave_up([topic], ["New Parks"]),
        answers_choices.gave_up_all(["Coalville and New Parks"]),
        answers_choices.gave_up_all([topic]),
        answers_choices.not_theirs(["Coalville"], ["New Parks"]),
        answers_choices.not_theirs(["Coalville"], []),
        answers_choices.stop_which(["Coalville", "New Parks"]),
        answers_choices.topics([], words),
        answers_choices.topics(words, []),
        answers_choices.topics(words[:3], words[3:]),
        answers_choices.topics_for_strangers(words),
        answers_choices.topic_added(topic),
        answers_choices.topic_had(topic),
        answers_choices.language_set(LANGUAGES["pl"], checked=True),
        answers_choices.language_set(LANGUAGES["pl"], checked=False),
        answers_choices.which_language(),
        answers_choices.settings(people.LINKS.preferences(people.address(planted, now))),
    ]

    assert [(count_segments(one).segments, one) for one in said] == [(1, one) for one in said]
    assert all("People Link" in one for one in said)
