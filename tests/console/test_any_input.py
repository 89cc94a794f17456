"""Characters that a database may refuse, and files instead of words, in our forms: none causes a server error."""

from io import BytesIO

import pytest

from peoplelink import clock
from peoplelink.subscribers import seed as subscribers
from tests.factories import make_broadcast, make_conversation, make_message, make_officer, make_report, make_zone
from tests.pages import csrf_token, every_form

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


OPEN_TO_ALL = (
    "/join",
    "/embed",
    "/join/postcode",
    "/join/not-yet",
    "/preferences",
    "/confirm/x",
    "/leave/x",
    "/wait/x",
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_files_in_the_place_of_words_cause_no_server_error(app, client, change, sign_in, addresses):
    change(lambda session: subscribers.plant(session, now=clock.now()))
    officer, conversation, report, broadcast, _ = addresses
    sign_in(officer)
    forms = [
        *(f"{conversation}/{act}" for act in ("answer", "report", "about", "hand-over")),
        *(f"{report}/{act}" for act in ("edit", "grade", "note", "work")),
        *(f"{broadcast}/{act}" for act in ("edit", "send")),
        *("/officer/broadcasts/new", "/officer/broadcasts/check", "/officer/conversations/cost", "/officer/password"),
        *("/officer/zones/new", "/officer/imports", "/officer/sign-up", "/officer/partners"),
    ]
    with app.test_request_context("/"):
        names = {field.name for kind in every_form() for field in kind(formdata=None, meta={"csrf": False})}
    token = csrf_token(client, conversation)

    statuses = {}
    for path in (*forms, *OPEN_TO_ALL):
        data = {name: (BytesIO(b"x"), "x.txt") for name in names}
        statuses[path] = client.post(path, data={**data, "csrf_token": token}).status_code

    assert {path: status for path, status in statuses.items() if status >= 500} == {}
    refused = (*(f"{conversation}/{act}" for act in ("answer", "report")), "/officer/broadcasts/new", "/join")
    assert [statuses[path] for path in refused] == [422] * len(refused)
