"""What an officer reads about quiet hours before a broadcast is sent."""

import datetime as dt

import pytest

from peoplelink import clock
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.subscribers.models import Zone
from tests.broadcasts.pages import PAGE, saved, text_of
from tests.factories import make_subscriber
from tests.pages import csrf_token, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

HOUR = dt.timedelta(hours=1)


def minute_of(moment):
    here = clock.in_london(moment)
    return here.hour * 60 + here.minute


@pytest.fixture
def end():
    """When the quiet hours end: within the next two, on the minute."""
    return clock.now().replace(second=0, microsecond=0) + 2 * HOUR


@pytest.fixture
def rests(change, zone, end):
    """A function that lets the zone rest, from an hour ago."""

    def resting():
        def set_hours(session):
            it = session.get_one(Zone, zone.id)
            it.quiet_from, it.quiet_until = minute_of(clock.now() - HOUR), minute_of(end)

        change(set_hours)

    return resting


def test_all_wait_and_the_pages_say_until_when_before_the_button_is_pressed(
    client, database, zone, sign_in, rests, end
):
    sign_in()
    rests()
    at = f"{PAGE}/{saved(database, zones=[zone]).public_id}"
    time = f"{clock.in_london(end):%H:%M}"

    typed = text_of(submit(client, f"{PAGE}/check", page=f"{PAGE}/new", zones=zone.id, sms="A fair."))
    preview, confirm = text_of(client.get(f"{at}/preview")), text_of(client.get(f"{at}/send"))

    for page in (typed, preview, confirm):
        assert "Quiet hours: 2 people get it at " in page
    assert "Send now" not in preview
    assert f"Send to 2 people at {time}?" in confirm
    assert "people now" not in confirm


def test_some_wait_and_the_others_are_not_forgotten(client, database, change, zone, sign_in, rests):
    sign_in()
    rests()
    awake = {"quiet_from": 0, "quiet_until": 0}
    change(lambda session: make_subscriber(session, zones=[session.merge(zone)], **awake))

    confirm = text_of(client.get(f"{PAGE}/{saved(database, zones=[zone]).public_id}/send"))

    assert "Quiet hours: 2 messages wait until " in confirm
    assert "The other 1 message goes out at once." in confirm
    assert "Send to 3 people?" in confirm


def test_outside_quiet_hours_nothing_is_said_of_them(client, database, zone, sign_in):
    sign_in()

    confirm = text_of(client.get(f"{PAGE}/{saved(database, zones=[zone]).public_id}/send"))

    assert "Quiet hours" not in confirm
    assert "Send to 2 people now?" in confirm


def test_what_nobody_would_get_in_time_cannot_be_sent(client, database, look, zone, sign_in, rests, end, jobs):
    sign_in()
    broadcast = saved(database, zones=[zone], expires_at=clock.now() + HOUR)
    at = f"{PAGE}/{broadcast.public_id}"
    token = csrf_token(client, f"{at}/send")
    rests()

    preview = text_of(client.get(f"{at}/preview"))
    answer = client.post(f"{at}/send", data={"edition": 1, "csrf_token": token})

    said = f"Nobody would get it: quiet hours last until {clock.in_london(end):%H:%M}, and by then it is of no use."
    assert "To put right before it can be sent" in preview
    assert said in preview
    assert "Send now" not in preview
    assert f"Not sent. {said}" in text_of(client.get(answer.location))
    assert look(lambda session: session.get_one(Broadcast, broadcast.id).status) is BroadcastStatus.DRAFT
    assert jobs.rung == []


def test_what_some_would_not_get_in_time_is_counted(client, database, change, zone, sign_in, rests):
    sign_in()
    rests()
    awake = {"quiet_from": 0, "quiet_until": 0}
    change(lambda session: make_subscriber(session, zones=[session.merge(zone)], **awake))
    broadcast = saved(database, zones=[zone], expires_at=clock.now() + HOUR)

    confirm = text_of(client.get(f"{PAGE}/{broadcast.public_id}/send"))

    assert "2 messages would not be sent, because quiet hours last until" in confirm
    assert "The other 1 message goes out at once." in confirm
