import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peoplelink.channels.messages import OptOutWord
from peoplelink.channels.segments import count_segments
from peoplelink.config import KeywordMode
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import answers, answers_choices, limits
from tests.subscribers import people
from tests.subscribers.handset import Handset

DEFAULT, ADVANCED, OFF = KeywordMode.DEFAULT, KeywordMode.ADVANCED, KeywordMode.OFF


# Who answers


@pytest.mark.parametrize(
    ("mode", "opt_out", "words", "ours"),
    [
        (DEFAULT, None, "STOP", False),
        (DEFAULT, None, " unsubscribe ", False),
        (DEFAULT, None, "Stop.", True),
        (DEFAULT, None, "stop please", True),
        (DEFAULT, None, "STOP NEWPARKS", True),
        (ADVANCED, OptOutWord.STOP, "STOP", False),
        (ADVANCED, OptOutWord.STOP, "arret", False),
        (ADVANCED, None, "END", True),
        (ADVANCED, None, "stop please", True),
        (OFF, None, "STOP", True),
    ],
)
def test_stop_is_answered_by_us_only_where_twilio_does_not(member, mode, opt_out, words, ours):
    assert member.text(words, mode=mode, opt_out=opt_out) == "stop"
    assert bool(member.got) is ours
    assert member.suppressed == {SuppressionReason.STOP}
    assert member.zones == []


@pytest.mark.parametrize(
    ("mode", "opt_out", "words", "ours"),
    [
        (DEFAULT, None, "START", False),
        (DEFAULT, None, "unstop", False),
        (DEFAULT, None, "Start!", True),
        (DEFAULT, None, "YES", False),
        (ADVANCED, OptOutWord.START, "START", False),
        (ADVANCED, OptOutWord.START, "begin", False),
        (ADVANCED, OptOutWord.START, "YES", False),
        (OFF, None, "START", True),
        (OFF, None, "YES", True),
    ],
)
def test_start_is_answered_by_us_only_where_twilio_does_not(member, mode, opt_out, words, ours):
    member.text("STOP", mode=mode, opt_out=OptOutWord.STOP if mode is ADVANCED else None)

    assert member.text(words, mode=mode, opt_out=opt_out) == "start"
    assert bool(member.got) is ours
    assert member.suppressed == frozenset()
    assert member.zones == ["New Parks"]


@pytest.mark.parametrize("mode", [DEFAULT, ADVANCED])
@pytest.mark.parametrize("words", ["START", "YES"])
def test_start_is_answered_by_us_where_twilio_never_took_the_stop_for_one(member, mode, words):
    member.text("stop please", mode=mode)

    assert member.text(words, mode=mode) == "start"
    assert len(member.got) == 1
    assert member.zones == ["New Parks"]


@pytest.mark.parametrize(
    ("mode", "opt_out", "words", "ours"),
    [
        (DEFAULT, None, "HELP", False),
        (DEFAULT, None, "info", False),
        (DEFAULT, None, "Help?", True),
        (ADVANCED, OptOutWord.HELP, "HELP", False),
        (ADVANCED, None, "HELP", True),
        (OFF, None, "HELP", True),
    ],
)
def test_help_is_answered_by_us_only_where_twilio_does_not(handset, mode, opt_out, words, ours):
    assert handset.text(words, mode=mode, opt_out=opt_out) == "help"
    assert handset.got == ([answers.HELP] if ours else [])


@pytest.mark.parametrize(
    ("mode", "opt_out"), [(DEFAULT, None), (ADVANCED, OptOutWord.START), (ADVANCED, None), (OFF, None)]
)
def test_the_yes_of_a_new_resident_lifts_no_block_so_we_answer_it_in_every_mode(handset, mode, opt_out):
    handset.text("JOIN NEWPARKS", mode=mode)

    assert handset.text("YES", mode=mode, opt_out=opt_out) == "yes"
    assert len(handset.got) == 1
    assert handset.zones == ["New Parks"]


@pytest.mark.parametrize(("mode", "opt_out"), [(DEFAULT, None), (ADVANCED, OptOutWord.START)])
def test_a_yes_that_lifts_a_block_is_answered_by_twilio_and_then_the_question_is_put(handset, planted, mode, opt_out):
    handset.text("STOP", mode=mode, opt_out=OptOutWord.STOP if mode is ADVANCED else None)
    people.sign_up(planted, handset.now)

    assert handset.text("YES", mode=mode, opt_out=opt_out) == "start"
    assert handset.zones == []
    assert len(handset.got) == 1
    assert handset.text("YES", mode=mode) == "yes"
    assert handset.zones == ["New Parks"]


