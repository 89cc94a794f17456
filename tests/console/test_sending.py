"""How sending stands: figures for each lane, what is paused and why, who works; and going on."""

import datetime as dt
from dataclasses import replace

import pytest

from peoplelink.channels.messages import Medium
from peoplelink.console import sending, sending_words
from peoplelink.officers.models import Role
from peoplelink.outbound import rates, watch
from peoplelink.outbound.models import Lane
from peoplelink.outbound.services import pause_lane
from peoplelink.outbound.states import DeliveryStatus, HoldReason
from peoplelink.workers import Living
from tests.factories import make_address, make_content, make_delivery, make_dispatch, make_officer
from tests.pages import submit

MINUTE = dt.timedelta(minutes=1)
WHY = "Twilio does not know us. Check TWILIO_AUTH_TOKEN."


def plant(session, now):
    make_delivery(session, status=DeliveryStatus.DELIVERED)
    make_delivery(session, created_at=now - 3 * MINUTE)
    make_delivery(session, created_at=now)
    resting = make_dispatch(session, held_at=now, held_because=HoldReason.FAILURES)
    make_delivery(session, content=make_content(session, resting), created_at=now - 9 * MINUTE)
    make_delivery(session, status=DeliveryStatus.HELD, not_before=now + MINUTE, held_because=HoldReason.QUIET_HOURS)
    make_delivery(session, status=DeliveryStatus.SENDING)
    make_delivery(
        session, make_address(session, Medium.EMAIL), status=DeliveryStatus.UNCONFIRMED, claimed_at=now - 2 * MINUTE
    )
    make_delivery(
        session, status=DeliveryStatus.UNCONFIRMED, claimed_at=now - dt.timedelta(days=3), accepted_twice_at=now
    )
    pause_lane(session, "email:bulk", because=WHY, now=now)


def test_each_lane_has_its_figures(session, valkey, now):
    plant(session, now)
    rates.note(valkey, "sms:bulk", 40)
    rates.note(valkey, "sms:bulk", 2)

    state = sending.look(session, valkey, now=now)

    texts = next(lane for lane in state.lanes if lane.name == "sms:bulk")
    assert (texts.waiting, texts.resting, texts.held, texts.under_way) == (2, 1, 1, 1)
    assert texts.oldest == now - 3 * MINUTE
    assert texts.held_until == now + MINUTE
    assert texts.last_minute == 42
    assert state.paused_dispatches == {HoldReason.FAILURES: 1}
    assert list(state.unconfirmed.values()) == [1, 0, 0, 1]
    assert state.accepted_twice == 1
    assert state.scheduler is None
    assert [lane.paused_because for lane in state.lanes if lane.paused_because] == [WHY]


def test_the_terminal_says_the_same_in_words(session, valkey, now):
    plant(session, now)

    said = "\n".join(sending_words.lines(sending.look(session, valkey, now=now), now=now))

    assert "2 waiting (the oldest for 3 minutes), 1 in paused broadcasts, 1 held" in said
    assert f"PAUSED for 0 seconds: {WHY}" in said
    assert "1 broadcast is paused because too many messages failed" in said
    assert "1 under 10 minutes, 1 a day or more" in said
    assert "NONE AT WORK. Start one: peoplelink worker" in said


@pytest.mark.parametrize(("urgency", "kind"), [("urgent", "texts that go first"), ("bulk", "texts to many")])
def test_what_a_worker_does_is_said_in_the_words_of_the_table(session, valkey, now, urgency, kind):
    lanes = {lane.name: lane.words for lane in sending.look(session, valkey, now=now).lanes}

    assert sending.does(f"lane:sms:{urgency}") == f"sends: {kind}"
    assert lanes[f"sms:{urgency}"].lower() == kind


def test_an_administrator_resumes_a_lane_after_a_confirmation(client, sign_in, change, look, now):
    sign_in(change(lambda s: make_officer(s, role=Role.ADMINISTRATOR)))
    change(lambda s: plant(s, now))

    page = client.get("/officer/sending").text
    assert WHY in page
    assert "Send again?" in client.get("/officer/sending/email:bulk/resume").text
    assert look(lambda s: s.get(Lane, "email:bulk")).paused_at is not None
    submit(client, "/officer/sending/email:bulk/resume")

    assert "sending goes on within half a minute" in client.get("/officer/sending").text
    assert look(lambda s: s.get(Lane, "email:bulk")).paused_at is None


def test_what_a_worker_does_is_said_with_how_long(session, valkey, now):
    at_work = Living("here", 12, ("urgent",), "lane:sms:urgent", since=now - dt.timedelta(seconds=2), seen_at=now)
    state = replace(sending.look(session, valkey, now=now), workers=[at_work])

    said = "\n".join(sending_words.lines(state, now=now))

    assert "sends: texts that go first, for 2 seconds" in said


def test_a_lane_that_waits_for_the_restore_is_not_resumed_by_a_click(client, sign_in, change, look, now):
    sign_in(change(lambda s: make_officer(s, role=Role.ADMINISTRATOR)))
    change(lambda s: watch.begin(s, now=now))

    page = client.get("/officer/sending").text
    answer = submit(client, "/officer/sending/sms:bulk/resume")

    assert "peoplelink restored" in page
    assert "Send again" not in page
    assert answer.status_code == 409
    assert look(lambda s: s.get(Lane, "sms:bulk")).paused_at is not None


def test_odd_addresses_and_other_officers_get_a_page_that_says_so(client, sign_in, change):
    sign_in(change(lambda s: make_officer(s, role=Role.APPROVER)))
    assert client.get("/officer/sending").status_code == 403

    sign_in(change(lambda s: make_officer(s, role=Role.ADMINISTRATOR)))
    assert client.get("/officer/sending/no-such/resume").status_code == 404
    assert client.get("/officer/sending/sms:bulk/resume").status_code == 409
