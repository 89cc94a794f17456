"""Choices by text: TOPICS, ADD, LANG, SETTINGS and MYDATA."""

import pytest

from peoplelink import keys
from peoplelink.config import KeywordMode
from peoplelink.languages import LANGUAGES
from peoplelink.subscribers import answers, answers_choices, choices_by_text, leaving, services
from peoplelink.subscribers.links import Links
from tests.subscribers import people
from tests.subscribers.handset import Handset

LINKS = Links("https://link.example.org", ("s" * 64,))


@pytest.fixture
def chooser(planted, now):
    """The handset of a resident who chose one topic."""
    people.resident(planted, now, topics=("health",))
    return Handset(planted, now)


def topics(handset):
    [person] = services.subscribers_at(handset.session, handset.address)
    names = {topic.id: topic.slug for topic in leaving.zones.topics(handset.session)}
    return {names[id_] for id_ in leaving.topics_of(handset.session, person)}


@pytest.mark.parametrize("mode", KeywordMode)
def test_topics_are_listed_by_the_words_that_choose_them(chooser, mode):
    assert chooser.text("TOPICS", mode=mode) == "topics"
    others = "EVENTS, YOUNGPEOPLE, SAFETY, VOLUNTEERING, HAVEYOURSAY"
    assert chooser.got == [f"People Link: you get HEALTH. For more, reply ADD and one of {others}."]


def test_who_chose_no_topic_is_told_that_they_get_all(member):
    member.text("topics")

    every = "EVENTS, YOUNGPEOPLE, HEALTH, SAFETY, VOLUNTEERING, HAVEYOURSAY"
    assert member.got == [f"People Link: you get all topics: {every}. For fewer, reply STOP and one."]


def test_join_and_a_topic_takes_back_what_stop_and_the_topic_gave_up(member):
    member.text("STOP EVENTS")
    assert "events" not in topics(member)

    assert member.text("JOIN EVENTS") == "add"

    assert "events" in topics(member)
    assert member.got[-1].startswith("People Link: done. We'll text you about Events")


def test_who_would_like_to_join_in_something_is_read_by_a_person(member):
    member.text("STOP VOLUNTEERING")

    assert member.text("I'd like to join volunteering") is None
    assert "volunteering" not in topics(member)


def test_a_stranger_is_told_how_to_join_first(handset):
    assert handset.text("TOPICS") == "topics"
    assert handset.got[0].endswith("To get texts, first reply JOIN and your zone.")


@pytest.mark.parametrize("words", ["ADD EVENTS", "add events please", "Add activities"])
def test_a_topic_is_added(chooser, words):
    assert chooser.text(words) == "add"

    assert chooser.got == [answers_choices.topic_added("Events and activities")]
    assert topics(chooser) == {"health", "events"}


def test_a_topic_added_twice_or_by_who_gets_all_changes_nothing(chooser, planted):
    chooser.text("ADD HEALTH")

    assert chooser.got == [answers_choices.topic_had("Health and wellbeing")]
    assert topics(chooser) == {"health"}


def test_adding_to_everything_takes_nothing_away(member):
    assert member.text("ADD EVENTS") == "add"

    assert member.got == [answers_choices.topic_had("Events and activities")]
    assert topics(member) == set()


@pytest.mark.parametrize("words", ["ADD", "add please", "ADD yung people", "Add evnts"])
def test_add_and_nothing_or_nearly_a_topic_is_told_which_there_are_and_adds_none(chooser, words):
    assert chooser.text(words) == "add"

    [said] = chooser.got
    assert said.startswith("People Link: you get HEALTH. For more, reply ADD and one of EVENTS, YOUNGPEOPLE")
    assert topics(chooser) == {"health"}


def test_a_zone_is_added_as_by_join(member):
    assert member.text("ADD COALVILLE") == "join"
    assert member.zones == ["Coalville", "New Parks"]


@pytest.mark.parametrize("words", ["add my sister to the list", "Add lights in the park", "language barrier at my GP"])
def test_what_is_no_choice_is_for_a_person(member, words):
    assert member.text(words) is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("LANG POLISH", "pl"),
        ("lang polski", "pl"),
        ("Language pl", "pl"),
        ("język polski", "pl"),
        ("LANG URDU", "ur"),
        ("LANG اردو", "ur"),
        ("LANG English", "en"),
    ],
)
def test_lang_sets_the_language(member, planted, words, code):
    assert member.text(words) == "language"

    [person] = services.subscribers_at(planted, member.address)
    assert person.language == code
    assert len(member.got) == 1


@pytest.mark.parametrize("words", ["LANG", "LANG Klingon", "language"])
def test_lang_and_nothing_we_know_says_which_there_are(member, words):
    assert member.text(words) == "language"
    assert member.got == ["People Link: reply LANG and your language: English, Polish or Urdu."]


def test_lang_before_yes_holds_for_the_resident(handset, planted):
    handset.text("JOIN NEWPARKS")
    handset.text("LANG POLISH")
    handset.text("YES")

    [person] = services.subscribers_at(planted, handset.address)
    assert person.language == "pl"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_known_by_its_own_name(code):
    assert choices_by_text.language_named(LANGUAGES[code].name) == code


@pytest.mark.parametrize("mode", KeywordMode)
@pytest.mark.parametrize("words", ["MYDATA", "My data", "PREFS", "settings", "Preferences", "Pause"])
def test_settings_are_a_signed_link_that_names_the_number_by_its_id(member, words, mode):
    assert member.text(words, mode=mode) == "settings"

    [said] = member.got
    token = said.partition("/preferences/")[2].split()[0]
    assert LINKS.read_preferences(token) == member.address.public_id
    assert member.address.value[1:] not in said


def test_a_link_to_the_settings_opens_nothing_else():
    token = keys.sign_until(LINKS.secret_keys, "confirm", "x")

    with pytest.raises(keys.BadTokenError):
        LINKS.read_preferences(token)


def test_who_left_may_still_ask_what_we_hold(member):
    member.text("STOP")

    assert member.text("MYDATA") == "settings"
    assert "/preferences/" in member.got[0]


def test_a_stranger_has_no_settings(handset, planted):
    assert handset.text("SETTINGS") == "settings"
    assert handset.got == [answers.how_to_join(leaving.zones.active(planted), LINKS)]


@pytest.mark.parametrize("words", ["ADD EVENTS", "TOPICS", "LANG POLISH"])
def test_after_stop_a_choice_changes_nothing_and_is_told_how_to_come_back(member, planted, words):
    member.text("STOP")

    assert member.text(words) == "join"
    assert member.got == [answers.STOPPED]
