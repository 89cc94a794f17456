"""Reports over HTTP: from a conversation to a graded report, and who sees what."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.intelligence.models import Report, ReportStatus, SourceGrade
from tests.intelligence.town import LIST, opening, page_of, send_opening, state
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_a_report_starts_from_the_sanitised_words_beside_the_original(client, sign_in, town):
    sign_in(town.local)

    page = soup(client.get(opening(town)))

    assert page.find("textarea").text.strip() == "[name] here, [number]. The lights are out."
    assert "07700 900123" in page.select_one(".pl-pane--original").text
    taken_out = " ".join(mark.text for mark in page.select("del"))
    assert "Robin" in taken_out
    assert "900123" in taken_out
    assert "lights" not in taken_out


def test_a_report_is_made_and_leads_to_grading(client, sign_in, town, look):
    sign_in(town.local)

    answer = send_opening(client, town, theme="drugs", zone=town.zone.slug, place="The park", text="Lights are out")

    made = look(lambda s: s.scalars(select(Report).where(Report.text == "Lights are out")).one())
    assert answer.location.endswith(page_of(made))
    assert (made.zone_id, made.created_by_id, made.source_grade) == (town.zone.id, town.local.id, None)
    assert "Nobody has graded it" in client.get(page_of(made)).text


def test_comparing_again_keeps_what_was_written_and_makes_nothing(client, sign_in, town, look):
    sign_in(town.local)
    before = look(lambda s: len(s.scalars(select(Report)).all()))

    page = send_opening(client, town, zone=town.zone.slug, text="Other words", compare="1")

    assert soup(page).find("textarea").text.strip() == "Other words"
    assert look(lambda s: len(s.scalars(select(Report)).all())) == before


def test_an_empty_report_is_refused_on_the_page(client, sign_in, town):
    sign_in(town.local)

    page = send_opening(client, town, zone=town.zone.slug, text="")

    assert page.status_code == 422
    assert "Write what was told" in soup(page).select_one(".govuk-error-summary").text


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("local", "here", 200), ("local", "there", 404), ("all", "there", 200), ("composer", "here", 403),
    ],
)  # fmt: skip
def test_a_report_is_shown_to_those_of_its_zone(client, sign_in, town, who, path, status):
    sign_in(getattr(town, who))
    report = getattr(town, path)

    assert client.get(page_of(report)).status_code == status
    assert client.get(f"{page_of(report)}/edit").status_code == status
    assert client.get(f"{page_of(report)}/grade").status_code == status


@pytest.mark.parametrize("act", ["edit", "grade", "note", "work"])
def test_nothing_can_be_done_with_a_report_of_another_zone(client, sign_in, town, look, act):
    sign_in(town.local)
    fields = {
        "text": "x",
        "source": "2",
        "information": "A",
        "handling": "P",
        "note": "x",
        "edition": "1",
        "zone": town.zone.slug,
    }

    answer = submit(client, f"{page_of(town.there)}/{act}", page=page_of(town.here), **fields)

    after = state(look, town.there)
    assert answer.status_code == 404
    assert (after.text, after.source_grade, after.edition) == ("Cars race at night.", None, 1)


def test_a_list_holds_only_reports_of_ones_zones(client, sign_in, town):
    sign_in(town.local)
    text = client.get(LIST).text

    assert "The lights are out." in text
    assert "Cars race" not in text
    assert "2 reports" in text


def test_filters_narrow_the_list(client, sign_in, town, change):
    def work(session):
        report = session.get(Report, town.here.id)
        report.status, report.assigned_to_id = ReportStatus.WORKING, town.all.id

    change(work)
    sign_in(town.all)

    for query, shown in (("status=working", "lights"), ("mine=1", "lights"), (f"zone={town.other.slug}", "Cars race")):
        text = client.get(f"{LIST}?{query}").text
        assert shown in text
        assert "Bikes on the path" not in text
    assert "No reports here" in client.get(f"{LIST}?theme=drugs").text


def test_the_original_is_shown_only_to_those_who_may_read_the_conversation(client, sign_in, town, look):
    sign_in(town.local)
    with_original, without = client.get(page_of(town.here)).text, client.get(page_of(town.apart)).text

    read = look(
        lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "report.read").order_by(AuditEvent.id)).all()
    )
    assert "Robin" in with_original
    assert "My secret words" not in without
    assert "Who told it is kept apart" in without
    assert [event.detail["original"] for event in read] == [True, False]


def test_plain_questions_propose_a_grade_that_the_officer_may_change(client, sign_in, town, look):
    sign_in(town.local)
    asked = client.get(f"{page_of(town.here)}/grade").text
    proposed = soup(client.get(f"{page_of(town.here)}/grade?source=first&knows=told&sharing=yes"))

    chosen = [field["value"] for field in proposed.select("input[type=radio][checked]")]
    address = f"{page_of(town.here)}/grade"
    submit(client, address, page=page_of(town.here), source="1", information="A", handling="P", edition="1")

    assert "Did they see or hear it themselves?" in asked
    assert chosen == ["2", "C", "P"]
    assert state(look, town.here).source_grade is SourceGrade.RELIABLE
    assert "1A P" in client.get(page_of(town.here)).text


@pytest.mark.parametrize(("grade", "words"), [("3AP", "not reliable"), ("2EP", "false"), ("2AC", "conditions")])
def test_a_grade_that_needs_a_reason_is_not_kept_without(client, sign_in, town, look, grade, words):
    sign_in(town.local)
    fields = dict(zip(("source", "information", "handling"), grade, strict=True))

    page = submit(client, f"{page_of(town.here)}/grade", page=page_of(town.here), edition="1", **fields)

    assert page.status_code == 422
    assert words in soup(page).select_one(".govuk-error-summary").text
    assert state(look, town.here).source_grade is None


@pytest.mark.parametrize("fields", [{}, {"source": "9", "information": "A", "handling": "P"}, {"source": "1"}])
def test_a_grade_that_is_none_is_refused(client, sign_in, town, look, fields):
    sign_in(town.local)

    assert submit(client, f"{page_of(town.here)}/grade", page=page_of(town.here), **fields).status_code == 422
    assert state(look, town.here).source_grade is None


def test_changes_notes_and_work_are_listed_with_who_and_when(client, sign_in, town, look):
    sign_in(town.local)
    page = page_of(town.here)

    submit(client, f"{page}/edit", zone=town.zone.slug, text="The lights are still out.", edition="1")
    submit(client, f"{page}/note", page=page, note="Ask the council")
    submit(client, f"{page}/work", page=page, status="working", to=town.local.public_id, edition="2")

    text = client.get(page).text
    after = state(look, town.here)
    assert (after.status, after.assigned_to_id, after.edition) == (ReportStatus.WORKING, town.local.id, 3)
    assert all(words in text for words in ("still out", "Ask the council", "You have it", "A Local"))


def test_a_composer_cannot_open_a_report(client, sign_in, town):
    sign_in(town.composer)

    assert client.get(opening(town)).status_code == 403
    assert "Open a report" not in client.get(f"/officer/conversations/{town.told.public_id}").text
