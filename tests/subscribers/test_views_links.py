import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from peoplelink import clock, keys
from peoplelink.app import create_app
from peoplelink.audit import AuditEvent
from peoplelink.outbound import services as outbound
from peoplelink.outbound.render import leave_url
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import services
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentRecord, SignUp, SignUpAddress, Subscriber
from tests.pages import soup, submit
from tests.subscribers import people

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


# The rules are tested on both databases in the services' tests, and one whole story in test_views_story.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def links(runtime):
    return Links("", runtime.config.secret_keys)


@pytest.fixture
def confirm_path(site, runtime):
    """The path of a link that waits to be confirmed."""
    with runtime.database.transaction() as session:
        made = people.sign_up(session, clock.now(), email=people.EMAIL, name="Ash")
        return links(runtime).confirm(made, people.address(session, clock.now(), people.EMAIL))


@pytest.fixture
def leave_path(site, runtime):
    """The path by which a resident leaves."""
    with runtime.database.transaction() as session:
        people.resident(session, clock.now(), people.EMAIL)
        people.resident(session, clock.now(), "noise@example.org")
        return leave_url(runtime.config, people.address(session, clock.now(), people.EMAIL).public_id)


def everything(runtime):
    """What a GET must not change."""
    tables = (Subscriber, ConsentRecord, AuditEvent)
    with runtime.database.read() as session:
        rows = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        confirmed = session.scalar(select(func.count(SignUpAddress.confirmed_at)))
        where = people.address(session, clock.now(), people.EMAIL)
        return [*rows, confirmed, outbound.suppressions_of(session, where)]


def living(runtime, value=people.EMAIL):
    with runtime.database.read() as session:
        return len(services.subscribers_at(session, people.address(session, clock.now(), value)))


def suppressions(runtime):
    with runtime.database.read() as session:
        return outbound.suppressions_of(session, people.address(session, clock.now(), people.EMAIL))


# Confirming


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_to_confirm_changes_nothing(site, runtime, confirm_path, method):
    before = everything(runtime)

    response = getattr(site, method)(confirm_path)

    assert response.status_code == 200
    assert everything(runtime) == before


def test_pressing_the_button_makes_a_resident(site, runtime, confirm_path):
    assert "New Parks" in soup(site.get(confirm_path)).main.text

    response = submit(site, confirm_path)

    assert (response.status_code, response.headers["Location"]) == (303, confirm_path)
    assert living(runtime) == 1
    page = soup(site.get(confirm_path))
    assert page.h1.text == "You are in"
    with runtime.database.read() as session:
        assert session.scalars(select(ConsentRecord.how)).one() == "link"


def test_confirming_wants_the_token_against_forgery(site, runtime, confirm_path):
    assert site.post(confirm_path).status_code == 400
    assert living(runtime) == 0


def test_pressing_twice_changes_nothing(site, runtime, confirm_path):
    token = soup(site.get(confirm_path)).find("input", attrs={"name": "csrf_token"})["value"]
    site.post(confirm_path, data={"csrf_token": token})
    before = everything(runtime)

    response = site.post(confirm_path, data={"csrf_token": token})

    assert response.status_code == 303
    assert everything(runtime) == before


@pytest.mark.parametrize("spoil", [lambda path: path[:-3], lambda path: path + "x", lambda path: "/confirm/nonsense"])
def test_a_spoiled_link_says_what_to_do(site, runtime, confirm_path, spoil):
    response = site.get(spoil(confirm_path))

    page = soup(response)
    assert response.status_code == 404
    assert "Copy the whole link" in page.main.text
    assert page.main.find("a", href="/join")


def test_a_link_for_leaving_is_no_link_for_confirming(site, runtime, confirm_path):
    with runtime.database.read() as session:
        sign_up = session.scalars(select(SignUp)).one()
        where = people.address(session, clock.now(), people.EMAIL)
        token = keys.sign(runtime.config.secret_keys, "leave", f"{sign_up.public_id}:{where.public_id}")

    assert site.get(f"/confirm/{token}").status_code == 404


def test_a_link_that_ran_out_says_sign_up_again_by_get_and_by_post(site, runtime, confirm_path):
    token = soup(site.get(confirm_path)).find("input", attrs={"name": "csrf_token"})["value"]
    with runtime.database.transaction() as session:
        session.scalars(select(SignUp)).one().expires_at = clock.now() - dt.timedelta(seconds=1)

    for response in (site.get(confirm_path), site.post(confirm_path, data={"csrf_token": token})):
        assert response.status_code == 404
        assert "sign up again" in soup(response).main.text
    assert living(runtime) == 0


def test_an_older_link_points_to_the_newer_one(site, runtime, confirm_path):
    with runtime.database.transaction() as session:
        people.sign_up(session, clock.now(), email=people.EMAIL, zones=("coalville",))

    assert "newest email" in soup(site.get(confirm_path)).main.text


