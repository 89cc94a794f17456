import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import OptOutWord
from peoplelink.config import KeywordMode
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import answers, limits, services
from tests.subscribers import people
from tests.subscribers.handset import OFF

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


@pytest.mark.parametrize("mode", KeywordMode)
def test_who_comes_back_and_stops_again_within_the_hour_is_answered_each_time(member, planted, mode):
    for _ in range(2):
        services.stop_address(
            planted,
            member.address,
            reason=SuppressionReason.STOP,
            how="STOP",
            source="text",
            evidence={},
            now=member.now,
        )
        assert member.text("stop please", mode=mode) == "stop"
        assert member.got == [answers.LEFT]

        assert member.text("START", mode=mode) == "start"
        assert member.got == ["People Link: welcome back. We'll text you about New Parks. To leave reply STOP."]


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


def joins_while_stopped(session, address):
    acts = session.scalars(select(AuditEvent).where(AuditEvent.action == "join.while_stopped"))
    return [act.detail["answered"] for act in acts if act.subject_id == address.public_id]


@pytest.mark.parametrize("words", ["JOIN NEWPARKS", "NEWPARKS", "JOIN", "JOIN NARNIA"])
@pytest.mark.parametrize(
    ("stop", "mode"),
    [("STOP", OFF), ("stop please", OFF), ("stop please", KeywordMode.DEFAULT), ("stop please", KeywordMode.ADVANCED)],
)
def test_join_after_stop_lifts_nothing_and_is_told_how_to_come_back(member, planted, words, stop, mode):
    member.text(stop, mode=mode)

    assert member.text(words, mode=mode) == "join"

    assert member.got == [answers.STOPPED]
    assert member.suppressed == {SuppressionReason.STOP}
    assert joins_while_stopped(planted, member.address) == [True]
    assert people.sent_to(planted, member.address)[-1][0] is Purpose.OPT_OUT_ANSWER


@pytest.mark.parametrize("words", ["JOIN NEWPARKS", "NEWPARKS", "JOIN", "JOIN NARNIA"])
@pytest.mark.parametrize("stop", ["STOP", "stop please, STOP"])
@pytest.mark.parametrize(
    ("mode", "opt_out"), [(KeywordMode.DEFAULT, None), (KeywordMode.ADVANCED, OptOutWord.STOP)], ids=str
)
def test_join_after_a_stop_that_twilio_took_is_for_a_person(member, planted, words, stop, mode, opt_out):
    for said in stop.split(", "):
        member.text(said, mode=mode, opt_out=opt_out if said == "STOP" else None)

    assert member.text(words, mode=mode) is None

    assert member.got == []
    assert member.suppressed == {SuppressionReason.STOP}
    assert joins_while_stopped(planted, member.address) == [False]


def test_join_from_a_number_that_twilio_has_refused_is_for_a_person_in_every_mode(member, planted):
    outbound.suppress(planted, member.address, SuppressionReason.PROVIDER, source="provider event", now=member.now)

    assert member.text("JOIN NEWPARKS", mode=OFF) is None
    assert member.got == []


def test_join_after_stop_said_over_and_over_is_for_a_person_in_the_end(member):
    member.text("STOP")
    for _ in range(limits.ANSWERS_AN_HOUR):
        last = member.text("JOIN NEWPARKS")

    assert last is None
    assert member.got == []


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


@pytest.mark.parametrize("mode", KeywordMode)
@pytest.mark.parametrize("words", ["START", "YES"])
def test_start_at_a_shared_number_says_in_every_mode_why_nobody_is_back(member, planted, words, mode):
    people.resident(planted, member.now, name="Ash")
    people.resident(planted, member.now, name="Sam")
    member.text("STOP", mode=mode)

    assert member.text(words, mode=mode) == "start"

    [said] = member.got
    assert said.startswith("People Link: more than one person used this number. To get texts again, reply JOIN")
    assert member.zones == []
    assert member.text("JOIN NEWPARKS", mode=mode) == "join"
    assert member.text("YES", mode=mode) == "yes"
    assert member.zones == ["New Parks"]


@pytest.mark.parametrize("mode", KeywordMode)
def test_start_months_later_greets_nobody_under_another_persons_name_and_zones(member, mode):
    member.text("STOP", mode=mode)
    member.now += dt.timedelta(days=200)

    assert member.text("START", mode=mode) == "start"

    [said] = member.got
    assert said.startswith("People Link: it is some time since this number left. To get texts again, reply JOIN")
    assert (member.zones, member.suppressed) == ([], frozenset())


@pytest.mark.parametrize("mode", KeywordMode)
def test_a_stranger_who_said_stop_and_start_is_told_that_they_get_nothing_yet(handset, mode):
    handset.text("STOP", mode=mode)

    assert handset.text("START", mode=mode) == "start"

    [said] = handset.got
    assert "To join, reply JOIN and your zone" in said


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


def test_a_lone_yes_after_stop_is_a_wish_to_come_back_and_the_question_is_put_only_then(handset, planted):
    handset.text("STOP")
    people.sign_up(planted, handset.now)

    assert handset.text("YES") == "start"
    assert handset.zones == []
    assert len(handset.got) == 1
    assert handset.text("YES") == "yes"
    assert handset.zones == ["New Parks"]
    assert handset.suppressed == frozenset()


@pytest.mark.parametrize("words", ["Yeah I do thanks", "yes please ring me", "Yes, and the lights are out again"])
def test_a_yes_to_a_question_that_was_never_put_agrees_to_nothing(handset, planted, words):
    handset.text("STOP")
    people.sign_up(planted, handset.now)

    assert handset.text(words) is None
    assert handset.zones == []
    assert handset.suppressed == {SuppressionReason.STOP}
