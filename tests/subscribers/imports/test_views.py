"""The pages of an import whose month is over; those of its life are walked in tests/browser/test_ways_to_join.py."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.subscribers.imports import services
from tests.factories import make_officer
from tests.pages import soup
from tests.subscribers.imports.lists import file_of, imported, row

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def page_of(client, change, sign_in, site):
    """A function: the page of an import with a refused row that ended this long ago."""
    sign_in(change(make_officer))

    def made(ago):
        data = file_of(row(), row("07700 900177", source=""))
        return f"/officer/imports/{change(lambda s: imported(s, data, clock.now() - ago)).public_id}"

    return made


def test_refused_rows_can_be_read_for_thirty_days(client, page_of, look):
    page = page_of(services.KEPT - MINUTE)

    assert "Download all refused rows" in soup(client.get(page)).text
    assert b"07700 900177" in client.get(f"{page}/refused.csv").data
    assert look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "import.refused_rows_read")).one())


def test_what_a_hold_keeps_of_refused_rows_is_not_offered_after_that(client, page_of, look):
    page = page_of(services.KEPT)

    said = soup(client.get(page)).text
    assert "Download all refused rows" not in said
    assert "What stood in them has been deleted, 30 days after the import ended" in said
    answer = client.get(f"{page}/refused.csv", follow_redirects=True)
    assert "What stood in the refused rows has been deleted" in soup(answer).text
    assert b"900177" not in answer.data
    read = select(AuditEvent).where(AuditEvent.action == "import.refused_rows_read")
    assert look(lambda s: s.scalars(read).all()) == []