def test_a_yes_that_answers_a_question_stays_one_though_twilio_calls_it_a_start(member):
    assert member.text("YES", mode=ADVANCED, opt_out=OptOutWord.START) is None


# Limits, lengths, anything at all


def test_two_machines_that_answer_each_other_fall_silent(handset):
    handset.now += dt.timedelta(days=1)
    for _ in range(limits.ANSWERS_AN_HOUR):
        handset.text("JOIN NARNIA")
        assert len(handset.got) == 1

    assert handset.text("JOIN NARNIA") == "join"
    assert handset.got == []
    assert handset.text("JOIN NEWPARKS") == "join"
    assert handset.got == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("ADD EVENTS", "Events"),
        ("LANG EN", "English"),
        ("JOIN COALVILLE", "Coalville"),
        ("STOP COALVILLE", "New Parks"),
    ],
)
def test_what_changes_their_choices_is_answered_however_much_was_said_before(member, words, says):
    if words.startswith("STOP"):
        member.text("JOIN COALVILLE")
    if words.startswith("ADD"):
        member.text("ADD HEALTH")
    for _ in range(limits.ANSWERS_AN_HOUR + 1):
        member.text("TOPICS")
    assert member.got == []

    member.text(words)

    assert says in member.got[0]


def test_who_comes_back_is_told_so_however_much_was_said_before(member):
    for _ in range(limits.ANSWERS_AN_HOUR):
        member.text("HELP")
    member.text("STOP")

    member.text("START")

    assert member.zones == ["New Parks"]
    assert "welcome back" in member.got[0]


def test_who_says_yes_is_told_that_they_are_in_however_much_was_said_before(handset):
    handset.text("JOIN NEWPARKS")
    for _ in range(limits.ANSWERS_AN_HOUR):
        handset.text("HELP")

    handset.text("YES")

    assert "You're in" in handset.got[0]


def test_stop_is_answered_however_much_was_said_before(handset):
    for _ in range(limits.ANSWERS_AN_HOUR + 1):
        handset.text("HELP")

    handset.text("STOP")

    assert handset.got == [answers.LEFT]


def test_every_answer_fits_one_segment(planted):
    every = [people.zone(planted, slug) for slug in ("bell-foundry", "coalville", "new-parks")]
    said = [
        answers.LEFT,
        answers.STOPPED,
        answers.HELP,
        answers.TOO_LATE,
        answers.joined(every),
        answers.added(every),
        answers.already(every),
        answers.welcome_back(every),
        answers.how_to_join(every, people.LINKS),
        answers.several_left(every, people.LINKS),
        answers.left_long_ago(every, people.LINKS),
        answers.which_zone(every, people.LINKS),
        answers.no_such_zone(every, (), people.LINKS),
        answers.no_such_zone(every, every[:2], people.LINKS),
        answers.asked_on_the_web(every[:1]),
    ]

    assert [count_segments(words).segments for words in said] == [1] * len(said)
    assert all("People Link" in words for words in said)


def test_with_many_zones_the_list_is_a_link(planted):
    many = [people.zone(planted)] * 9

    assert answers.which_zone(many, people.LINKS).endswith("see https://link.example.org/join.")
    assert count_segments(answers.which_zone(many, people.LINKS)).segments == 1


def test_an_email_is_no_text(planted, now):
    assert Handset(planted, now, people.EMAIL).text("STOP") is None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    words=st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                ["STOP", "join", "Yes", "new", "PARKS", "coalville", "start", "and", "\u200b", "!", "events"]
            ),
            max_size=8,
        ).map(" ".join),
    ),
    mode=st.sampled_from(KeywordMode),
    opt_out=st.sampled_from([None, *OptOutWord]),
)
def test_no_text_at_all_makes_handling_fail_or_texts_somebody_who_said_stop(planted, now, words, mode, opt_out):
    with planted.begin_nested() as savepoint:
        handset = Handset(planted, now)
        people.resident(planted, now)
        handset.text(words, mode=mode, opt_out=opt_out)

        parting = {answers_choices.gave_up_all(names) for names in (["New Parks"], ["Events and activities"])}
        if handset.suppressed & {SuppressionReason.STOP}:
            assert handset.zones == []
            assert set(handset.got) <= {str(answers.LEFT), str(answers.STOPPED)} | parting
        savepoint.rollback()
