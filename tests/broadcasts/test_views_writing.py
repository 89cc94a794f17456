"""The pages in which officers write and send, as a browser without JavaScript sees them."""

import pytest
from sqlalchemy import select

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import Purpose
from tests.broadcasts.pages import PAGE, saved, text_of
from tests.factories import make_subscriber
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_from_an_empty_form_to_sent(client, database, zone, sign_in, jobs):
    sign_in()
    words = {"title": "May fair", "zones": zone.id, "sms": "A fair, {name|friend}.", "subject": "Fair", "email": "*Hi*"}

    answer = submit(client, f"{PAGE}/new", **words, do="check")
    preview = client.get(answer.location)
    confirm = client.get(f"{answer.location.removesuffix('/preview')}/send")
    sent = submit(client, f"{answer.location.removesuffix('/preview')}/send", edition=1)
    progress = client.get(sent.location)

    assert "2 people will get it." in text_of(preview)
    assert "Send to 2 people now?" in text_of(confirm)
    assert "2 text messages" in text_of(confirm)
    assert "1 email" in text_of(confirm)
    assert "Releasing" in text_of(progress)
    assert jobs.rung == ["release"]
    with database.read() as session:
        found = session.scalar(select(Broadcast).where(Broadcast.title == "May fair"))
        assert found.status is BroadcastStatus.RELEASING
        assert found.sent_by.name == "The Officer"


def test_a_form_without_a_title_says_so_and_keeps_what_was_typed(client, zone, sign_in):
    sign_in()

    answer = submit(client, f"{PAGE}/new", title="", zones=zone.id, sms="A fair.")

    assert answer.status_code == 422
    assert soup(answer).title.text.startswith("Error: ")
    assert soup(answer).select_one(".govuk-error-summary a")["href"] == "#title"
    assert soup(answer).select_one("textarea[name=sms]").text.strip() == "A fair."


def test_only_the_browser_that_sent_a_form_keeps_it_with_its_errors(client, zone, sign_in):
    sign_in()

    wrong = submit(client, f"{PAGE}/new", title="", zones=zone.id)
    empty = client.get(f"{PAGE}/new")

    assert wrong.headers["Cache-Control"] == "no-cache, private"
    assert "Vary" not in wrong.headers
    assert empty.headers["Cache-Control"] == "no-store"


def test_the_check_counts_people_segments_and_names_odd_characters(client, zone, sign_in):
    sign_in()

    answer = submit(client, f"{PAGE}/check", page=f"{PAGE}/new", zones=zone.id, sms="A fair \N{ROCKET}.", subject="Hi")

    shown = text_of(answer)
    assert "rocket" in shown
    assert "UCS-2" in shown
    assert "To 2 numbers: 2 segments" in shown
    assert "Write the email that goes with the subject" in shown


def test_what_names_add_to_the_cost_is_said_before_sending(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], sms="{name|Hi} " + "a" * 121)
    at = f"{PAGE}/{broadcast.public_id}"

    check = text_of(client.get(f"{at}/preview"))
    confirm = text_of(client.get(f"{at}/send"))

    assert "1 segment for people who gave no name, up to 2 for people with long names" in check
    assert "To 2 numbers: at most 4 segments to pay for" in check
    assert "2 text messages (at most 4 segments to pay for)" in confirm


def test_a_name_that_makes_the_text_too_long_stops_it(client, database, zone, sign_in, jobs):
    sign_in()
    broadcast = saved(database, zones=[zone], sms="{name|Hi} " + "a" * 380)
    at = f"{PAGE}/{broadcast.public_id}/send"
    token = soup(client.get(at)).select_one("form[action$='/send'] input[name=csrf_token]")["value"]
    with database.transaction() as session:
        make_subscriber(session, zones=[session.merge(zone)], name="\N{LATIN CAPITAL LETTER L WITH STROKE}ucja")

    answer = client.post(at, data={"edition": 1, "csrf_token": token})

    assert "Not sent. Shorten the text: it takes 7 segments for somebody" in text_of(client.get(answer.location))
    assert client.get(at).location.endswith("/preview")
    assert jobs.rung == []


