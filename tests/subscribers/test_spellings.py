"""What people text who want to join, in their own spelling: the right zone, a question or a person, no wrong zone."""

import pytest
from sqlalchemy import func, select

from peoplelink.subscribers.models import SignUp, SignUpSource
from tests.subscribers import people
from tests.subscribers.handset import Handset

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

NP, CV, BF = "New Parks", "Coalville", "Bell Foundry"

ASKS_TO_CONFIRM = [
    ("JOIN NEWPARKS", [NP]),
    ("join new parks", [NP]),
    ("Join  newpark", [NP]),
    ("NEWPARKS", [NP]),
    ("newpark", [NP]),
    ("New-Parks!", [NP]),
    ("TEXT JOIN NEWPARKS", [NP]),
    ("LE3 9", [NP]),
    ("Join New Parks\nSent from my Galaxy", [NP]),
    ("join new parks and coalville and bell foundry and new parks", [NP, CV, BF]),
    ("new parks please", [NP]),
    ("the new parks estate", [NP]),
    ("JOIN: New Parks", [NP]),
    ("join.new.parks", [NP]),
    ("Joinnewparks", [NP]),
    ("JoinNewParks thanks", [NP]),
    ("join up new parks", [NP]),
    ("join me to new parks", [NP]),
    ("JION NEW PARKS", [NP]),
    ("jon newparks", [NP]),
    ("joing new parks", [NP]),
    ("subscribe new parks", [NP]),
    ("sign up new parks", [NP]),
    ("Sign me up for New Parks please", [NP]),
    ("signup newparks", [NP]),
    ("register coalville", [CV]),
    ("I want to join new parks", [NP]),
    ("Hi I would like to join Coalville", [CV]),
    ("can I join bell foundry please", [BF]),
    ("please can we join whitwick", [CV]),
    ("Join Thringstone", [CV]),
    ("whitwick", [CV]),
    ("bell", [BF]),
    ("join the bell foundry", [BF]),
    ("Bell Foundry Estate", [BF]),
    ("join new parks and coalville", [NP, CV]),
    ("coalville + bell foundry", [CV, BF]),
    ("join new parks, coalville & bell", [NP, CV, BF]),
    ("join le3 6ab", [NP]),
    ("JOIN LE36AB", [NP]),
    ("joinle36ab", [NP]),
    ("join LE3-6AB.", [NP]),
    ("LE3 6AB", [NP]),
    ("le36ab", [NP]),
    ("le67 4aa", [CV]),
    ("LE11 1AA please", [BF]),
    ("Hi, LE67 3FJ", [CV]),
    ("my postcode is LE3 6AB", [NP]),
    ("join, my postcode is le3 6ab", [NP]),
    ("I live in LE3 6AB", [NP]),
    ("join le3 6", [NP]),
    ("join new parks le3 6ab", [NP]),
    ("le3 6ab new parks", [NP]),
    ("JOIN NEW PARKS \U0001f600\U0001f44d", [NP]),
    ("\uff2a\uff2f\uff29\uff2e \uff2c\uff25\uff13 \uff16\uff21\uff22", [NP]),
    ("join \u201cnew parks\u201d", [NP]),
    ("join new\nparks", [NP]),
]

OFFERS = [
    ("NEW PRAKS", [NP]),
    ("new praks", [NP]),
    ("join new praks", [NP]),
    ("JOIN NEWPRKS", [NP]),
    ("jion nwe parks", [NP]),
    ("join the new parcs estate", [NP]),
    ("colville", [CV]),
    ("coalvile", [CV]),
    ("join coleville", [CV]),
    ("whitwik", [CV]),
    ("join thringston", [CV]),
    ("bell foundary", [BF]),
    ("Join bell fondry please", [BF]),
    ("join new praks and coalville", [NP, CV]),
    ("join leicester", [NP]),
    ("join loughborough", [BF]),
    ("sign me up for colville", [CV]),
    # The name says one zone and the postcode another, or none: the resident says which.
    ("join new parks le67 4aa", [NP, CV]),
    ("join new parks le4 5aa", [NP]),
    ("join new praks le3 6ab", [NP]),
]

IN_NO_ZONE = [
    ("join le4 5aa", "LE4 5"),
    ("LE4 5AA", "LE4 5"),
    ("le45aa", "LE4 5"),
    ("join le4 5", "LE4 5"),
    ("Join SW1A 1AA please", "SW1A 1"),
    ("my postcode is le18 2dr", "LE18 2"),
]

