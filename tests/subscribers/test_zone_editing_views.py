"""The pages on which officers add and change zones."""

import io
import json

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from peoplelink import clock
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Dispatch
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import areas, boundaries
from peoplelink.subscribers.area_models import ZoneBoundary
from peoplelink.subscribers.models import Keyword, Zone
from peoplelink.web import MAX_REQUEST
from tests.factories import make_officer, make_zone
from tests.pages import csrf_token, soup
from tests.subscribers.test_boundaries import SQUARE, polygon
from tests.subscribers.test_waiting import waits

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGE, NEW = "/officer/zones", "/officer/zones/new"
GOOD = {"name": "Saffron Lane", "place": "Leicester", "words": "saffron", "area": "LE2 6\nLE2 7AA", "active": "y"}


@pytest.fixture
def administrator(change, sign_in, site):
    return sign_in(change(make_officer))


def send(client, path, boundary=None, **fields):
    data = {**GOOD, **fields, "csrf_token": csrf_token(client, path)}
    if boundary is not None:
        raw = boundary if isinstance(boundary, bytes) else json.dumps(boundary).encode()
        data["boundary"] = FileStorage(io.BytesIO(raw), "zone.geojson")
    data = {name: value for name, value in data.items() if value is not None}
    return post(client, path, data)


def post(client, path, data):
    """Encoded here: werkzeug leaves the file open in which it would put what is large."""
    parted, body = encode_multipart(data)
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={parted}")


def errors(answer):
    return [link.text for link in soup(answer).select(".govuk-error-summary a")]


def zone_at(session, slug="saffron-lane"):
    return session.scalars(select(Zone).where(Zone.slug == slug)).one_or_none()


def test_a_zone_is_added_in_one_form_and_can_be_joined_at_once(client, administrator, look):
    answer = send(client, NEW, boundary=polygon(SQUARE))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/officer/zones/saffron-lane")
    zone = look(zone_at)
    assert (zone.name, zone.place, zone.sectors, zone.active) == ("Saffron Lane", "Leicester", ["LE2 6"], True)
    assert look(lambda session: session.get(ZoneBoundary, zone.id)) is not None
    page = soup(client.get("/officer/zones/saffron-lane"))
    assert page.find("textarea", id="area").text.split() == ["LE2", "6", "LE2", "7AA"]
    assert page.find("textarea", id="words").text.strip() == "SAFFRON"
    assert "postcodes. A new file takes its place." in page.main.text
    assert "Saffron Lane" in soup(client.get("/join")).main.text


def test_a_zone_is_changed_and_closed(client, administrator, look):
    answer = send(client, f"{PAGE}/coalville", name="Coalville", place="Coalville", words="whitwick", active=None)

    assert answer.status_code == 303
    zone = look(lambda session: zone_at(session, "coalville"))
    words = look(lambda session: set(session.scalars(select(Keyword.word).where(Keyword.zone_id == zone.id))))
    assert (zone.active, zone.sectors, words) == (False, ["LE2 6"], {"COALVILLE", "WHITWICK"})
    assert "residents cannot join" in soup(client.get(PAGE)).main.text


