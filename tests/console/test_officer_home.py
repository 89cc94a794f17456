"""What an officer sees first: what waits for them, and nothing that is not theirs to do."""

import datetime as dt

import pytest

from peoplelink import clock
from peoplelink.officers.models import Role
from peoplelink.rights import requests
from peoplelink.rights.models import RequestKind
from tests.factories import make_officer, make_zone
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def cards(client, sign_in, database):
    """The cards on the page of an officer of this role, once one request in time and one overdue have come in."""

    def seeing(role, *, of_a_zone=False, ago=(1, 60)):
        with database.transaction() as session:
            officer = make_officer(session, role=role, zones=[make_zone(session)] if of_a_zone else None)
            for days in ago:
                then = clock.now() - dt.timedelta(days=days)
                requests.record(session, RequestKind.ACCESS, by=officer.actor, now=then)
        sign_in(officer)
        return [" ".join(card.text.split()) for card in soup(client.get("/officer")).select(".pl-card")]

    return seeing


def test_the_data_protection_officer_sees_what_is_to_be_settled_and_what_is_overdue(cards):
    assert cards(Role.DATA_PROTECTION) == ["2 complaints and requests by right to settle, 1 of them overdue"]


def test_a_single_one_that_is_overdue_is_called_so(cards):
    assert cards(Role.DATA_PROTECTION, ago=(60,)) == ["1 complaint or request by right to settle, overdue"]


def test_an_administrator_sees_new_conversations_too(cards):
    assert cards(Role.ADMINISTRATOR) == [
        "0 new conversations",
        "2 complaints and requests by right to settle, 1 of them overdue",
    ]


@pytest.mark.parametrize(("role", "of_a_zone"), [(Role.ANALYST, False), (Role.ADMINISTRATOR, True)])
def test_who_does_not_deal_with_requests_does_not_see_how_many_there_are(cards, role, of_a_zone):
    assert cards(role, of_a_zone=of_a_zone) == ["0 new conversations"]