ASKS_WHICH = [
    "join",
    "Join please",
    "JOIN ME",
    "subscribe",
    "join narnia",
    "join events",
    "sign up",
    "join le3",
    "join le",
]

FOR_A_PERSON = [
    "join us at the hall tonight",
    "Joining tomorrow",
    "joined",
    "I would like to join in",
    "can we join you",
    "New Parks is lovely",
    "parks",
    "there is a fire in new parks",
    "the bins in LE3 6AB have not been emptied",
    "LE3",
    "bus stop",
    "B4 5",
    "do not stop",
    "New Parks bus stop",
    "JOIN us all at the hall on Sunday night",
    "no",
    "call me",
    "hello",
    "belle",
    "jon",
    "subscribe to what?",
    "is the register open on monday",
    "12345",
    "thanks",
    "join l e 3 6 a b",
    "sign the petition",
    "bells",
]


def asked(planted):
    """The zones that texts have asked to join, each request for itself."""
    made = planted.scalars(select(SignUp).where(SignUp.source == SignUpSource.TEXT)).all()
    return [sorted(sign_up.zone_ids) for sign_up in made]


def ids(planted, names):
    zones = {zone.name: zone.id for zone in planted.scalars(select(people.Zone))}
    return sorted(zones[name] for name in names)


def test_there_are_enough_spellings_to_mean_something(engine_name):
    texts = [text for text, _ in ASKS_TO_CONFIRM + OFFERS + IN_NO_ZONE] + ASKS_WHICH + FOR_A_PERSON

    assert len(texts) == len(set(texts)) >= 100


@pytest.mark.parametrize(("text", "names"), ASKS_TO_CONFIRM)
def test_a_zone_that_is_named_or_whose_postcode_is_given_is_asked_about(planted, handset, text, names):
    assert handset.text(text) in {"join", "zone"}

    [said] = handset.got
    assert asked(planted) == [ids(planted, names)]
    assert "Reply YES" in said
    assert all(name in said for name in names)
    assert handset.zones == []


@pytest.mark.parametrize(("text", "names"), OFFERS)
def test_what_comes_close_is_offered_and_joins_nobody(planted, handset, text, names):
    assert handset.text(text) in {"join", "zone"}

    [said] = handset.got
    assert "Did you mean" in said
    for name in (NP, CV, BF):
        assert (f"JOIN {name.upper()}" in said) is (name in names), name
    assert asked(planted) == []


@pytest.mark.parametrize(("text", "sector"), IN_NO_ZONE)
def test_a_postcode_in_no_zone_is_offered_the_waiting_list(planted, handset, text, sector):
    assert handset.text(text) in {"join", "zone"}

    [said] = handset.got
    assert said.startswith(f"People Link: {sector} is in none of our zones yet. May we text you once")
    assert asked(planted) == []


@pytest.mark.parametrize("text", ASKS_WHICH)
def test_a_wish_to_join_without_a_zone_is_asked_which(planted, handset, text):
    assert handset.text(text) == "join"

    [said] = handset.got
    assert "JOIN" in said
    assert asked(planted) == []


@pytest.mark.parametrize("text", FOR_A_PERSON)
def test_what_orders_nothing_goes_to_a_person(planted, handset, text):
    assert handset.text(text) is None

    assert handset.got == []
    assert planted.scalar(select(func.count()).select_from(SignUp).where(SignUp.source == SignUpSource.TEXT)) == 0


@pytest.mark.parametrize("text", ["LE3 6AB", "le4 5aa", "new praks", "colville", "my postcode is LE67 4AA"])
def test_a_resident_who_writes_only_a_place_is_answering_a_question_and_a_person_reads_it(member, text):
    assert member.text(text) is None
    assert member.got == []
    assert member.zones == [NP]


@pytest.mark.parametrize("text", ["join le67 4aa", "JOIN COALVILLE", "I want to join coalville"])
def test_a_resident_who_says_join_gets_the_zone_at_once(member, text):
    assert member.text(text) == "join"
    assert member.zones == [CV, NP]


def test_a_postcode_in_two_zones_is_asked_about_both(planted, handset):
    people.zone(planted, "coalville").sectors = ["LE3 6"]
    planted.flush()

    handset.text("join le3 6ab")

    assert asked(planted) == [ids(planted, [NP, CV])]


@pytest.mark.parametrize("text", ["LE3 6AB", "join le3 6ab", "new praks"])
def test_who_said_stop_is_not_signed_up_by_a_postcode(planted, now, text):
    phone = Handset(planted, now)
    phone.text("STOP")

    phone.text(text)

    assert asked(planted) == []
    assert phone.suppressed
