"""What the page tells of what we hold."""

import pytest

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.subscribers import consent
from peoplelink.subscribers.models import ConsentAction
from tests import factories
from tests.pages import soup
from tests.preferences.conftest import resident_of
from tests.subscribers import people

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_the_page_tells_what_is_held_and_who_has_looked_by_role(site, path_of, runtime, member):
    with runtime.database.transaction() as session:
        factories.add_noise(session)
        where = people.address(session, clock.now(), people.EMAIL)
        conversation = factories.make_conversation(session, where)
        factories.make_message(session, conversation)
        report = factories.make_report(session, conversation)
        officer = factories.make_officer(session, name="Secret Name", role="analyst")
        others = factories.make_conversation(session)
        for kind, it in (("conversation", conversation), ("report", report), ("conversation", others)):
            session.add(
                AuditEvent(at=clock.now(), actor=officer.actor, action=f"{kind}.read", subject_kind=kind,
                           subject_id=it.public_id)
            )  # fmt: skip

    text = soup(site.get(f"{path_of()}/{member}/held")).main.text

    assert "Messages from you: 1" in text
    assert "Reports made from what you told us, without your name: 1" in text
    assert "Secret Name" not in text
    assert text.count("An officer who makes reports") == 2
    assert text.count("read your messages") == 1
    assert "You agreed to get emails" in text
    assert "You agreed to get texts" in text
    assert "about 1 a week" in text


def test_of_a_shared_number_nothing_is_told_of_other_addresses(site, path_of, runtime, member, household):
    with runtime.database.transaction() as session:
        mailbox = people.address(session, clock.now(), "bo@example.org")
        factories.make_message(session, factories.make_conversation(session, mailbox))

    text = soup(site.get(f"{path_of(people.MOBILE)}/{household}/held")).main.text

    assert "Messages from you: 0" in text


def test_it_tells_how_each_word_came_and_calls_an_import_no_text(site, path_of, runtime, member):
    with runtime.database.transaction() as session:
        mailbox = people.address(session, clock.now(), people.EMAIL)
        resident = resident_of(session, member)
        for how in ("STOP", "import"):
            consent.write(session, resident, mailbox, ConsentAction.GIVEN, how=how, evidence={}, now=clock.now())

    text = " ".join(soup(site.get(f"{path_of()}/{member}/held")).main.text.split())

    assert "by email: STOP" in text
    assert "on a list that was kept before" in text
    assert "by text: import" not in text
