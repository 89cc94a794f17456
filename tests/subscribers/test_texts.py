import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import OptOutWord
from peoplelink.channels.segments import count_segments
from peoplelink.config import KeywordMode
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.subscribers import answers, limits, services, texts
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, SignUp, SignUpSource
from tests.subscribers import people

DEFAULT, ADVANCED, OFF = KeywordMode.DEFAULT, KeywordMode.ADVANCED, KeywordMode.OFF
MINUTE = dt.timedelta(minutes=1)


class Handset:
    """A resident's phone. `text` says what was made of a text, `got` what came back since, unless it was suppressed."""

    def __init__(self, session, now, value=people.MOBILE):
        self.session, self.now = session, now
        self.address = people.address(session, now, value)
        self._seen = len(people.sent_to(session, self.address))

    def text(self, words, *, mode=OFF, opt_out=None):
        self.now += MINUTE
        message = texts.TextFromResident(self.address, words, opt_out, "message-1")
        how = texts.TextSettings(mode, people.ADDRESS_KEY, "+447700900000", "https://link.example.org", ("s" * 64,))
        self._seen = len(people.sent_to(self.session, self.address))
        handled = texts.handle(self.session, message, settings=how, now=self.now)
        return handled.command if handled else None

    @property
    def got(self):
        new = people.sent_to(self.session, self.address)[self._seen :]
        return [words for _, status, words in new if status is DeliveryStatus.QUEUED]

    @property
    def zones(self):
        living = services.subscribers_at(self.session, self.address)
        return [zone.name for person in living for zone in services.zones_of(self.session, person)]

    @property
    def suppressed(self):
        return outbound.suppressions_of(self.session, self.address)


@pytest.fixture
def handset(planted, now):
    return Handset(planted, now)


@pytest.fixture
def member(planted, now):
    """The handset of a resident of New Parks."""
    people.resident(planted, now)
    return Handset(planted, now)


# Joining by text


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("JOIN NEWPARKS", "New Parks"),
        ("join new parks", "New Parks"),
        ("JOIN  NEWPARKS.", "New Parks"),
        ("Join the New Parks zone please", "New Parks"),
        ("joinnewparks", "New Parks"),
        ("NEWPARKS", "New Parks"),
        ("new parks", "New Parks"),
        ("New-Parks!", "New Parks"),
        ("bell", "Bell Foundry"),
        ("JOIN BELL", "Bell Foundry"),
        ("join bell foundry estate", "Bell Foundry"),
        ("Thringstone", "Coalville"),
        ("JOIN WHITWICK", "Coalville"),
        ("\u201cjoin coalville\u201d", "Coalville"),
        ("join n\u200bewparks \U0001f389", "New Parks"),
        ("\uff4a\uff4f\uff49\uff4e \uff4e\uff45\uff57\uff50\uff41\uff52\uff4b\uff53", "New Parks"),
    ],
)
def test_joining_by_text_asks_for_yes_and_yes_makes_a_resident(handset, words, zone):
    assert handset.text(words) in {"join", "zone"}

    [question] = handset.got
    assert f"Reply YES to get texts about {zone}," in question
    assert handset.zones == []

    assert handset.text("Yes please!") == "yes"
    assert handset.got == [
        f"You're in. People Link will text you about {zone}. To leave reply STOP. Emergency? Call 999."
    ]
    assert handset.zones == [zone]


def test_the_first_text_says_who_how_often_how_to_stop_999_and_where_privacy_stands(handset):
    handset.text("JOIN NEWPARKS")

    [question] = handset.got
    for part in ("Commissioner's office, not the police", "about 1 a week", "STOP", "HELP", "999"):
        assert part in question
    assert "https://link.example.org/privacy" in question
    assert count_segments(question).segments <= 2


def test_the_evidence_of_a_text_sign_up_is_the_message(handset, planted):
    handset.text("JOIN NEWPARKS")
    handset.text("YES")

    [person] = services.subscribers_at(planted, handset.address)
    line = planted.scalars(select(ConsentRecord).where(ConsentRecord.subscriber_id == person.id)).one()
    made = planted.scalars(select(SignUp).where(SignUp.source == SignUpSource.TEXT)).one()
    assert (line.action, line.how) == (ConsentAction.GIVEN, "reply YES")
    assert line.evidence == {"message": "message-1", "sign_up": made.public_id}
    assert made.evidence == {"message": "message-1"}


def test_several_zones_are_joined_at_once(handset):
    handset.text("join new parks and coalville")
    handset.text("y")

    assert handset.zones == ["Coalville", "New Parks"]


