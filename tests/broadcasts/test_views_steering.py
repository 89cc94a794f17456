"""The page of a broadcast under way, in plain words, and its buttons."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import FailureReason
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, HoldReason
from tests.broadcasts.pages import PAGE, released, set_states, text_of
from tests.factories import make_zone
from tests.pages import csrf_token, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def broadcast(database, runtime, zone, sign_in):
    """Released to two phones, nothing sent; an administrator is signed in."""
    sign_in()
    return released(database, runtime, zones=[zone])


@pytest.fixture
def at(broadcast):
    return f"{PAGE}/{broadcast.public_id}"


def put(change, broadcast, **columns):
    """Set columns on all of its deliveries."""

    def doing(session):
        of_it = session.get_one(Broadcast, broadcast.id).dispatch_id
        session.execute(update(Delivery).where(Delivery.dispatch_id == of_it).values(**columns))

    change(doing)


def now_is(look, broadcast):
    return look(lambda session: session.get_one(Broadcast, broadcast.id).status)


def test_pause_resume_and_cancel_from_the_page(client, broadcast, at, look, runtime, change):
    paused = submit(client, f"{at}/pause", page=at)
    page = text_of(client.get(at))
    assert (paused.status_code, now_is(look, broadcast)) == (302, BroadcastStatus.PAUSED)
    assert "Paused by an officer. Nothing more goes out until somebody resumes it." in page

    submit(client, f"{at}/resume", page=at)
    assert now_is(look, broadcast) is BroadcastStatus.SENDING

    asked = text_of(client.get(f"{at}/cancel"))
    submit(client, f"{at}/cancel")
    assert "2 messages wait just now. They are taken back" in asked
    assert "Cancelling: 2 messages are still to be taken back" in text_of(client.get(at))
    tasks.cancel(runtime)
    assert now_is(look, broadcast) is BroadcastStatus.CANCELLED
    assert "2 taken back" in text_of(client.get(at))


def test_a_second_press_is_answered_and_changes_nothing(client, at, look):
    token = csrf_token(client, at)
    client.post(f"{at}/pause", data={"csrf_token": token})

    answer = client.post(f"{at}/pause", data={"csrf_token": token}, follow_redirects=True)

    assert "Somebody else was quicker: nothing was changed." in text_of(answer)
    acts = look(lambda session: session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all())
    assert acts.count("broadcast.paused") == 1


def test_while_it_pauses_the_page_says_how_many_are_still_on_their_way(client, database, broadcast, at):
    set_states(database, broadcast, DeliveryStatus.SENDING, DeliveryStatus.QUEUED)
    submit(client, f"{at}/pause", page=at)

    part = client.get(f"{at}/progress")

    assert "Pausing: 1 message is still on its way." in text_of(part)
    assert "hx-get" in part.text


def test_a_pause_by_itself_names_the_most_common_reason_here_and_at_home(client, database, broadcast, at, change):
    set_states(database, broadcast, DeliveryStatus.FAILED, DeliveryStatus.QUEUED)

    def fail(session):
        it = session.get_one(Broadcast, broadcast.id)
        it.status = BroadcastStatus.PAUSED
        dispatch = session.get_one(Dispatch, it.dispatch_id)
        dispatch.held_at, dispatch.held_because = clock.now(), HoldReason.FAILURES

    change(fail)

    page, home = text_of(client.get(at)), text_of(client.get("/officer"))
    assert "Paused by itself: too many of the last messages failed." in page
    assert "The most common reason: The number is a landline (1 message)" in page
    assert "Too many of its messages failed" in home


def test_what_is_held_for_the_morning_is_counted_with_its_time(client, broadcast, at, change):
    tomorrow = clock.in_london(clock.now()).date() + dt.timedelta(days=1)
    eight = dt.datetime.combine(tomorrow, dt.time(8), clock.LONDON)
    put(change, broadcast, status="held", held_because="quiet_hours", not_before=eight)

    page = text_of(client.get(at))
    assert "Held until 08:00: 2 people, because of quiet hours." in page
    assert "(held until 08:00, because of quiet hours)" in page
    assert "messages are going out" not in page
    assert "because of quiet hours" in text_of(client.get(f"{at}/deliveries?state=held"))


def test_while_some_go_out_it_is_not_called_held(client, database, broadcast, at, change):
    put(change, broadcast, held_because="quiet_hours", not_before=clock.now() + dt.timedelta(hours=1))
    set_states(database, broadcast, DeliveryStatus.HELD, DeliveryStatus.QUEUED)

    assert "messages are going out" in text_of(client.get(at))


def test_what_quiet_hours_kept_until_it_was_too_late_says_so(client, database, broadcast, at, change):
    set_states(database, broadcast, DeliveryStatus.EXPIRED, DeliveryStatus.EXPIRED)
    put(change, broadcast, held_because=None)
    too_late = text_of(client.get(at)), text_of(client.get(f"{at}/deliveries"))

    put(change, broadcast, held_because="quiet_hours")
    rested = text_of(client.get(at)), text_of(client.get(f"{at}/deliveries"))

    assert "2 not sent because it was too late" in too_late[0]
    assert "It was too late to be of use" in too_late[1]
    assert "2 not sent because quiet hours lasted until it was of no use" in rested[0]
    assert "too late" not in rested[0]
    assert "Quiet hours lasted until it was of no use any more" in rested[1]


def test_what_failed_is_tried_again_after_a_question(client, broadcast, at, change, look):
    tried = {"attempt": 1, "lease_token": "claim", "claimed_at": clock.now()}
    put(change, broadcast, status="failed", reason=FailureReason.PROVIDER, **tried)

    asked = text_of(client.get(f"{at}/retry"))
    answer = submit(client, f"{at}/retry")

    assert "Try 2 messages again?" in asked
    assert answer.status_code == 302
    assert set(look(lambda session: session.scalars(select(Delivery.status)).all())) >= {DeliveryStatus.QUEUED}
    assert client.get(f"{at}/retry").status_code == 302


@pytest.mark.parametrize(
    ("choice", "status"), [("again", DeliveryStatus.QUEUED), ("leave", DeliveryStatus.UNCONFIRMED)]
)
def test_an_officer_decides_about_what_is_in_doubt(client, broadcast, at, change, look, choice, status):
    tried = {"attempt": 1, "lease_token": "claim", "claimed_at": clock.now()}
    put(change, broadcast, status="unconfirmed", **tried)

    unanswered = submit(client, f"{at}/unconfirmed", choice="")
    submit(client, f"{at}/unconfirmed", choice=choice)

    of_it = select(Delivery.status).where(Delivery.dispatch_id == look(
        lambda session: session.get_one(Broadcast, broadcast.id).dispatch_id
    ))  # fmt: skip
    assert unanswered.status_code == 422
    assert "Choose what to do with them" in text_of(unanswered)
    assert set(look(lambda session: session.scalars(of_it).all())) == {status}


def test_every_state_has_its_words(client, database, broadcast, at, change):
    for state in DeliveryStatus:
        put(change, broadcast, status=state, reason=None)
        assert client.get(at).status_code == client.get(f"{at}/deliveries?state={state}").status_code == 200
    for status in BroadcastStatus:
        change(lambda session, s=status: setattr(session.get_one(Broadcast, broadcast.id), "status", s))
        assert client.get(at, follow_redirects=True).status_code == 200
    for reason in FailureReason:
        put(change, broadcast, status="failed", reason=reason)
        assert client.get(f"{at}/deliveries?state=failed&reason={reason}").status_code == 200
    put(change, broadcast, status="sent", accepted_twice_at=clock.now())
    assert "Accepted twice: 2 people may have had it twice" in text_of(client.get(at))
    assert "May have arrived twice" in text_of(client.get(f"{at}/deliveries?state=twice"))
    assert client.get(f"{at}/deliveries?state=failed&reason=none").status_code == 404


ACTS = ("pause", "resume", "cancel", "retry", "unconfirmed", "take-back")


@pytest.mark.parametrize("act", ACTS)
def test_nobody_steers_without_a_token_the_permission_and_the_zone(client, database, runtime, zone, sign_in, act):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])
    at = f"{PAGE}/{broadcast.public_id}"
    assert client.post(f"{at}/{act}").status_code == 400

    sign_in(Role.COMPOSER)
    assert client.post(f"{at}/{act}", data={"csrf_token": csrf_token(client, "/officer/password")}).status_code == 403

    with database.transaction() as session:
        other = make_zone(session)
    sign_in(Role.APPROVER, zones=[other])
    answer = client.post(f"{at}/{act}", data={"csrf_token": csrf_token(client, "/officer/password")})
    assert answer.status_code == 404
    assert 'id="steer-' not in client.get(at).text
