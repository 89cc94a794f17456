"""Who may see which broadcast and do what with it."""

import pytest
from sqlalchemy import select

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.officers.models import Role
from tests.broadcasts.pages import PAGE, saved, text_of
from tests.factories import make_topic, make_zone
from tests.pages import submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


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