def test_a_link_of_a_sign_up_that_is_gone_is_a_helpful_page(site, runtime, confirm_path):
    with runtime.database.transaction() as session:
        session.delete(session.scalars(select(SignUp)).one())

    assert site.get(confirm_path).status_code == 404


def test_after_leaving_the_old_link_does_not_say_you_are_in(site, runtime, confirm_path):
    submit(site, confirm_path)
    with runtime.database.read() as session:
        path = leave_url(runtime.config, people.address(session, clock.now(), people.EMAIL).public_id)
    site.post(path)

    response = site.get(confirm_path)

    assert response.status_code == 404
    assert "have left" in soup(response).main.text


# Leaving


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_to_leave_changes_nothing(site, runtime, leave_path, method):
    before = everything(runtime)

    response = getattr(site, method)(leave_path)

    assert response.status_code == 200
    assert everything(runtime) == before
    assert living(runtime) == 1


def test_the_page_to_leave_masks_the_address(site, leave_path):
    text = soup(site.get(leave_path)).main.text

    assert people.EMAIL not in text
    assert "r•••@example.org" in text


def test_pressing_the_button_leaves(site, runtime, leave_path):
    form = soup(site.get(leave_path)).main.find("form")

    response = site.post(form["action"])

    page = soup(response)
    assert response.status_code == 200
    assert page.h1.text == "You have left"
    assert page.main.find("a", href="/join")
    assert (living(runtime), living(runtime, "noise@example.org")) == (0, 1)
    assert suppressions(runtime) == {SuppressionReason.UNSUBSCRIBED}


@pytest.mark.parametrize("multipart", [True, False])
def test_one_click_leaves_without_cookies_or_token_and_without_a_redirect(app, runtime, leave_path, multipart):
    stranger = app.test_client(use_cookies=False)
    kind = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"

    response = stranger.post(leave_path, data=ONE_CLICK, content_type=kind)

    assert response.status_code == 200
    assert living(runtime) == 0
    with runtime.database.read() as session:
        last = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc()).limit(1)).one()
        assert (last.action.value, last.how) == ("withdrawn", "one-click")


def test_leaving_twice_changes_nothing_and_is_a_success(site, runtime, leave_path):
    site.post(leave_path, data=ONE_CLICK)
    before = everything(runtime)

    response = site.post(leave_path, data=ONE_CLICK)

    assert response.status_code == 200
    assert everything(runtime) == before


def test_a_link_to_leave_that_was_used_says_so_and_asks_for_nothing(site, leave_path):
    site.post(leave_path)

    page = soup(site.get(leave_path))

    assert page.h1.text == "You have left"
    assert page.main.find("form") is None


def test_a_link_to_leave_works_again_for_who_came_back(site, runtime, leave_path):
    site.post(leave_path)
    with runtime.database.transaction() as session:
        people.resident(session, clock.now(), people.EMAIL)

    assert soup(site.get(leave_path)).main.find("form") is not None
    assert soup(site.post(leave_path)).h1.text == "You have left"
    assert living(runtime) == 0


def test_a_mailbox_that_bounced_can_still_be_taken_off_the_list(site, runtime, leave_path):
    with runtime.database.transaction() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        outbound.suppress(session, where, reason=SuppressionReason.BOUNCED, source="test", now=clock.now())

    assert soup(site.get(leave_path)).main.find("form") is not None


def test_leaving_acts_upon_what_is_queued(site, runtime, leave_path):
    with runtime.database.transaction() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        outbound.queue_message(session, where, purpose="reply", body="Hello", subject="Hello", now=clock.now())

    site.post(leave_path, data=ONE_CLICK)

    with runtime.database.read() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        assert people.sent_to(session, where)[-1][:2] == ("reply", "suppressed")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["nonsense", "a.b", "%00", "x" * 4000])
def test_a_spoiled_link_to_leave_says_how_else_to_leave(site, runtime, token, method):
    response = getattr(site, method)(f"/leave/{token}")

    assert response.status_code == 404
    assert "STOP" in soup(response).main.text
    assert soup(response).main.find(class_="govuk-button") is None, "nobody who wants to leave is asked to sign up"


def test_a_mail_host_that_posts_for_many_people_is_not_slowed_down(site, runtime, leave_path):
    answers = {site.post(leave_path, data=ONE_CLICK).status_code for _ in range(650)}

    assert answers == {200}


def test_a_link_to_leave_survives_a_change_of_keys(site, runtime):
    with runtime.database.transaction() as session:
        people.resident(session, clock.now(), people.EMAIL)
        where = people.address(session, clock.now(), people.EMAIL)
        path = leave_url(replace(runtime.config, secret_key="o" * 64), where.public_id)
    config = replace(runtime.config, secret_key_fallbacks=("o" * 64,))
    changed = create_app(replace(runtime, config=config)).test_client()

    assert site.post(path, data=ONE_CLICK).status_code == 404
    assert changed.post(path, data=ONE_CLICK).status_code == 200
    assert living(runtime) == 0
