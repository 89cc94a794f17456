"""What looks personal is kept only after a second look, and the log of the report says so."""

import pytest

from peoplelink.audit import AuditEvent
from peoplelink.intelligence import reading, services
from peoplelink.intelligence.grading import Grade
from peoplelink.intelligence.models import Handling, InformationGrade, SourceGrade
from peoplelink.intelligence.personal import LooksPersonalError, SecondLook
from peoplelink.intelligence.services import Account
from peoplelink.officers.models import Role
from tests.factories import add_noise, make_conversation, make_officer, make_report

NUMBER = "07700 900123"
PLAIN = Grade(SourceGrade.UNTESTED, InformationGrade.KNOWN_DIRECTLY, Handling.SHARE)


@pytest.fixture
def analyst(session):
    add_noise(session)
    return make_officer(session, role=Role.ANALYST)


def refused(fields, **look):
    with pytest.raises(LooksPersonalError) as caught:
        SecondLook(**look).check(fields)
    return caught.value.found


def test_words_that_show_nobody_pass():
    assert SecondLook().check({"text": "The lights are out", "place": "The park", "period": "Fridays"}) == ""


def test_each_finding_is_named_with_its_field_and_marked_in_it():
    found = refused({"text": f"Call {NUMBER} or a@example.org", "place": "LE3 6QX", "period": "Fridays"})

    assert [(one.field, one.words, one.looks_like) for one in found.findings] == [
        ("text", NUMBER, "a phone number or another long number"),
        ("text", "a@example.org", "an email address"),
        ("place", "LE3 6QX", "a postcode"),
    ]
    assert [(piece.text, piece.changed) for piece in found.marked["text"]] == [
        ("Call ", False),
        (NUMBER, True),
        (" or ", False),
        ("a@example.org", True),
    ]
    assert set(found.marked) == {"text", "place"}


def test_the_name_of_the_resident_is_found_where_it_may_be_known():
    found = refused({"text": "Robin says the lights are out"}, names=("Robin Smith",))

    assert [one.words for one in found.findings] == ["Robin"]


def test_a_token_holds_for_what_was_shown_and_nothing_else():
    found = refused({"text": f"Call {NUMBER}"})

    assert SecondLook(checked=found.token).check({"text": f"Please call {NUMBER}"}) == found.kinds
    for other in ("Call 07700 900124", f"Call {NUMBER}, or LE3 6QX"):
        refused({"text": other}, checked=found.token)
    refused({"place": NUMBER}, checked=found.token)


def test_what_stands_already_is_not_asked_about_again():
    assert SecondLook().check({"text": f"Call {NUMBER} soon"}, known=[f"Call {NUMBER}"]) == ""


def texts_of(session, report):
    return [(one.field, one.after) for one in reading.history(session, report).changes]


def test_opening_changing_noting_and_grading_all_look_twice_and_say_what_was_kept(session, analyst, now):
    personal = {"text": f"Call {NUMBER}", "place": "", "period": ""}
    kept = SecondLook(checked=refused(personal).token)
    act = {"by": analyst, "now": now}

    def opened(**look):
        return services.open_report(session, make_conversation(session), Account(f"Call {NUMBER}"), **look, **act)

    report, other = opened(look=kept), make_report(session)
    deeds = [
        (opened, "text"),
        (lambda **look: services.edit(session, other, Account(f"Call {NUMBER}"), edition=1, **look, **act), "text"),
        (lambda **look: services.add_note(session, other, f"Call {NUMBER}", **look, **act), "note"),
        (lambda **look: services.grade(session, other, PLAIN, f"Call {NUMBER}", edition=1, **look, **act), "reason"),
    ]

    assert texts_of(session, report) == [(services.KEPT, "Checked, and kept: a phone number or another long number")]
    for deed, _field in deeds:
        with pytest.raises(LooksPersonalError):
            deed()
    for deed, field in deeds[2:]:
        deed(look=SecondLook(checked=refused({field: f"Call {NUMBER}"}).token))
    assert [field for field, _after in texts_of(session, other)] == [services.KEPT] * 2


def test_the_audit_log_holds_kinds_and_never_the_words(session, analyst, now):
    found = refused({"text": f"Call {NUMBER}"})
    look = SecondLook(checked=found.token)

    services.open_report(session, make_conversation(session), Account(f"Call {NUMBER}"), look=look, by=analyst, now=now)

    details = [event.detail for event in session.query(AuditEvent).filter_by(action="report.kept_personal")]
    assert details == [{"kinds": "a phone number or another long number"}]