def test_yes_confirms_the_newest_question_only(handset):
    handset.text("JOIN NEWPARKS")
    handset.text("JOIN COALVILLE")
    handset.text("YES")

    assert handset.zones == ["Coalville"]


def test_yes_confirms_what_the_web_form_asked(handset, planted):
    people.sign_up(planted, handset.now)

    assert handset.text("YES") == "yes"
    assert handset.zones == ["New Parks"]


@pytest.mark.parametrize("words", ["JOIN", "join please", "JOIN EVENTS"])
def test_join_without_a_zone_asks_which(handset, words):
    assert handset.text(words) == "join"
    assert handset.got == ["People Link: which zone? Reply JOIN and its name: Bell Foundry, Coalville or New Parks."]


@pytest.mark.parametrize("words", ["JOIN NARNIA", "join the moon please"])
def test_an_unknown_zone_gets_the_list(handset, words):
    assert handset.text(words) == "join"
    assert handset.got == [
        "People Link: we could not find that zone. Reply JOIN and one of these: Bell Foundry, Coalville or New Parks."
    ]


def test_a_misspelt_zone_is_offered_and_joins_nobody(handset, planted):
    assert handset.text("JOIN NEWPRKS") == "join"
    assert handset.got == ["People Link: we could not find that zone. Did you mean New Parks? Reply JOIN NEW PARKS."]
    assert planted.scalar(select(SignUp).where(SignUp.source == SignUpSource.TEXT)) is None


@pytest.mark.parametrize("words", ["Joining tomorrow", "Join us at the hall tonight", "joined", "New Parks is lovely"])
def test_a_text_that_only_begins_like_join_goes_to_a_person(handset, words):
    assert handset.text(words) is None
    assert handset.got == []


def test_a_member_gets_another_zone_at_once(member, planted):
    assert member.text("JOIN COALVILLE") == "join"
    assert member.got == ["People Link: done. We'll text you about Coalville too. To leave reply STOP."]
    assert member.zones == ["Coalville", "New Parks"]
    [person] = services.subscribers_at(planted, member.address)
    lines = planted.scalars(select(ConsentRecord).where(ConsentRecord.subscriber_id == person.id)).all()
    assert (lines[-1].how, lines[-1].evidence) == ("JOIN", {"message": "message-1", "zones": ["coalville"]})


def test_a_member_who_joins_what_they_have_is_told_so(member):
    assert member.text("newparks") == "zone"
    assert member.got == ["People Link: you're in already. We text you about New Parks. To leave reply STOP."]


def test_in_a_household_a_zone_is_added_for_one_and_the_others_are_left_alone(planted, now):
    first = people.resident(planted, now, name="Ash")
    second = people.confirm(planted, people.sign_up(planted, now, name="Rowan"), now)

    Handset(planted, now).text("JOIN COALVILLE")

    assert [zone.slug for zone in services.zones_of(planted, first)] == ["coalville", "new-parks"]
    assert [zone.slug for zone in services.zones_of(planted, second)] == ["new-parks"]


# YES when nothing waits


def test_yes_when_nothing_waits_is_part_of_a_conversation(member, handset):
    assert member.text("YES") is None
    assert member.got == []


def test_yes_said_twice_is_not_a_message_for_a_person(handset):
    handset.text("JOIN NEWPARKS")
    handset.text("YES")

    assert handset.text("yes") == "yes"
    assert handset.got == ["People Link: you're in already. We text you about New Parks. To leave reply STOP."]


def test_yes_after_the_question_ran_out_says_so(handset):
    handset.text("JOIN NEWPARKS")
    handset.now += dt.timedelta(days=15)

    assert handset.text("YES") == "yes"
    assert handset.got == [answers.TOO_LATE]
    assert handset.zones == []


def test_yes_long_after_goes_to_a_person(handset):
    handset.text("JOIN NEWPARKS")
    handset.now += dt.timedelta(days=60)

    assert handset.text("YES") is None


# STOP


@pytest.mark.parametrize("words", ["STOP", "Stop.", "stop please", "UNSUBSCRIBE", "opt out", "STOP \U0001f6d1", "quit"])
def test_stop_acts_and_is_answered_once(member, words):
    assert member.text(words) == "stop"
    assert member.got == [answers.LEFT]
    assert member.suppressed == {SuppressionReason.STOP}
    assert member.zones == []

    assert member.text(words) == "stop"
    assert member.got == []


def test_the_answer_to_stop_is_owed_though_the_webhook_has_stopped_the_address(member, planted):
    services.stop_address(
        planted, member.address, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=member.now
    )

    assert member.text("STOP") == "stop"
    assert member.got == [answers.LEFT]
    assert people.sent_to(planted, member.address)[-1][0] is Purpose.OPT_OUT_ANSWER


