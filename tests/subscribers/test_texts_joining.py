import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.segments import count_segments
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.subscribers import answers, services, signup
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, SignUp, SignUpSource
from tests.subscribers import people
from tests.subscribers.handset import Handset

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


@pytest.mark.parametrize("words", ["No", "no thanks", "nie"])
def test_a_no_to_the_question_is_heeded_and_nobody_is_asked_again(handset, planted, words):
    handset.text("JOIN NEWPARKS")

    assert handset.text(words) == "no"

    assert handset.got[-1].startswith("People Link: all right, we won't text you.")
    assert signup.pending_at(planted, handset.address, now=handset.now) is None
    assert handset.text("YES") is None
    logged = planted.scalars(select(AuditEvent).where(AuditEvent.action == "sign_up.declined")).one()
    assert logged.subject_id == handset.address.public_id


def test_a_no_leaves_a_place_on_the_waiting_list_that_was_confirmed_before(handset, planted):
    handset.text("JOIN LE18 2DR")
    handset.text("YES")
    handset.text("JOIN NEWPARKS")

    assert handset.text("no") == "no"

    assert planted.scalars(select(Waiting)).one().confirmed_at is not None


def test_a_no_to_a_place_on_the_waiting_list_gives_it_up(handset, planted):
    handset.text("JOIN LE18 2DR")

    assert handset.text("no") == "no"

    assert planted.scalars(select(Waiting)).all() == []


def test_a_no_takes_back_the_question_that_waits_to_be_sent(handset, planted):
    handset.text("JOIN NEWPARKS")

    handset.text("no")

    states = {words.split(":")[1][:7]: status for _, status, words in people.sent_to(planted, handset.address)}
    assert states == {" thanks": DeliveryStatus.CANCELLED, " all ri": DeliveryStatus.QUEUED}


def test_a_no_after_an_officer_has_asked_something_is_part_of_a_conversation(handset, planted):
    handset.text("JOIN NEWPARKS")
    outbound.queue_message(planted, handset.address, purpose=Purpose.REPLY, body="Were you there?", now=handset.now)

    assert handset.text("No") is None
    assert signup.pending_at(planted, handset.address, now=handset.now) is not None


def test_a_no_of_a_resident_is_part_of_a_conversation(member):
    assert member.text("no") is None
    assert member.zones == ["New Parks"]


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
    lines = planted.scalars(
        select(ConsentRecord).where(ConsentRecord.subscriber_id == person.id).order_by(ConsentRecord.id)
    ).all()
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


def test_yes_from_a_number_that_never_wrote_before_is_part_of_a_conversation(handset):
    assert handset.text("YES") is None
    assert handset.got == []


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