def test_a_boundary_is_taken_away(client, administrator, look):
    send(client, NEW, boundary=polygon(SQUARE))

    send(client, f"{PAGE}/saffron-lane", drop_boundary="y")

    assert look(lambda session: session.scalars(select(ZoneBoundary)).all()) == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "Enter the name of the zone"),
        ({"name": "x" * 41}, "between 3 and 40"),
        ({"name": "New Parks"}, "There is a zone at “new-parks” already. Choose another address"),
        ({"place": " "}, "Enter the town or city"),
        ({"slug": "../etc"}, "small letters, figures and hyphens"),
        ({"words": "stop"}, "“STOP” already orders something"),
        ({"words": "\n".join(f"word{number}x" for number in range(31))}, "at most 30 words"),
        ({"words": "youth"}, "stands for the topic Young people"),
        ({"area": "LE3"}, "“LE3” is no postcode"),
        ({"boundary": b"PK"}, "not GeoJSON"),
        ({"boundary": b"x" * (boundaries.LARGEST + 1)}, "too large"),
        ({"boundary": b"x" * (10 * MAX_REQUEST)}, "too large"),
        ({"boundary": {"type": "Point", "coordinates": [0, 0]}}, "not as a line or a point"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_box_and_nothing_is_kept(client, administrator, look, fields, why):
    answer = send(client, NEW, **fields)

    assert answer.status_code == 422
    [said] = errors(answer)
    assert why in said
    assert len(look(lambda session: session.scalars(select(Zone)).all())) == 3


def test_a_file_that_is_far_too_large_costs_nothing_that_was_typed(client, administrator):
    page = soup(send(client, NEW, boundary=b"x" * (10 * MAX_REQUEST)))

    assert page.find("input", id="name")["value"] == "Saffron Lane"


def test_only_who_may_change_zones_can_send_large_files(client, change, sign_in, site):
    sign_in(change(lambda session: make_officer(session, role=Role.COMPOSER)))
    file = FileStorage(io.BytesIO(b"x" * (2 * MAX_REQUEST)), "zone.geojson")

    answer = post(client, NEW, {"csrf_token": csrf_token(client, "/officer/broadcasts/new"), "boundary": file})

    assert answer.status_code == 413


def test_a_zone_to_which_no_postcode_leads_is_saved_and_said_to_be_one(client, administrator):
    answer = send(client, NEW, area="")

    assert "No postcode leads to this zone yet" in soup(client.get(answer.headers["Location"])).text
    answer = send(client, f"{PAGE}/saffron-lane", area="LE2 6")
    assert "No postcode leads" not in soup(client.get(answer.headers["Location"])).text


def test_a_form_with_errors_shows_again_what_was_typed(client, administrator):
    page = soup(send(client, NEW, words="stop", area="LE2 6"))

    assert page.find("input", id="name")["value"] == "Saffron Lane"
    assert page.find("textarea", id="words").text.strip() == "stop"
    assert page.find("textarea", id="area").text.strip() == "LE2 6"


def test_a_change_that_is_refused_changes_nothing(client, administrator, look):
    answer = send(client, f"{PAGE}/coalville", name="Elsewhere", words="newparks")

    assert answer.status_code == 422
    assert look(lambda session: zone_at(session, "coalville")).name == "Coalville"


def test_postcodes_that_are_not_known_are_pointed_out(client, administrator):
    send(client, NEW, area="LE2 6\nLE2 6ZZ")

    assert "We do not know LE2 6ZZ." in soup(client.get(f"{PAGE}/saffron-lane")).main.text


def test_those_who_wait_are_told_by_a_button_once(client, change, administrator, look):
    change(lambda session: waits(session, clock.now(), sector="LE2 6"))
    send(client, NEW)
    page = soup(client.get(f"{PAGE}/saffron-lane"))
    assert "1 person waits for a zone where this one lies" in " ".join(page.main.text.split())

    token = page.find("input", attrs={"name": "csrf_token"})["value"]
    answer = client.post(f"{PAGE}/saffron-lane/tell", data={"csrf_token": token})

    assert answer.status_code == 303
    page = soup(client.get(f"{PAGE}/saffron-lane"))
    assert "We are telling 1 that Saffron Lane has opened" in page.main.text
    assert "waits" not in page.main.text
    assert len(look(lambda s: s.scalars(select(Dispatch).where(Dispatch.purpose == Purpose.ZONE_OPENED)).all())) == 1


def test_an_officer_of_some_zones_changes_these_and_adds_none(client, change, sign_in, site):
    own = change(lambda session: make_zone(session, slug="own", name="Own Zone"))
    sign_in(change(lambda session: make_officer(session, zones=[session.merge(own)])))

    assert client.get(f"{PAGE}/own").status_code == 200
    assert client.get(NEW).status_code == 403
    assert "Add a zone" not in client.get(PAGE).text
    token = csrf_token(client, f"{PAGE}/own")
    for path in (f"{PAGE}/coalville", f"{PAGE}/coalville/tell", f"{PAGE}/nowhere"):
        assert client.post(path, data={**GOOD, "csrf_token": token}).status_code == 404
    assert client.get(f"{PAGE}/coalville").status_code == 404
    assert client.post(NEW, data={**GOOD, "csrf_token": token}).status_code == 403


def test_only_an_administrator_may(client, change, sign_in, site):
    sign_in(change(lambda session: make_officer(session, role=Role.APPROVER)))

    assert [client.get(path).status_code for path in (NEW, f"{PAGE}/coalville")] == [403, 403]


def test_seeded_zones_say_that_they_stand_in_until_they_are_saved(client, administrator, look):
    page = f"{PAGE}/coalville"
    assert "stands in until the office sets its own" in soup(client.get(page)).main.text

    send(client, page, name="Coalville", words="")

    assert "stands in" not in soup(client.get(page)).main.text
    assert look(lambda session: areas.listed(session, zone_at(session, "coalville"))).postcodes == ("LE2 7AA",)
