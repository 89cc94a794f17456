"""Media, numbers and mailboxes, and leaving, on the pages behind the link."""

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound import services as outbound
from peoplelink.outbound.render import leave_url
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers.models import (
    Leaving,
    LinkStatus,
)
from tests.pages import soup, submit
from tests.preferences.seen import confirm_path, ledger, live, save_path
from tests.subscribers import people

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_one_medium_is_stopped_and_the_other_kept(save, runtime, person, member):
    save("media", media=["email"])

    def links_of(_session, it):
        return {link.address.medium: link.status for link in it.addresses}

    assert person(links_of) == {Medium.SMS: LinkStatus.STOPPED, Medium.EMAIL: LinkStatus.LIVE}
    assert person(lambda s, _it: ledger(s, member))[-1][:3] == ("sms", "withdrawn", "preferences")


def test_a_new_mailbox_confirms_before_it_takes_the_place_of_the_old(save, site, runtime, member, person):
    new, old = "new@example.org", people.EMAIL

    save("mailbox", value=new)
    before = person(lambda _s, it: live(it))
    assert "Waits for you to confirm" in soup(site.get(save_path(runtime, old))).main.text
    submit(site, confirm_path(runtime, new))

    assert before == {people.MOBILE, old}
    assert person(lambda _s, it: live(it)) == {people.MOBILE, new}
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), old)
        assert "use another email address" in people.sent_to(session, where)[-1][2]
        assert outbound.suppressions_of(session, where) == frozenset()
    assert person(lambda s, _it: [line[:3] for line in ledger(s, member)])[-2:] == [
        ("email", "withdrawn", "changed"),
        ("email", "given", "link"),
    ]


def test_a_stop_at_the_old_address_does_not_follow_to_the_new(save, site, runtime, person):
    save("mailbox", value="new@example.org")
    submit(site, confirm_path(runtime, "new@example.org"))
    with runtime.database.read() as session:
        old = people.address(session, clock.now(), people.EMAIL).public_id

    site.post(leave_url(runtime.config, old), data={"List-Unsubscribe": "One-Click"})

    assert person(lambda _s, it: live(it)) == {people.MOBILE, "new@example.org"}


def test_the_old_link_opens_nothing_after_the_move(save, site, path_of, runtime, member):
    path = path_of()
    save("mailbox", value="new@example.org")
    submit(site, confirm_path(runtime, "new@example.org"))

    assert soup(site.get(path)).h1.text == "We do not write to you here any more"
    assert site.get(f"{path}/{member}/held").status_code == 404


def test_leaving_stops_every_address_and_keeps_the_reason_without_the_person(
    save, site, path_of, runtime, person, member
):
    answer = save("leave", reason="too_many", words="One a day is a lot")

    assert person(lambda _s, it: live(it)) == set()
    assert soup(site.get(answer.headers["Location"])).h1.text == "We do not write to you here any more"
    with runtime.database.read() as session:
        kept = session.scalars(select(Leaving)).one()
        assert (kept.reason.value, kept.words) == ("too_many", "One a day is a lot")
        assert {column.name for column in Leaving.__table__.columns} == {"public_id", "month", "reason", "words"}
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "resident.left")).one()
        assert (event.subject_id, event.detail) == (member, {})
        for value in (people.MOBILE, people.EMAIL):
            where = people.address(session, clock.now(), value)
            assert outbound.suppressions_of(session, where) == {SuppressionReason.UNSUBSCRIBED}


@pytest.mark.parametrize("typed", [{}, {"reason": "nonsense"}, {"words": "   "}])
def test_leaving_needs_no_reason(save, runtime, person, typed):
    answer = save("leave", **typed)

    assert answer.status_code == 303
    assert person(lambda _s, it: live(it)) == set()
    with runtime.database.read() as session:
        assert session.scalars(select(Leaving)).all() == []


def test_too_many_words_are_refused_before_anything_is_stopped(save, person):
    answer = save("leave", words="x" * 301)

    assert (answer.status_code, "at most 300" in soup(answer).main.text) == (422, True)
    assert len(person(lambda _s, it: live(it))) == 2


def test_who_has_left_is_not_brought_back_by_an_address_they_once_asked_for(save, site, runtime, person):
    save("mailbox", value="new@example.org")
    path = confirm_path(runtime, "new@example.org")
    save("leave")

    assert site.get(path).status_code == 404
    assert person(lambda _s, it: live(it)) == set()
