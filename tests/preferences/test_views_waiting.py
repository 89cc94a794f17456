"""What waits for a resident when they change what they want."""

import pytest

from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.preferences.seen import statuses, waiting

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_what_waits_for_a_zone_that_was_left_is_taken_back(save, runtime, member):
    left, kept = waiting(runtime, member), waiting(runtime, member, zones=("new-parks", "coalville"))

    save("zones", zones=["coalville"])

    assert statuses(runtime, left) == ["cancelled"]
    assert statuses(runtime, kept) == ["queued"]


@pytest.mark.parametrize(
    ("part", "fields", "left"),
    [
        ("times", {"quiet": "usual", "quiet_from": "0", "quiet_until": "0", "pause": "week"}, {"sms", "email"}),
        ("amount", {"importance": "important", "weekly": "none", "digest": "once"}, {"sms", "email"}),
        ("amount", {"importance": "ordinary", "weekly": "1", "digest": "once"}, set()),
        ("amount", {"importance": "ordinary", "weekly": "none", "digest": "daily"}, set()),
        ("media", {"media": ["email"]}, {"sms"}),
        ("leave", {}, {"sms", "email"}),
    ],
)
def test_what_waits_and_is_not_wanted_any_more_is_taken_back(save, runtime, member, part, fields, left):
    ids = waiting(runtime, member, email="A fair.")
    assert len(ids) == 2

    save(part, **fields)

    with runtime.database.read() as session:
        gone = {session.get_one(Delivery, one) for one in ids}
        found = {str(row.address.medium) for row in gone if row.status is not DeliveryStatus.QUEUED}
    assert found == left


def test_what_waits_gets_the_quiet_hours_that_were_chosen(save, runtime, member):
    (one,) = waiting(runtime, member)

    save("times", quiet="own", quiet_from="60", quiet_until="120", pause="none")

    with runtime.database.read() as session:
        delivery = session.get_one(Delivery, one)
        assert (delivery.quiet_from, delivery.quiet_until) == (60, 120)
