"""Who sees which conversations, over HTTP."""

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.inbound import services
from peoplelink.inbound.inbox import PAGE
from peoplelink.inbound.models import Answer, Conversation, ConversationStatus
from tests.factories import (
    make_conversation,
    make_message,
)
from tests.inbound.town import INBOX, page_of, state
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_an_officer_of_one_zone_sees_only_its_conversations(client, sign_in, town, look):
    sign_in(town.local)

    text = client.get(INBOX).text

    assert "The lights are out" in text
    assert "Cars race" not in text
    assert "stranger" not in text
    assert "New (1)" in text
    assert look(lambda s: services.count_new(s, frozenset({town.zone.id}))) == 1


def test_an_officer_of_all_zones_sees_those_of_none_too(client, sign_in, town, look):
    sign_in(town.all)

    text = client.get(INBOX).text

    assert all(words in text for words in ("The lights are out", "Cars race", "Hello from a stranger"))
    assert look(lambda s: services.count_new(s, None)) == look(
        lambda s: s.scalar(select(func.count()).select_from(Conversation))
    )


def test_an_officer_without_a_zone_sees_nothing(client, sign_in, town):
    sign_in(town.nobody)

    assert "No messages wait" in client.get(INBOX).text
    assert client.get(page_of(town.here)).status_code == 404


@pytest.mark.parametrize(
    ("who", "which", "status"),
    [
        ("local", "here", 200), ("local", "there", 404), ("local", "nowhere", 404),
        ("all", "there", 200), ("all", "nowhere", 200),
        ("viewer", "here", 403),
    ],
)  # fmt: skip
def test_a_conversation_is_shown_to_those_of_its_zone(client, sign_in, town, who, which, status):
    sign_in(getattr(town, who))

    assert client.get(page_of(getattr(town, which))).status_code == status


@pytest.mark.parametrize("act", ["answer", "take", "hand-over", "done", "reopen", "about"])
def test_nothing_can_be_done_with_a_conversation_of_another_zone(client, sign_in, town, look, act):
    sign_in(town.local)

    answer = submit(client, f"{page_of(town.there)}/{act}", page=page_of(town.here), text="Hello")

    assert answer.status_code == 404
    assert state(look, town.there).status is ConversationStatus.NEW
    assert look(lambda s: s.scalars(select(Answer)).all()) == []


def test_nobody_gets_in_without_signing_in(client, town):
    assert client.get(INBOX).status_code == 302
    assert client.get(page_of(town.here)).status_code == 302


def test_a_zone_filter_outside_the_scope_is_no_way_in(client, sign_in, town):
    sign_in(town.local)

    assert "Cars race" not in client.get(f"{INBOX}?tab=open&zone={town.other.slug}&after={town.there.public_id}").text


def test_reading_is_written_into_the_audit_log(client, sign_in, town, look):
    sign_in(town.local)
    client.get(page_of(town.here))

    read = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "conversation.read")).one())

    assert (read.actor, read.subject_id) == (town.local.actor, town.here.public_id)


def test_numbers_are_masked(client, sign_in, town):
    sign_in(town.all)
    value = town.here.address.value

    for page in (INBOX, page_of(town.here)):
        text = client.get(page).text
        assert value not in text
        assert value[-10:] not in text
        assert f"07•••• ••{value[-4:]}" in text


def test_pages_follow_each_other_without_gap_or_repeat(client, sign_in, town, change):
    def many(session):
        return [make_conversation(session, zone_id=town.zone.id).public_id for _ in range(2 * PAGE)]

    wanted = {*change(many), town.here.public_id}
    sign_in(town.local)
    seen, address = [], INBOX
    while address:
        page = soup(client.get(address))
        seen += [link["href"].rsplit("/", 1)[1] for link in page.select("tbody a")]
        link = page.find("a", string="Show the next ones")
        address = link["href"] if link else None

    assert sorted(seen) == sorted(wanted)


def test_words_of_a_resident_are_never_markup(client, sign_in, town, change):
    change(lambda s: make_message(s, s.get(Conversation, town.here.id), text="<script>alert(1)</script>"))
    sign_in(town.local)

    for page in (INBOX, page_of(town.here)):
        assert "<script>alert" not in client.get(page).text
