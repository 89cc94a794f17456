"""Why people left: counted for administrators, and nobody's name."""

import pytest

from peoplelink import clock
from peoplelink.officers.models import Role
from peoplelink.subscribers.models import Leaving, LeavingReason
from tests import factories
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def officer(database, sign_in):
    def be(role=Role.ADMINISTRATOR):
        with database.transaction() as session:
            made = factories.make_officer(session, role=role)
        return sign_in(made)

    return be


def test_reasons_are_counted_by_month(client, database, officer):
    officer()
    month = clock.now().date().replace(day=1)
    with database.transaction() as session:
        for words in (None, None, "Too far <away>"):
            session.add(Leaving(month=month, reason=LeavingReason.MOVED, words=words))

    page = soup(client.get("/officer/leavings"))

    assert page.select_one(".pl-navigation [aria-current]").text.strip() == "Zones"
    rows = [[cell.text for cell in row.find_all(["th", "td"])] for row in page.main.find_all("tr")]
    assert [f"{month:%B %Y}", "I have moved away", "3"] in rows
    assert [f"{month:%B %Y}", "I have moved away", "Too far <away>"] in rows


def test_an_empty_page_says_what_will_be_there(client, officer):
    officer()

    assert "Nobody has given a reason yet" in soup(client.get("/officer/leavings")).main.text


def test_only_administrators_read_them(client, officer):
    officer(Role.APPROVER)

    assert client.get("/officer/leavings").status_code == 403
