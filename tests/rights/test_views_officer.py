"""The data protection officer's pages: who may open them, what is logged, and that no address names anybody."""

import json

import pytest
from sqlalchemy import func, select

from peoplelink.officers.models import Role
from peoplelink.rights import tasks
from peoplelink.rights.models import ErasureRecord, LegalHold, RightsRequest
from peoplelink.subscribers.models import Objection, Subscriber
from tests.factories import make_officer, make_subscriber, make_zone
from tests.pages import soup
from tests.rights import life
from tests.rights.desk import HOME, actions, find, post

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COMPOSER, Role.APPROVER, Role.ANALYST])
def test_other_officers_may_not_open_the_pages(client, sign_in, database, role):
    with database.transaction() as session:
        officer = make_officer(session, role=role)
    sign_in(officer)

    for path in (HOME, f"{HOME}/log", f"{HOME}/retention", f"{HOME}/retention/dry-run"):
        assert client.get(path).status_code == 403


def test_an_officer_limited_to_zones_may_not_either(client, sign_in, database):
    with database.transaction() as session:
        officer = make_officer(session, zones=[make_zone(session)])
    sign_in(officer)

    page = client.get(HOME)

    assert page.status_code == 403
    assert "officers of all zones" in page.text


@pytest.mark.parametrize("typed", ["07700 900111", "+447700900111", "ROBIN@example.org"])
def test_a_person_is_found_by_number_or_mailbox_and_the_reason_is_logged(keeper, kept, runtime, typed):
    page = find(keeper, typed)

    assert page.status_code == 200
    assert "Robin Oak" in page.text
    assert life.WORDS in page.text
    assert actions(runtime) == [("rights.found", {"reason": "asked for a copy"})]


def test_nobody_is_looked_at_without_a_reason(keeper, kept, runtime):
    page = find(keeper, reason="  ")

    assert page.status_code == 422
    assert "Say why you look at it" in page.text
    assert "Robin" not in page.text
    assert actions(runtime) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter a mobile number or an email address"),
        ("123", "Enter a UK mobile number"),
        ("@", "Enter an email address"),
        ("07700 900222", "We hold nothing under this number"),
        ("x" * 5000, "Enter a UK mobile number"),
    ],
)
def test_what_cannot_be_looked_for_is_said_with_what_to_do(keeper, typed, said):
    page = find(keeper, typed)

    assert page.status_code == 422
    assert said in soup(page).select_one(".govuk-error-summary").text


def test_of_a_household_the_officer_chooses_one(keeper, kept, database):
    with database.transaction() as session:
        number = session.get(Subscriber, kept.id).addresses[0].address
        make_subscriber(session, sms=number, name="Ash")

    page = find(keeper)
    buttons = [button.text for button in soup(page).select("main form button")]
    person = soup(page).select("main input[name=person]")[0]["value"]
    chosen = post(keeper, f"{HOME}/person", person=person, reason="asked for a copy")

    assert buttons == ["Robin Oak", "Ash"]
    assert "They share a number or mailbox" in chosen.text


def test_no_address_of_a_page_names_anybody(keeper, kept):
    page = soup(find(keeper))

    addresses = [form["action"] for form in page.select("form")] + [link["href"] for link in page.select("a")]
    assert [one for one in addresses if "7700900" in one or "robin" in one.casefold()] == []


def test_the_copy_is_a_file_that_runs_nowhere_and_taking_it_is_logged(keeper, kept, runtime):
    sent = post(keeper, f"{HOME}/person/download", person=kept.public_id, reason="request 4KX7QM", form="json")

    data = json.loads(sent.data)
    assert sent.headers["Content-Disposition"] == "attachment; filename=what-we-hold.json"
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert data["sections"]["reports"]["rows"] == []
    [(_, detail)] = actions(runtime, "rights.taken_away")
    assert detail == {"reason": "request 4KX7QM", "with_reports": False, "form": "json"}


def test_reports_go_into_the_copy_only_where_the_box_is_ticked(keeper, kept, runtime):
    sent = post(keeper, f"{HOME}/person/download", person=kept.public_id, reason="x", form="html", with_reports="yes")

    assert "Smoke from a shed." in sent.text
    assert "<script" not in sent.text
    assert actions(runtime, "rights.taken_away")[0][1]["with_reports"] is True


def test_a_copy_in_no_known_form_is_404(keeper, kept):
    sent = post(keeper, f"{HOME}/person/download", person=kept.public_id, reason="x", form="exe")

    assert sent.status_code == 404


def test_erasing_needs_a_tick_and_then_takes_everything(keeper, kept, runtime, jobs):
    refused = post(keeper, f"{HOME}/person/erase", person=kept.public_id, reason="asked")
    assert refused.status_code == 422

    done = post(keeper, f"{HOME}/person/erase", person=kept.public_id, reason="asked", sure="yes")
    assert done.status_code == 303
    assert "rights" in jobs.rung
    from peoplelink.app import PARTS  # noqa: PLC0415

    tasks.go_on(runtime, PARTS)

    with runtime.database.read() as session:
        assert session.get(Subscriber, kept.id) is None
        assert session.scalars(select(ErasureRecord.finished_at)).one() is not None
    assert "messages" in keeper.get(HOME).text
    assert find(keeper).status_code == 422


