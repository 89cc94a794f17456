"""Reports as rows, on both databases: opening, changing with an edition, grades that are never changed."""

import pytest
from sqlalchemy import select

from peoplelink.errors import ForbiddenError, InvalidInputError
from peoplelink.intelligence import reading, seed, services
from peoplelink.intelligence.grading import Grade
from peoplelink.intelligence.models import (
    Handling,
    InformationGrade,
    Report,
    ReportChange,
    ReportGrade,
    ReportStatus,
    SourceGrade,
    Theme,
)
from peoplelink.intelligence.services import Account
from peoplelink.officers.models import Role
from tests.factories import add_noise, make_conversation, make_message, make_officer, make_report, make_theme, make_zone

PLAIN = Grade(SourceGrade.UNTESTED, InformationGrade.KNOWN_DIRECTLY, Handling.SHARE)
DOUBTED = Grade(SourceGrade.NOT_RELIABLE, InformationGrade.KNOWN_DIRECTLY, Handling.SHARE)


@pytest.fixture
def analyst(session):
    add_noise(session)
    return make_officer(session, role=Role.ANALYST)


def test_themes_are_planted_once_and_a_renamed_one_stays(session):
    first = seed.plant(session)
    session.scalars(select(Theme).where(Theme.slug == "drugs")).one().name = "Drug dealing"

    assert (first, seed.plant(session)) == (len(seed.THEMES), 0)
    assert "Drug dealing" in {theme.name for theme in reading.themes(session)}


def test_a_report_keeps_its_source_apart(session, analyst, now):
    conversation = make_conversation(session)
    make_message(session, conversation, text="I am Robin; the lights are out")

    report = services.open_report(session, conversation, Account("The lights are out"), by=analyst, now=now)

    columns = {name: getattr(report, name) for name in Report.__table__.columns.keys()}  # noqa: SIM118
    assert conversation.id not in {value for name, value in columns.items() if name.endswith("conversation_id")}
    assert not any("Robin" in str(value) for value in columns.values())
    assert reading.conversation_of(session, report, officer=analyst) is conversation


def test_each_changed_field_is_kept_as_it_was_and_became(session, analyst, now):
    theme, zone = make_theme(session, name="Drugs"), make_zone(session, name="New Parks")
    report = make_report(session, text="Before")

    changed = services.edit(
        session, report, Account("After ", theme, zone, place="Park"), edition=1, by=analyst, now=now
    )

    rows = session.scalars(select(ReportChange).where(ReportChange.report_id == report.id)).all()
    assert changed == ["theme", "zone", "place", "text"]
    assert {(row.field, row.before, row.after) for row in rows} == {
        ("theme", "", "Drugs"), ("zone", "", "New Parks"), ("place", "", "Park"), ("text", "Before", "After"),
    }  # fmt: skip
    assert report.edition == 2


def test_a_form_filled_in_from_an_older_edition_is_refused(session, analyst, now):
    report = make_report(session)
    services.edit(session, report, Account("First"), edition=1, by=analyst, now=now)

    with pytest.raises(services.ChangedMeanwhileError):
        services.edit(session, report, Account("Second"), edition=1, by=analyst, now=now)

    assert report.text == "First"


def test_changing_nothing_writes_nothing(session, analyst, now):
    report = make_report(session, text="Same")

    assert services.edit(session, report, Account(" Same "), edition=1, by=analyst, now=now) == []
    assert report.edition == 1


@pytest.mark.parametrize("account", [Account("  "), Account("x" * 20_001), Account("x", place="y" * 201)])
def test_what_cannot_be_kept_is_refused(session, analyst, now, account):
    with pytest.raises(InvalidInputError):
        services.open_report(session, make_conversation(session), account, by=analyst, now=now)


def test_a_report_cannot_be_put_where_its_author_cannot_see_it(session, now):
    mine, other = make_zone(session), make_zone(session)
    local = make_officer(session, role=Role.ANALYST, zones=[mine])
    session.refresh(local, ["zone_rows"])
    conversation = make_conversation(session, zone=mine)

    for zone in (other, None):
        with pytest.raises(InvalidInputError):
            services.open_report(session, conversation, Account("x", zone=zone), by=local, now=now)


def test_a_new_grade_leaves_the_earlier_ones_as_they_were(session, analyst, now):
    report = make_report(session)

    services.grade(session, report, PLAIN, "", edition=1, by=analyst, now=now)
    services.grade(session, report, DOUBTED, "Was wrong twice", edition=2, by=analyst, now=now)

    history = reading.history(session, report).grades
    assert [(row.source_grade, row.reason) for row in history] == [
        (SourceGrade.UNTESTED, ""),
        (SourceGrade.NOT_RELIABLE, "Was wrong twice"),
    ]
    assert report.source_grade is SourceGrade.NOT_RELIABLE


@pytest.mark.parametrize("table", [ReportGrade, ReportChange])
def test_history_cannot_be_rewritten(session, analyst, now, table):
    report = make_report(session)
    services.grade(session, report, PLAIN, "", edition=1, by=analyst, now=now)
    services.edit(session, report, Account("Other"), edition=2, by=analyst, now=now)
    row = session.scalars(select(table).where(table.report_id == report.id)).first()

    row.officer_id = make_officer(session).id

    with pytest.raises(RuntimeError):
        session.flush()


def test_a_grade_of_what_was_changed_meanwhile_is_refused(session, analyst, now):
    report = make_report(session)
    services.edit(session, report, Account("Other"), edition=1, by=analyst, now=now)

    with pytest.raises(services.ChangedMeanwhileError):
        services.grade(session, report, PLAIN, "", edition=1, by=analyst, now=now)

    assert reading.history(session, report).grades == []


def test_of_two_grades_from_one_look_the_second_is_refused(session, analyst, now):
    report = make_report(session)
    seen = reading.seen(session, report)
    services.grade(session, report, PLAIN, "", edition=seen.edition, by=analyst, now=now)

    with pytest.raises(services.ChangedMeanwhileError):
        services.grade(session, report, DOUBTED, "Was wrong twice", edition=seen.edition, by=analyst, now=now)

    since = reading.since(session, report, seen)
    assert [grade.source_grade for grade in since.grades] == [SourceGrade.UNTESTED]
    assert reading.since(session, report, reading.seen(session, report)).grades == []


def test_a_reason_has_an_end(session, analyst, now):
    report = make_report(session)

    with pytest.raises(InvalidInputError, match="2,000 characters"):
        services.grade(session, report, PLAIN, "x" * 2_001, edition=1, by=analyst, now=now)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COMPOSER, Role.APPROVER])
def test_only_those_trained_to_grade_may(session, now, role):
    report, by = make_report(session), make_officer(session, role=role)

    with pytest.raises(ForbiddenError):
        services.grade(session, report, PLAIN, "", edition=1, by=by, now=now)


def test_a_report_is_given_only_to_somebody_who_may_see_it(session, analyst, now):
    mine = make_zone(session)
    report = make_report(session, zone=make_zone(session), zone_id=None)
    local = make_officer(session, role=Role.ANALYST, zones=[mine])
    session.refresh(local, ["zone_rows"])

    with pytest.raises(InvalidInputError):
        services.set_work(
            session, report, status=ReportStatus.WORKING, assigned_to=local, edition=1, by=analyst, now=now
        )

    assert local not in reading.colleagues(session, report)
    assert analyst in reading.colleagues(session, report)
