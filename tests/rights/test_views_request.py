"""The page of one request: whose it is, and what there still is to do about it."""

import pytest
from sqlalchemy import select

from peoplelink.rights import tasks
from peoplelink.rights.models import RightsRequest
from tests.pages import soup
from tests.rights import life
from tests.rights.desk import HOME, actions, post

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def request_page(runtime, client):
    with runtime.database.read() as session:
        (made,) = session.scalars(select(RightsRequest))
    return made, soup(client.get(f"{HOME}/requests/{made.public_id}")).main


def test_an_objection_leads_to_whose_it_is_and_says_whether_it_stands(keeper, kept, runtime):
    post(keeper, f"{HOME}/person/object", person=kept.public_id, reason="x")
    made, page = request_page(runtime, keeper)
    button = page.find("form", action=f"{HOME}/person")
    typed = {field["name"]: field["value"] for field in button.find_all("input", type="hidden")}

    opened = post(keeper, f"{HOME}/person", person=typed["person"], reason=typed["reason"])

    assert "Their objection stands" in page.text
    assert life.NUMBER.replace(" ", "")[-6:] in opened.text.replace(" ", "")
    assert ("rights.read", {"reason": f"Request {made.code}"}) in actions(runtime)
    post(keeper, f"{HOME}/person/object", person=kept.public_id, reason="x", over="yes")
    assert "does not stand any more" in request_page(runtime, keeper)[1].text


def test_a_request_names_the_hold_that_stands_in_its_way(keeper, kept, runtime):
    post(keeper, f"{HOME}/person/request", person=kept.public_id, kind="erasure", words="Delete me")
    post(keeper, f"{HOME}/holds", kind="person", subject=kept.public_id, why="A claim")

    _made, page = request_page(runtime, keeper)

    assert "A legal hold stands: A claim." in " ".join(page.text.split())


def test_a_request_of_somebody_who_was_erased_since_says_so(keeper, kept, runtime, jobs):
    from peoplelink.app import PARTS  # noqa: PLC0415

    post(keeper, f"{HOME}/person/request", person=kept.public_id, reason="x", kind="access", words="All of it")
    post(keeper, f"{HOME}/person/erase", person=kept.public_id, reason="asked", sure="yes")
    tasks.go_on(runtime, PARTS)

    _, page = request_page(runtime, keeper)

    assert "Nothing is held about them any more" in page.text
    assert page.find("form", action=f"{HOME}/person") is None
