"""When a broadcast goes out and until when it is of use, on the page on which it is written."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.console.look import london
from tests.broadcasts.pages import PAGE, saved, text_of
from tests.pages import submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def compose(client, zone, **fields):
    at = f"{PAGE}/new"
    return submit(client, at, title="Fair", zones=zone.id, sms="A fair.", do="check", **fields)


def test_a_broadcast_is_scheduled_from_the_form_and_taken_back(client, database, zone, sign_in, look):
    sign_in()
    day = clock.in_london(clock.now()).date() + dt.timedelta(days=200)
    answer = compose(
        client, zone, scheduled_day=f"{day}", scheduled_time="14:00", expires_day=f"{day}", expires_time="6pm"
    )
    at = answer.location.removesuffix("/preview")

    confirm = text_of(client.get(f"{at}/send"))
    submit(client, f"{at}/send", edition=1)
    page = client.get(at, follow_redirects=True)
    status = look(lambda session: session.scalars(select(Broadcast.status).where(Broadcast.title == "Fair")).one())
    assert f"Schedule for {london(day)}, 2pm?" in confirm
    assert status is BroadcastStatus.SCHEDULED
    assert f"Of no use after: {london(day)}, 6pm" in text_of(page)

    submit(client, f"{at}/take-back", page=f"{at}/preview")
    assert (
        look(lambda session: session.scalars(select(Broadcast.status).where(Broadcast.title == "Fair")).one())
        is BroadcastStatus.DRAFT
    )


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("2030-03-31", "01:30", "this time does not come"),
        ("2030-10-27", "01:30", "comes twice. Choose which one you mean"),
        ("2030-02-30", "14:00", "Enter a real day"),
        ("2030-03-14", "", "Enter a time"),
    ],
)
def test_a_time_that_is_none_or_two_is_asked_again(client, zone, sign_in, day, time, said):
    sign_in()

    answer = compose(client, zone, scheduled_day=day, scheduled_time=time)

    assert answer.status_code == 422
    assert said in text_of(answer)
    if "twice" in said:
        saved_now = compose(client, zone, scheduled_day=day, scheduled_time=time, scheduled_which="second")
        assert "(the second time, after the clocks go back)" in text_of(client.get(saved_now.location))


def test_a_time_that_has_passed_stops_it_from_being_sent(client, zone, sign_in):
    sign_in()

    answer = compose(client, zone, scheduled_day="2020-03-14", scheduled_time="14:00")

    assert "The time to send it has passed." in text_of(client.get(answer.location))


def test_a_time_beyond_all_reason_is_refused_with_a_sentence(client, zone, sign_in):
    sign_in()

    answer = compose(
        client, zone, scheduled_day="9999-12-31", scheduled_time="22:00", expires_day="31/12/9999", expires_time="23:59"
    )
    page = client.get(answer.location)

    assert page.status_code == 200
    assert "The time to send it is more than a year ahead." in text_of(page)
    assert "The time after which it is of no use is more than a year ahead." in text_of(page)
    assert "Schedule it" not in text_of(page)


def test_whoever_wakes_people_must_say_why(client, zone, sign_in):
    sign_in()

    without = compose(client, zone, ignores_quiet="y")
    reason = compose(client, zone, ignores_quiet="y", quiet_because="A child is missing")

    assert "Say why it cannot wait until the quiet hours end." in text_of(client.get(without.location))
    page = text_of(client.get(reason.location))
    assert "not kept for this broadcast" in page
    assert "Send now" in page


def test_what_came_too_late_says_so(client, database, runtime, zone, sign_in):
    sign_in()
    past = clock.now() - dt.timedelta(hours=2)
    late = saved(
        database, zones=[zone], status=BroadcastStatus.SCHEDULED, scheduled_for=past,
        expires_at=past + dt.timedelta(hours=1),
    )  # fmt: skip

    tasks.release_due(runtime)

    page = text_of(client.get(f"{PAGE}/{late.public_id}"))
    assert "It was not sent: when we could send it, it was of no use any more" in page
