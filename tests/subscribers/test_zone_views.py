"""The page on which an administrator sets the quiet hours of zones."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.officers.models import Role
from peoplelink.subscribers.models import Zone
from tests.factories import make_officer, make_zone
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGE = "/officer/zones"


@pytest.fixture
def zone(change):
    return change(lambda session: make_zone(session, slug="new-parks", name="New Parks"))


@pytest.fixture
def administrator(change, sign_in, zone):
    return sign_in(change(make_officer))


def hours(look):
    return look(lambda session: session.execute(select(Zone.quiet_from, Zone.quiet_until)).one())


@pytest.mark.parametrize(
    ("typed", "kept"), [("20:00-09:30", (1200, 570)), ("off", (0, 0)), ("", (None, None)), (" ", (None, None))]
)
def test_a_zone_gets_its_own_hours_or_none_or_the_organisations(client, administrator, look, typed, kept):
    answer = submit(client, f"{PAGE}/new-parks/quiet-hours", page=PAGE, hours=typed)

    assert (answer.status_code, tuple(hours(look))) == (302, kept)
    assert look(lambda session: session.scalars(select(AuditEvent.action)).all()) == ["zone.quiet_hours_set"]


def test_hours_that_cannot_be_read_are_shown_again_with_what_to_do(client, administrator, look):
    answer = submit(client, f"{PAGE}/new-parks/quiet-hours", page=PAGE, hours="night")

    assert answer.status_code == 422
    assert "Enter two times, like 21:00-08:00" in answer.text
    assert soup(answer).find("input", id="hours-new-parks")["value"] == "night"
    assert tuple(hours(look)) == (None, None)


def test_a_zone_that_is_not_the_officers_does_not_exist_for_them(client, change, sign_in, zone, look):
    own = change(make_zone)
    sign_in(change(lambda session: make_officer(session, zones=[session.merge(own)])))

    assert submit(client, f"{PAGE}/new-parks/quiet-hours", page=PAGE, hours="off").status_code == 404
    assert "New Parks" not in client.get(PAGE).text


def test_only_an_administrator_may(client, change, sign_in, zone):
    sign_in(change(lambda session: make_officer(session, role=Role.APPROVER)))

    assert client.get(PAGE).status_code == 403
