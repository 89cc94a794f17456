import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.errors import ForbiddenError, InvalidInputError
from peoplelink.officers.models import Role
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import consent, face_to_face, limits, robots, services
from peoplelink.subscribers.models import ConsentRecord, SignUp, SignUpSource
from peoplelink.subscribers.seed import FACE_TO_FACE
from tests.factories import make_officer
from tests.pages import csrf_token, soup
from tests.subscribers import people

PAGE = "/officer/sign-up"


def neighbour(session, *, zones=("new-parks",), **said):
    defaults = {
        "wording": consent.wording(session, FACE_TO_FACE), "where": "Community centre", "witness": "Colleague",
        "mobile": people.MOBILE, "old_enough": True, "agreed": True,
    }  # fmt: skip
    return face_to_face.Neighbour(zones=[people.zone(session, slug) for slug in zones], **defaults | said)


@pytest.fixture
def sign_up(planted, now):
    def signing_up(by, **said):
        return face_to_face.sign_up(
            planted, neighbour(planted, **said), by=by, links=people.LINKS, address_key=people.ADDRESS_KEY, now=now
        )

    return signing_up


@pytest.fixture
def connector(planted):
    return make_officer(planted, role=Role.CONNECTOR, zones=[people.zone(planted)])


def test_the_neighbour_is_no_resident_until_their_own_phone_says_yes(planted, now, connector, sign_up):
    made = sign_up(connector, name="Ash")

    where = people.address(planted, now)
    [(purpose, _, words)] = people.sent_to(planted, where)
    assert purpose is Purpose.CONFIRMATION
    assert "Reply YES" in words
    assert "Privacy: " in words
    assert services.subscribers_at(planted, where) == []
    resident = people.confirm(planted, made, now)
    assert services.subscribers_at(planted, where) == [resident]


def test_it_is_written_down_who_read_which_words_where_and_who_was_there(planted, now, connector, sign_up):
    made = sign_up(connector)
    people.confirm(planted, made, now)

    assert made.source is SignUpSource.OFFICER
    assert made.evidence == {"officer": connector.public_id, "where": "Community centre", "witness": "Colleague"}
    line = planted.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()
    assert (line.how, line.wording_id) == ("reply YES", consent.wording(planted, FACE_TO_FACE).id)
    assert line.evidence == {"sign_up": made.public_id, "source": "officer", "officer": connector.public_id}
    event = planted.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == made.public_id).order_by(AuditEvent.id)
    ).first()
    assert (event.action, event.actor) == ("sign_up.asked", connector.actor)
    assert "Community centre" not in str(event.detail)


def test_a_mailbox_gets_a_link_as_always(planted, now, connector, sign_up):
    sign_up(connector, mobile=None, email=people.EMAIL)

    [(_, _, words)] = people.sent_to(planted, people.address(planted, now, people.EMAIL))
    assert "/confirm/" in words


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"agreed": False}, "Read the words out"),
        ({"where": "  "}, "where you are"),
        ({"old_enough": False}, "old enough to join"),
        ({"mobile": None}, "mobile number or an email"),
        ({"zones": ()}, "at least one zone"),
    ],
)
def test_what_is_missing_is_said(connector, sign_up, said, error):
    with pytest.raises(InvalidInputError, match=error):
        sign_up(connector, **said)


def test_nobody_is_signed_up_for_a_zone_of_others_nor_by_who_may_not(planted, connector, sign_up):
    with pytest.raises(ForbiddenError):
        sign_up(connector, zones=("new-parks", "coalville"))
    with pytest.raises(ForbiddenError):
        sign_up(make_officer(planted, role=Role.VIEWER))


def test_a_neighbour_is_asked_three_times_a_day_at_most(planted, connector, sign_up):
    made = [sign_up(connector, name=name) for name in ("Ash", "Bo", "Cy", "Di")]

    assert [one is not None for one in made] == [True, True, True, False]


# The page

on_one_database = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
FILLED = {"zones": "new-parks", "mobile": "07700 900123", "old_enough": "y", "agreed": "y", "where": "At their door"}


@pytest.fixture
def doorstep(site, runtime, sign_in):
    """The page, as a connector of New Parks sees it."""
    with runtime.database.transaction() as session:
        officer = make_officer(session, role=Role.CONNECTOR, zones=[people.zone(session)])
    sign_in(officer)
    return site


def post(client, runtime, **fields):
    with runtime.database.read() as session:
        wording = consent.wording(session, FACE_TO_FACE)
    mark = robots.FormMarks(runtime.config.secret_keys).make(wording.id, now=clock.now() - dt.timedelta(minutes=1))
    data = {**FILLED, "opened": mark, "csrf_token": csrf_token(client, PAGE), **fields}
    return client.post(PAGE, data={name: value for name, value in data.items() if value is not None})


def errors_of(response):
    return [link.text for link in soup(response).select(".govuk-error-summary a")]


@on_one_database
def test_a_connector_arrives_at_the_form_with_their_zones_and_the_words(doorstep, runtime):
    arrived = doorstep.get("/officer")
    page = soup(doorstep.get(PAGE))

    assert arrived.headers["Location"] == PAGE
    assert [box["value"] for box in page.select("input[name=zones]")] == ["new-parks"]
    with runtime.database.read() as session:
        assert page.blockquote.text == consent.wording(session, FACE_TO_FACE).words
    assert [link.text.strip() for link in page.select(".govuk-service-navigation__link")] == ["Sign-ups"]


@on_one_database
@pytest.mark.parametrize("path", ["/officer/inbox", "/officer/broadcasts", "/officer/imports", "/officer/partners"])
def test_a_connector_sees_nothing_else(doorstep, path):
    assert doorstep.get(path).status_code == 403


@on_one_database
def test_a_connector_may_change_their_own_password(doorstep):
    assert doorstep.get("/officer/password").status_code == 200


@on_one_database
def test_a_good_form_says_what_the_neighbour_must_do(doorstep, runtime):
    response = post(doorstep, runtime, email="resident@example.com", witness="Colleague")
    page = soup(doorstep.get(response.headers["Location"]))

    assert response.status_code == 303
    assert "reply YES to our text and to press the button in our email" in page.text
    assert "900123" not in page.text
    with runtime.database.read() as session:
        made = session.scalars(select(SignUp)).one()
    assert made.evidence["where"] == "At their door"


@on_one_database
def test_a_form_without_what_is_needed_names_it_and_keeps_the_rest(doorstep, runtime):
    response = post(doorstep, runtime, agreed=None, old_enough=None, where="", zones="coalville", mobile="123")

    assert response.status_code == 422
    assert "Choose at least one zone" in errors_of(response)
    assert "Say where you are" in errors_of(response)
    assert any("Read the words out" in error for error in errors_of(response))
    assert soup(response).find(id="mobile")["value"] == "123"


@on_one_database
def test_an_officer_signs_up_sixty_an_hour(doorstep, runtime, monkeypatch):
    assert limits.FACE_TO_FACE_PER_OFFICER == "60/hour"
    codes = [post(doorstep, runtime, mobile=f"07700 9004{number:02}").status_code for number in range(61)]

    assert codes == [303] * 60 + [429]


@on_one_database
def test_a_phone_and_a_mailbox_are_both_asked(doorstep, runtime):
    answer = post(doorstep, runtime, email="resident@example.com")

    said = doorstep.get(answer.location).text
    assert "they text START to the same number first" in said
    assert "marked one of ours as spam" in said
    with runtime.database.read() as session:
        media = [one.address.medium for one in session.scalars(select(SignUp)).one().addresses]
    assert set(media) == {Medium.SMS, Medium.EMAIL}