def test_a_hold_stops_the_erasure_with_its_reason_on_the_page(keeper, kept, runtime):
    post(keeper, f"{HOME}/holds", kind="report", subject=f"http://127.0.0.1/officer/reports/{kept.report}", why="Court")

    page = find(keeper)
    refused = post(keeper, f"{HOME}/person/erase", person=kept.public_id, reason="asked", sure="yes")

    assert "Nothing can be erased: Court" in " ".join(soup(page).main.text.split())
    assert refused.status_code == 409
    assert "Court" in refused.text
    with runtime.database.read() as session:
        hold = session.scalars(select(LegalHold.public_id)).one()
    post(keeper, f"{HOME}/holds/{hold}/lift")
    assert post(keeper, f"{HOME}/person/erase", person=kept.public_id, reason="x", sure="y").status_code == 303


@pytest.mark.parametrize("kind", ["person", "conversation", "report"])
def test_a_hold_on_nothing_is_refused(keeper, kept, kind):
    page = post(keeper, f"{HOME}/holds", kind=kind, subject="https://example.org/nothing", why="Court")

    assert page.status_code == 422
    assert f"There is no such {kind}" in page.text


def test_a_request_taken_down_has_a_month_and_can_be_paused_and_settled(keeper, kept, runtime):
    post(keeper, f"{HOME}/person/request", person=kept.public_id, reason="x", kind="access", words="Send me all of it")
    with runtime.database.read() as session:
        made = session.scalars(select(RightsRequest)).one()
    path = f"{HOME}/requests/{made.public_id}"

    assert "Answer by" in keeper.get(HOME).text
    assert "Send me all of it" in keeper.get(path).text
    assert post(keeper, f"{path}/pause", because="").status_code == 422
    post(keeper, f"{path}/pause", because="Who are you?")
    assert "Stands still since" in keeper.get(path).text
    post(keeper, f"{path}/resume")
    assert post(keeper, f"{path}/close", outcome=" ").status_code == 422
    post(keeper, f"{path}/close", outcome="Sent by post on 3 April")
    settled = soup(keeper.get(path)).main
    assert "Sent by post" in settled.text
    assert "Not yet" not in settled.text
    assert post(keeper, f"{path}/close", outcome="Again").status_code == 409
    assert [action for action, _ in actions(runtime, "rights.request_")] == [
        "rights.request_received", "rights.request_read", "rights.request_paused", "rights.request_read",
        "rights.request_resumed", "rights.request_closed", "rights.request_read",
    ]  # fmt: skip


def test_an_objection_is_noted_with_a_clock_and_ended(keeper, kept, runtime):
    post(keeper, f"{HOME}/person/object", person=kept.public_id, reason="x")
    with runtime.database.read() as session:
        assert session.get(Objection, kept.id) is not None
        assert session.scalars(select(RightsRequest.kind)).one().value == "objection"

    post(keeper, f"{HOME}/person/object", person=kept.public_id, reason="x", over="yes")

    with runtime.database.read() as session:
        assert session.get(Objection, kept.id) is None


def test_the_log_names_who_did_what_and_nobody_s_number(keeper, kept):
    find(keeper)

    page = soup(keeper.get(f"{HOME}/log")).main.text

    assert "The Keeper" in page
    assert "reason: asked for a copy" in page
    assert life.NUMBER not in page


@pytest.mark.parametrize("before", ["", "x", "0", "9" * 40, "-1"])
def test_the_log_takes_any_page(keeper, before):
    assert keeper.get(f"{HOME}/log?before={before}").status_code == 200


def test_a_period_is_changed_and_stands_on_the_privacy_page(keeper, client):
    done = post(keeper, f"{HOME}/retention/messages", number="6", unit="months", reason="For the pilot")

    assert done.status_code == 303
    notice = " ".join(soup(client.get("/privacy")).find(id="how-long").find_next("table").text.split())
    assert "6 months, from the day it was written" in notice
    assert "For the pilot" in notice


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": "0", "unit": "months", "reason": "x"}, "from 1 to 240"),
        ({"number": "many", "unit": "months", "reason": "x"}, "from 1 to 240"),
        ({"number": "3", "unit": "days", "reason": "x"}, "7 days or more"),
        ({"number": "3", "unit": "years", "reason": ""}, "Say why"),
    ],
)
def test_a_period_that_makes_no_sense_is_said_at_its_field(keeper, fields, said):
    page = post(keeper, f"{HOME}/retention/messages", **fields)

    assert page.status_code == 422
    [link] = soup(page).select(".govuk-error-summary a")
    assert said in link.text
    assert link["href"] == "#number-messages"


def test_every_button_of_the_periods_says_what_it_saves_without_a_tag_on_show(keeper):
    buttons = [button.get_text() for button in soup(keeper.get(f"{HOME}/retention")).select("main form button")]

    assert len(buttons) == 8
    assert "Save Reports that we passed on" in [" ".join(text.split()) for text in buttons]


def test_a_period_that_nobody_can_change_has_no_fields_and_is_refused_with_the_reason(keeper):
    page = soup(keeper.get(f"{HOME}/retention")).find(id="number-sign_ups")
    refused = post(keeper, f"{HOME}/retention/sign_ups", number="7", unit="days", reason="x")

    assert "14 days. This is how long the link that we send works, so it cannot be changed." in page.text
    assert page.select("input, select, button") == []
    assert refused.status_code == 422
    assert "cannot be changed" in soup(refused).select_one(".govuk-error-summary").text


@pytest.mark.parametrize("path", ["retention/nothing", "retention/messages"])
def test_a_period_of_nothing_or_in_nothing_is_404(keeper, path):
    assert post(keeper, f"{HOME}/{path}", number="3", unit="fortnights", reason="x").status_code == 404


def test_the_dry_run_shows_counts_and_changes_nothing(keeper, kept, runtime):
    with runtime.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Subscriber))

    page = keeper.get(f"{HOME}/retention/dry-run")

    assert "Messages from residents and our answers" in page.text
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscriber)) == before