def test_the_check_changes_nothing(client, database, zone, sign_in):
    sign_in()

    submit(client, f"{PAGE}/check", page=f"{PAGE}/new", title="X", zones=zone.id, sms="A fair.")

    with database.read() as session:
        assert session.scalar(select(Broadcast).where(Broadcast.title == "X")) is None


def test_what_somebody_saved_meanwhile_is_not_overwritten(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], edition=3)

    answer = submit(client, f"{PAGE}/{broadcast.public_id}/edit", title="Mine", sms="My words.", edition=2)

    assert answer.status_code == 409
    assert "somebody else has changed this broadcast" in text_of(answer)
    assert "My words." in answer.text
    with database.read() as session:
        assert session.get_one(Broadcast, broadcast.id).title == "A fair"


def test_a_preview_shows_the_finished_text_and_frames_the_email(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], sms="Hi {name|friend}.", email="Dear {name|friend}, **welcome**.")

    page = client.get(f"{PAGE}/{broadcast.public_id}/preview")
    frame = client.get(soup(page).iframe["src"])

    assert "People Link: Hi The Officer. Reply STOP to leave." in text_of(page)
    assert "People Link: Hi friend. Reply STOP to leave." in text_of(page)
    assert soup(page).iframe.has_attr("sandbox")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    assert "<strong>welcome</strong>" in frame.text
    assert "-pl_leave-" not in frame.text


def test_a_preview_shows_the_email_as_plain_text_line_by_line(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], email="Dear all,\n\n1 < 2 & so on.")

    page = client.get(f"{PAGE}/{broadcast.public_id}/preview")

    assert "Dear all,\n\n1 < 2 & so on." in soup(page).find("pre", class_="pl-plain").text
    assert "<pre" not in text_of(page)


def test_a_script_in_an_email_is_shown_to_nobody(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], email="<script>alert(1)</script><img src=x onerror=alert(1)> hello")

    frame = client.get(f"{PAGE}/{broadcast.public_id}/preview/email")
    page = client.get(f"{PAGE}/{broadcast.public_id}/preview")

    assert "<script" not in frame.text
    assert "onerror" not in frame.text
    assert "<script>alert(1)" not in page.text


def test_a_preview_with_a_problem_offers_no_sending(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], sms="Hi {name}.")

    page = client.get(f"{PAGE}/{broadcast.public_id}/preview")
    confirm = client.get(f"{PAGE}/{broadcast.public_id}/send")

    assert "Change {name}" in text_of(page)
    assert "Send now" not in text_of(page)
    assert confirm.location.endswith("/preview")


def test_a_test_goes_to_the_officer_only(client, database, zone, sign_in):
    officer = sign_in()
    broadcast = saved(database, zones=[zone], email="Hello")

    at = f"{PAGE}/{broadcast.public_id}"
    answer = submit(client, f"{at}/test", page=f"{at}/preview")

    assert "on its way to you: text message and email" in text_of(client.get(answer.location))
    with database.read() as session:
        tests = [d for d in session.scalars(select(Delivery)) if d.dispatch.purpose is Purpose.TEST]
        assert {delivery.address.value for delivery in tests} == {officer.mobile, officer.email}


def test_a_second_click_on_send_sends_nothing_more(client, database, zone, sign_in, jobs):
    sign_in()
    broadcast = saved(database, zones=[zone])
    at = f"{PAGE}/{broadcast.public_id}/send"
    token = soup(client.get(at)).select_one("form[action$='/send'] input[name=csrf_token]")["value"]

    for _ in range(2):
        answer = client.post(at, data={"edition": 1, "csrf_token": token})

    assert "It was not sent again" in text_of(client.get(answer.location))
    assert jobs.rung == ["release"]


def test_an_edition_changed_since_the_last_look_is_not_sent(client, database, zone, sign_in, jobs):
    sign_in()
    broadcast = saved(database, zones=[zone], edition=2)

    answer = submit(client, f"{PAGE}/{broadcast.public_id}/send", edition=1)

    assert "Not sent. Somebody has changed this broadcast" in text_of(client.get(answer.location))
    assert jobs.rung == []
