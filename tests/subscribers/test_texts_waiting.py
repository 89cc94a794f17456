"""A postcode in no zone, by text: asked once, on the list after YES, gone after STOP."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.channels.segments import count_segments
from peoplelink.subscribers.area_models import Waiting


def rows(session):
    return [(row.sector, row.confirmed_at is not None) for row in session.scalars(select(Waiting).order_by(Waiting.id))]


def test_the_question_says_who_asks_999_and_privacy_in_two_segments_at_most(handset):
    handset.text("join le4 5aa")

    [question] = handset.got
    assert question.startswith("People Link: LE4 5 is in none of our zones yet")
    for part in ("once", "Reply YES", "999", "https://link.example.org/privacy"):
        assert part in question
    assert count_segments(question).segments <= 2


def test_yes_puts_them_on_the_list_and_makes_no_resident(planted, handset):
    handset.text("LE4 5AA")
    assert rows(planted) == [("LE4 5", False)]

    assert handset.text("yes") == "yes"

    assert handset.got == [
        "People Link: thank you. We will text you once, when a zone opens in LE4 5. To stop that, reply STOP."
    ]
    assert rows(planted) == [("LE4 5", True)]
    assert handset.zones == []


def test_of_the_postcode_only_the_sector_is_kept(planted, handset):
    handset.text("join le4 5aa")
    handset.text("yes")

    row = planted.scalars(select(Waiting)).one()
    kept = [row.sector, row.evidence, *(event.detail for event in planted.scalars(select(AuditEvent)))]
    assert "5A" not in str(kept).upper()
    assert row.evidence == {"message": "message-1"}


def test_who_waits_already_is_told_so_and_asked_nothing(planted, handset):
    handset.text("join le4 5aa")
    handset.text("yes")

    assert handset.text("LE4 5AB") == "zone"
    assert handset.got == ["People Link: we have no zone in LE4 5 yet. We will text you once, when one opens."]
    assert rows(planted) == [("LE4 5", True)]


def test_yes_answers_the_newest_of_two_questions(planted, handset):
    handset.text("JOIN NEWPARKS")
    handset.text("join le4 5aa")

    handset.text("yes")
    assert (rows(planted), handset.zones) == ([("LE4 5", True)], [])

    handset.text("yes")
    assert handset.zones == ["New Parks"]


def test_yes_to_a_zone_that_was_asked_last_leaves_the_list_alone(planted, handset):
    handset.text("join le4 5aa")
    handset.text("JOIN NEWPARKS")

    handset.text("yes")

    assert (rows(planted), handset.zones) == ([("LE4 5", False)], ["New Parks"])


@pytest.mark.parametrize("before", [["join le4 5aa"], ["join le4 5aa", "yes"]])
def test_stop_forgets_who_waits(planted, handset, before):
    for words in before:
        handset.text(words)

    handset.text("STOP")

    assert rows(planted) == []
    handset.text("yes please")
    assert rows(planted) == []


def test_a_yes_that_comes_after_two_weeks_is_too_late(planted, handset):
    handset.text("join le4 5aa")
    handset.now += dt.timedelta(days=15)

    assert handset.text("yes") is None


def test_answers_to_postcodes_end_where_two_machines_would_talk_for_ever(planted, handset):
    for number in range(30):
        handset.text(f"join le4 {number % 10}aa")

    assert handset.got == []