@pytest.mark.parametrize("words", ["STOP NEWPARKS", "stop new parks", "STOP newprks", "stopnewparks", "stop events"])
def test_a_partial_stop_stops_everything_and_says_so(member, words):
    assert member.text(words) == "stop"
    assert member.got == [answers.LEFT_ALL]
    assert member.suppressed == {SuppressionReason.STOP}


@pytest.mark.parametrize("words", ["Count me in, we have to STOP this", "stop the fireworks", "Stopped by today"])
def test_a_text_with_stop_in_it_is_no_stop(member, words):
    assert member.text(words) is None
    assert member.suppressed == frozenset()
    assert member.zones == ["New Parks"]


def test_stop_before_yes_undoes_the_question(handset):
    handset.text("JOIN NEWPARKS")
    handset.text("STOP")

    assert handset.text("YES") == "start"
    assert handset.zones == []


@pytest.mark.parametrize("words", ["JOIN NEWPARKS", "NEWPARKS", "JOIN", "JOIN NARNIA"])
@pytest.mark.parametrize("mode", KeywordMode)
def test_join_after_stop_lifts_nothing_and_is_not_answered(member, planted, words, mode):
    member.text("STOP", mode=mode)

    handled = member.text(words, mode=mode)

    assert handled == "join"
    assert member.got == []
    assert member.suppressed == {SuppressionReason.STOP}
    event = planted.scalars(select(AuditEvent).where(AuditEvent.action == "join.while_stopped")).one()
    assert (event.subject_id, event.detail) == (member.address.public_id, {"message": "message-1"})


def test_a_message_for_a_person_after_stop_is_still_read(member):
    member.text("STOP")

    assert member.text("There is glass in the play area") is None


# START


def test_start_brings_a_member_back(member):
    member.text("STOP")

    assert member.text("START") == "start"
    assert member.got == ["People Link: welcome back. We'll text you about New Parks. To leave reply STOP."]
    assert member.suppressed == frozenset()
    assert member.zones == ["New Parks"]


def test_a_lone_yes_after_stop_is_a_start(member):
    member.text("STOP")

    assert member.text("Yes") == "start"
    assert member.zones == ["New Parks"]


def test_a_yes_in_other_words_after_stop_brings_nobody_back(member):
    member.text("STOP")

    assert member.text("yes please") is None
    assert member.suppressed == {SuppressionReason.STOP}


def test_start_from_a_stranger_says_how_to_join(handset):
    assert handset.text("START") == "start"
    assert handset.got == [
        "People Link: you can get our texts. To join, reply JOIN and your zone: Bell Foundry, Coalville or New Parks."
    ]


def test_start_puts_the_question_that_a_stop_held_back(handset, planted):
    handset.text("STOP")
    people.sign_up(planted, handset.now)
    assert handset.got == [answers.LEFT]

    handset.text("START")

    assert handset.got == [answers.asked_on_the_web([people.zone(planted)])]
    assert handset.text("YES") == "yes"
    assert handset.zones == ["New Parks"]


def test_a_yes_to_a_form_filled_in_after_stop_confirms_and_lifts_the_stop(handset, planted):
    handset.text("STOP")
    people.sign_up(planted, handset.now)

    assert handset.text("YES") == "yes"
    assert handset.zones == ["New Parks"]
    assert handset.suppressed == frozenset()


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
def test_a_yes_that_lifts_a_block_and_confirms_is_answered_by_twilio_alone(handset, planted, mode, opt_out):
    handset.text("STOP", mode=mode, opt_out=OptOutWord.STOP if mode is ADVANCED else None)
    people.sign_up(planted, handset.now)

    assert handset.text("YES", mode=mode, opt_out=opt_out) == "yes"
    assert handset.got == []
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


def test_stop_is_answered_however_much_was_said_before(handset):
    for _ in range(limits.ANSWERS_AN_HOUR + 1):
        handset.text("HELP")

    handset.text("STOP")

    assert handset.got == [answers.LEFT]


def test_every_answer_fits_one_segment(planted):
    every = [people.zone(planted, slug) for slug in ("bell-foundry", "coalville", "new-parks")]
    said = [
        answers.LEFT,
        answers.LEFT_ALL,
        answers.HELP,
        answers.TOO_LATE,
        answers.joined(every),
        answers.added(every),
        answers.already(every),
        answers.welcome_back(every),
        answers.how_to_join(every, people.LINKS),
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

        if handset.suppressed & {SuppressionReason.STOP}:
            assert handset.zones == []
            assert set(handset.got) <= {answers.LEFT, answers.LEFT_ALL}
        savepoint.rollback()
