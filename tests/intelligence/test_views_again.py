"""Forms of reports that are shown again: what looks personal, what changed meanwhile, what no page offered."""

import pytest
from sqlalchemy import select

from peoplelink.intelligence.models import Report, ReportSource, ReportStatus
from peoplelink.intelligence.services import KEPT
from tests.intelligence.town import opening, page_of, send_opening, state
from tests.pages import csrf_token, soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
NUMBER = "07700 900123"


def token_in(response):
    return soup(response).select_one("input[name=checked]")["value"]


def summary_of(response):
    return " ".join(soup(response).select_one(".govuk-error-summary").get_text(" ").split())


def test_a_report_that_may_show_who_it_is_is_shown_again_with_the_place_marked(client, sign_in, town, look):
    sign_in(town.local)
    before = look(lambda s: len(s.scalars(select(Report)).all()))

    words = {"zone": town.zone.slug, "text": f"Robin, call {NUMBER}.", "place": "12 Some Road"}
    page = send_opening(client, town, **words)

    assert page.status_code == 422
    assert soup(page).title.text.startswith("Error: ")
    assert "Look again at “What was told”" in summary_of(page)
    assert [mark.text for mark in soup(page).select(".pl-found mark")] == ["Robin", NUMBER, "12"]
    assert "“12” looks like a house number" in page.text
    assert soup(page).find("textarea").text.strip() == f"Robin, call {NUMBER}."
    assert look(lambda s: len(s.scalars(select(Report)).all())) == before


def test_a_tick_keeps_it_and_the_log_of_the_report_says_so(client, sign_in, town, look):
    sign_in(town.local)
    words = {"zone": town.zone.slug, "text": f"Call {NUMBER}."}
    token = token_in(send_opening(client, town, **words))

    made = send_opening(client, town, **words, checked=token)

    report = look(lambda s: s.scalars(select(Report).where(Report.text == f"Call {NUMBER}.")).one())
    page = client.get(made.location).text
    assert made.location.endswith(page_of(report))
    assert KEPT.capitalize() in page
    assert "Checked, and kept: a phone number or another long number" in page


def test_a_tick_holds_only_for_what_was_shown(client, sign_in, town, look):
    sign_in(town.local)
    address = f"{page_of(town.here)}/edit"
    words = {"zone": town.zone.slug, "edition": "1"}
    token = token_in(submit(client, address, **words, text=f"Call {NUMBER}."))

    page = submit(client, address, **words, text=f"Call {NUMBER} or LE3 6QX.", checked=token)

    assert page.status_code == 422
    assert "LE3 6QX" in [mark.text for mark in soup(page).select(".pl-found mark")]
    assert state(look, town.here).text == "The lights are out."


def reports_of(look, conversation):
    query = select(Report).join(ReportSource).where(ReportSource.conversation_id == conversation.id)
    return look(lambda s: s.scalars(query.order_by(Report.id)).all())


def test_a_form_sent_twice_makes_one_report_and_the_second_says_so(client, sign_in, town, look):
    sign_in(town.all)
    seen = soup(client.get(opening(town))).find("input", attrs={"name": "seen_report"})["value"]
    fields = {"text": "The lamps are out", "seen_report": seen, "csrf_token": csrf_token(client, opening(town))}
    before = len(reports_of(look, town.told))

    first, second = (client.post(opening(town), data=fields) for _ in range(2))

    made = reports_of(look, town.told)
    assert (first.status_code, second.status_code, len(made)) == (302, 409, before + 1)
    assert f"You have just made report {made[-1].code}" in summary_of(second)
    assert soup(second).find("a", string=f"report {made[-1].code}")
    assert soup(second).find("textarea").text.strip() == "The lamps are out"


def test_another_report_of_the_same_conversation_is_made_by_who_has_seen_the_first(client, sign_in, town, look):
    sign_in(town.all)
    words = {"text": "The lamps are out", "seen_report": str(reports_of(look, town.told)[-1].id)}
    submit(client, opening(town), **words)
    refused = submit(client, opening(town), **words | {"text": "And cars race"})
    seen = soup(refused).find("input", attrs={"name": "seen_report"})["value"]

    made = submit(client, opening(town), text="And cars race", seen_report=seen)

    assert made.status_code == 302
    assert [report.text for report in reports_of(look, town.told)][-2:] == ["The lamps are out", "And cars race"]


def test_a_report_that_a_colleague_made_meanwhile_names_them(client, sign_in, town):
    sign_in(town.local)
    submit(client, opening(town), text="The lights are out", zone=town.zone.slug, seen_report=str(town.here.id))
    sign_in(town.all)

    answer = submit(client, opening(town), text="The lamps are out", seen_report=str(town.here.id))

    assert "A Local has just made report" in summary_of(answer)


def test_a_note_and_a_reason_are_looked_at_too_and_kept_as_typed(client, sign_in, town):
    sign_in(town.local)
    grade = {"source": "2", "information": "A", "handling": "P", "edition": "1"}

    note = submit(client, f"{page_of(town.here)}/note", page=page_of(town.here), note=f"Call {NUMBER}")
    graded = submit(client, f"{page_of(town.here)}/grade", page=page_of(town.here), **grade, reason=f"By {NUMBER}")
    kept = submit(
        client, f"{page_of(town.here)}/note", page=page_of(town.here), note=f"Call {NUMBER}", checked=token_in(note)
    )

    assert (note.status_code, graded.status_code, kept.status_code) == (422, 422, 302)
    assert soup(note).find("textarea", id="note").text.strip() == f"Call {NUMBER}"
    assert soup(graded).find("textarea", id="reason").text.strip() == f"By {NUMBER}"
    assert f"Call {NUMBER}" in client.get(page_of(town.here)).text


