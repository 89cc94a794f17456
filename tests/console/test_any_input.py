"""Characters that a database may refuse, typed into the forms of officers: none causes a server error."""

import pytest

from tests.factories import make_broadcast, make_conversation, make_message, make_officer, make_report, make_zone
from tests.pages import csrf_token

ODD = "a\x00b\U0010ffff\x07"


@pytest.fixture
def addresses(change):
    """Every officer's form, by the address it is sent to."""

    def rows(session):
        zone = make_zone(session)
        conversation = make_conversation(session, zone=zone)
        make_message(session, conversation)
        return (
            make_officer(session),
            f"/officer/conversations/{conversation.public_id}",
            f"/officer/reports/{make_report(session, conversation).public_id}",
            f"/officer/broadcasts/{make_broadcast(session, zones=[zone]).public_id}",
            zone.id,
        )

    return change(rows)


def test_odd_characters_in_forms_cause_no_server_error(client, sign_in, addresses):
    officer, conversation, report, broadcast, zone_id = addresses
    sign_in(officer)
    token = csrf_token(client, conversation)
    names = ("text", "title", "sms", "subject", "email", "place", "period", "note", "reason", "to", "broadcast", "zone")
    fields = dict.fromkeys(names, ODD) | {"csrf_token": token, "edition": "1", "seen": "0", "keep": "y"}
    grade = {"source": "2", "information": "A", "handling": "P"}
    forms = [
        *(f"{conversation}/{act}" for act in ("answer", "report")),
        *(f"{report}/{act}" for act in ("edit", "grade", "note", "work")),
        *(f"{broadcast}/{act}" for act in ("edit", "send")),
        "/officer/broadcasts/new", "/officer/broadcasts/check", "/officer/conversations/cost", "/officer/sign-in",
    ]  # fmt: skip

    statuses = {path: client.post(path, data={**fields, **grade, "zones": str(zone_id)}).status_code for path in forms}

    assert {path: status for path, status in statuses.items() if status >= 500} == {}
