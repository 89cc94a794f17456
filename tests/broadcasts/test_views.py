"""The pages in which officers write and send, as a browser without JavaScript sees them."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import FailureReason
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose
from tests import factories
from tests.factories import make_broadcast, make_officer, make_subscriber, make_topic, make_zone
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

PAGE = "/officer/broadcasts"


@pytest.fixture
def zone(database):
    with database.transaction() as session:
        factories.add_noise(session)
        made = make_zone(session, name="New Parks")
        make_subscriber(session, zones=[made], sms="+447700900001", email="a@example.com", name="Neighbour")
        make_subscriber(session, zones=[made], sms="+447700900002")
    return made


@pytest.fixture
def sign_in(client, database):
    """Be an officer of this role; `zones` limits them."""

    def be(role=Role.ADMINISTRATOR, **columns):
        with database.transaction() as session:
            officer = make_officer(session, role=role, name="The Officer", mobile="+447700900123", **columns)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = officer.get_id()
            cookie["_fresh"] = True
        return officer

    return be


def saved(database, **columns):
    with database.transaction() as session:
        zones = [session.merge(zone) for zone in columns.pop("zones", [])]
        return make_broadcast(session, zones=zones, **columns)


def released(database, runtime, **columns):
    broadcast = saved(database, **columns)
    with database.transaction() as session:
        session.get_one(Broadcast, broadcast.id).status = BroadcastStatus.RELEASING
    tasks.release(runtime)
    return broadcast


def text_of(response):
    return " ".join(soup(response).get_text(" ").split())


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


def test_the_check_counts_people_segments_and_names_odd_characters(client, zone, sign_in):
    sign_in()

    answer = submit(client, f"{PAGE}/check", page=f"{PAGE}/new", zones=zone.id, sms="A fair \N{ROCKET}.", subject="Hi")

    shown = text_of(answer)
    assert "rocket" in shown
    assert "UCS-2" in shown
    assert "To 2 numbers: 2 segments" in shown
    assert "Write the email that goes with the subject" in shown


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


# Afterwards


def set_states(database, broadcast, *states, **columns):
    with database.transaction() as session:
        dispatch_id = session.get_one(Broadcast, broadcast.id).dispatch_id
        rows = session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch_id).order_by(Delivery.id))
        for delivery, state in zip(rows, states, strict=True):
            delivery.status = state
            if state is DeliveryStatus.FAILED:
                delivery.reason = FailureReason.NOT_MOBILE


def test_progress_polls_while_it_sends_and_stops_when_it_is_over(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])
    at = f"{PAGE}/{broadcast.public_id}"

    busy = soup(client.get(f"{at}/progress")).select_one("#progress")
    set_states(database, broadcast, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
    tasks.refresh(runtime)
    over = soup(client.get(f"{at}/progress")).select_one("#progress")

    assert (busy["hx-get"], busy["hx-trigger"], busy["hx-swap"]) == (f"{at}/progress", "every 2s", "outerHTML")
    assert "0 of 2 handed over" in busy.get_text()
    assert not any(name.startswith("hx-") for name in over.attrs)
    assert "1 of 2 delivered, 1 failed" in over.get_text()
    assert "see who" in over.get_text()


def test_the_table_says_who_got_it_with_addresses_hidden_and_reasons_in_words(client, database, runtime, zone, sign_in):
    officer = sign_in()
    broadcast = released(database, runtime, zones=[zone])
    set_states(database, broadcast, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)

    page = client.get(f"{PAGE}/{broadcast.public_id}/deliveries")
    failed = client.get(f"{PAGE}/{broadcast.public_id}/deliveries?state=failed")

    assert [len(soup(answer).select("tbody tr")) for answer in (page, failed)] == [2, 1]
    assert "The number is a landline" in text_of(failed)
    assert "7700900" not in page.text
    with database.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "deliveries.read")).all()
        assert [(event.actor, event.subject_id, event.detail) for event in events] == [
            (officer.actor, broadcast.public_id, {"rows": 2}),
            (officer.actor, broadcast.public_id, {"rows": 1}),
        ]


def test_a_state_that_does_not_exist_is_not_found(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])

    assert client.get(f"{PAGE}/{broadcast.public_id}/deliveries?state=lost").status_code == 404


def test_a_long_table_goes_on_page_by_page_without_missing_anybody(client, database, runtime, zone, sign_in):
    sign_in()
    with database.transaction() as session:
        for _ in range(118):
            make_subscriber(session, zones=[session.merge(zone)])
    broadcast = released(database, runtime, zones=[zone])

    seen, at = [], f"{PAGE}/{broadcast.public_id}/deliveries"
    for _ in range(3):
        page = soup(client.get(at))
        seen.append(len(page.select("tbody tr")))
        following = page.select_one(".govuk-pagination__next a")
        at = following["href"] if following else None

    assert (seen, at) == ([50, 50, 20], None)


# Who may


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {"": 200, "/new": 403, "/X/preview": 200, "/X/edit": 403, "/X/send": 403, "/X/deliveries": 200}),
        (Role.COMPOSER, {"": 200, "/new": 200, "/X/preview": 200, "/X/edit": 200, "/X/send": 403}),
        (Role.APPROVER, {"": 200, "/new": 200, "/X/preview": 200, "/X/edit": 200, "/X/send": 200}),
        (Role.ANALYST, {"": 200, "/new": 403, "/X/preview": 200, "/X/edit": 403, "/X/send": 403}),
        (Role.ADMINISTRATOR, {"": 200, "/new": 200, "/X/preview": 200, "/X/edit": 200, "/X/send": 200}),
    ],
)
def test_each_role_may_do_what_its_work_is(client, database, zone, sign_in, role, may):
    sign_in(role)
    broadcast = saved(database, zones=[zone])

    found = {page: client.get(PAGE + page.replace("X", broadcast.public_id)).status_code for page in may}

    assert found == may


def test_nobody_without_signing_in(client, database, zone):
    broadcast = saved(database, zones=[zone])

    for page in ("", "/new", f"/{broadcast.public_id}", f"/{broadcast.public_id}/preview/email"):
        assert client.get(PAGE + page).location.startswith("/officer/sign-in?next=")


def test_an_officer_limited_to_zones_sees_only_what_is_wholly_theirs(client, database, zone, sign_in):
    with database.transaction() as session:
        other = make_zone(session, name="Bell Foundry")
        make_topic(session)
    sign_in(zones=[zone])
    mine = saved(database, zones=[zone], title="Mine")
    both = saved(database, zones=[zone, other], title="Both")
    none = saved(database, zones=[], title="Zoneless")

    listed = text_of(client.get(PAGE))
    pages = ("", "/edit", "/preview", "/preview/email", "/send", "/progress", "/deliveries")
    answers = {client.get(f"{PAGE}/{b.public_id}{page}").status_code for b in (both, none) for page in pages}

    assert "Mine" in listed
    assert "Both" not in listed
    assert "Zoneless" not in listed
    assert "Elsewhere" not in listed
    assert answers == {404}
    assert client.get(f"{PAGE}/{mine.public_id}/preview").status_code == 200
    assert "Bell Foundry" not in client.get(f"{PAGE}/new").text


def test_a_zone_that_was_not_offered_cannot_be_sent_to(client, database, zone, sign_in):
    with database.transaction() as session:
        other = make_zone(session)
    sign_in(zones=[zone])

    answer = submit(client, f"{PAGE}/new", title="Sly", zones=other.id, sms="Hello.")

    assert answer.status_code == 422
    with database.read() as session:
        assert session.scalar(select(Broadcast).where(Broadcast.title == "Sly")) is None


def test_a_form_from_elsewhere_is_refused(client, database, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone])

    answer = client.post(f"{PAGE}/{broadcast.public_id}/send", data={"edition": 1})

    assert answer.status_code == 400
    with database.read() as session:
        assert session.get_one(Broadcast, broadcast.id).status is BroadcastStatus.DRAFT