def test_the_name_of_a_resident_is_not_given_away_to_who_may_not_read_the_conversation(client, sign_in, town, change):
    def name(session):
        session.get(Report, town.apart.id).source.conversation.subscriber = session.merge(town.told.subscriber)

    change(name)
    sign_in(town.local)
    words = {"zone": town.zone.slug, "text": "Robin says bikes.", "edition": "1"}

    apart = submit(client, f"{page_of(town.apart)}/edit", **words)
    here = submit(client, f"{page_of(town.here)}/edit", **words)

    assert (apart.status_code, here.status_code) == (302, 422)


def test_an_empty_note_is_said_on_the_page(client, sign_in, town):
    sign_in(town.local)

    page = submit(client, f"{page_of(town.here)}/note", page=page_of(town.here), note="  ")

    assert page.status_code == 422
    assert "Write a note first" in summary_of(page)


# Changed meanwhile


def test_an_edit_from_an_older_edition_shows_what_changed_and_can_then_be_saved(client, sign_in, town, look):
    sign_in(town.local)
    address = f"{page_of(town.here)}/edit"
    submit(client, address, zone=town.zone.slug, text="First", edition="1")

    second = submit(client, address, zone=town.zone.slug, text="Second", edition="1")
    fields = {field["name"]: field["value"] for field in soup(second).select("form[novalidate] input[type=hidden]")}
    third = client.post(address, data={**fields, "zone": town.zone.slug, "text": "Second"})

    shown = soup(second).select_one("#what-changed").get_text(" ")
    assert second.status_code == 409
    assert soup(second).title.text.startswith("Error: ")
    assert "somebody changed this report" in summary_of(second)
    assert all(words in shown for words in ("The lights are out.", "First", "A Local"))
    assert soup(second).find("textarea").text.strip() == "Second"
    assert third.status_code == 302
    assert state(look, town.here).text == "Second"


def test_a_grade_from_an_older_edition_is_not_kept_and_the_choice_is(client, sign_in, town, look):
    sign_in(town.local)
    address, page = f"{page_of(town.here)}/grade", page_of(town.here)
    grade = {"source": "1", "information": "B", "handling": "P", "reason": "Seen by two"}
    submit(client, f"{page}/edit", zone=town.zone.slug, text="Other words", edition="1")

    stale = submit(client, address, page=page, **grade, edition="1")

    assert stale.status_code == 409
    assert "Other words" in soup(stale).select_one("#what-changed").text
    assert [field["value"] for field in soup(stale).select("input[type=radio][checked]")] == ["1", "B", "P"]
    assert soup(stale).find("textarea", id="reason").text.strip() == "Seen by two"
    assert state(look, town.here).source_grade is None
    assert submit(client, address, page=page, **grade, edition="2").status_code == 302


def test_where_it_stands_from_an_older_edition_is_shown_with_what_changed(client, sign_in, town, look):
    sign_in(town.local)
    page = page_of(town.here)
    submit(client, f"{page}/work", page=page, status="working", edition="1")

    stale = submit(client, f"{page}/work", page=page, status="done", to=town.local.public_id, edition="1")

    assert stale.status_code == 409
    assert "Working" in soup(stale).select_one("#what-changed").text
    assert [one["value"] for one in soup(stale).select("aside option[selected]")] == ["done", town.local.public_id]
    assert state(look, town.here).status is ReportStatus.WORKING
    assert submit(client, f"{page}/work", page=page, status="done", edition="2").status_code == 302


# What no page offered


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("work", {"status": "lost"}, "Choose where the report stands from the list"),
        ("work", {"status": "done", "to": "nobody-we-know"}, "That colleague cannot read reports of this zone"),
        ("edit", {"text": "x", "theme": "weather"}, "Choose a theme from the list"),
        ("edit", {"text": "x", "zone": "elsewhere"}, "Choose one of your zones"),
        ("grade", {"source": "9", "information": "A", "handling": "P"}, "Choose a grade for the source"),
        ("grade", {"source": "1", "information": "Z", "handling": "P"}, "Choose a grade for the information"),
        ("grade", {"source": "1", "information": "A"}, "Choose whether it may be shared"),
        ("grade", {"source": "1", "information": "A", "handling": "P", "reason": "x" * 2001}, "2,000 characters"),
    ],
)
def test_a_forged_choice_is_answered_in_plain_english_and_changes_nothing(
    client, sign_in, town, look, act, fields, said
):
    sign_in(town.local)
    fields = {"zone": town.zone.slug, "edition": "1"} | fields

    page = submit(client, f"{page_of(town.here)}/{act}", page=page_of(town.here), **fields)

    after = state(look, town.here)
    assert page.status_code == 422
    assert said in summary_of(page)
    assert (after.edition, after.status, after.text) == (1, ReportStatus.NEW, "The lights are out.")
