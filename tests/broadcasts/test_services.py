"""Writing a broadcast, trying it out, and what conversations ask."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.broadcasts import checks, services
from peoplelink.broadcasts.checks import Draft
from peoplelink.broadcasts.models import BroadcastContent
from peoplelink.broadcasts.names import Longest
from peoplelink.channels.messages import Medium
from peoplelink.errors import ForbiddenError, InvalidInputError
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose
from tests import factories
from tests.factories import make_broadcast, make_content, make_delivery, make_dispatch, make_officer, make_zone


def words_of(problems):
    return [problem.words for problem in problems if problem.blocks]


def test_a_draft_keeps_what_was_written(session, now):
    zone, topic, officer = make_zone(session), factories.make_topic(session), make_officer(session)
    draft = Draft("The  fair\nin May", (zone.id,), (topic.id,), "Come!\r\nAll of you.", "A fair\r\nBcc: x", "# Hello")

    broadcast = services.create_draft(session, draft, by=officer, now=now)
    session.expire(broadcast)

    assert checks.draft_of(broadcast) == Draft(
        "The fair in May", (zone.id,), (topic.id,), "Come!\nAll of you.", "A fair Bcc: x", "# Hello"
    )


def test_an_edit_changes_words_and_takes_away_what_was_emptied(session, now):
    zone = make_zone(session)
    broadcast = make_broadcast(session, zones=[zone], sms="Old", email="Old")

    services.edit(session, broadcast, Draft("New", (), (), "New", "", ""), by=broadcast.created_by, edition=1, now=now)
    session.expire(broadcast)

    assert checks.draft_of(broadcast) == Draft("New", (), (), "New")
    assert broadcast.edition == 2
    assert len(session.scalars(select(BroadcastContent).filter_by(broadcast_id=broadcast.id)).all()) == 1


def test_an_edit_from_an_old_edition_is_refused(session, now):
    broadcast = make_broadcast(session)
    services.edit(session, broadcast, Draft("First"), by=broadcast.created_by, edition=1, now=now)

    with pytest.raises(services.EditedMeanwhileError, match="Somebody has changed"):
        services.edit(session, broadcast, Draft("Second"), by=broadcast.created_by, edition=1, now=now)

    assert broadcast.title == "First"


def test_an_edition_that_was_changed_meanwhile_is_not_sent(session, now):
    broadcast = make_broadcast(session, zones=[make_zone(session)], edition=2)

    with pytest.raises(services.EditedMeanwhileError):
        services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)


def test_what_was_sent_cannot_be_edited(session, now):
    broadcast = make_broadcast(session, zones=[make_zone(session)])
    services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)

    with pytest.raises(services.NotADraftError):
        services.edit(session, broadcast, Draft("Other"), by=broadcast.created_by, edition=1, now=now)


def test_an_officer_writes_and_sends_to_their_own_zones_only(session, now):
    mine, other = make_zone(session), make_zone(session)
    officer = make_officer(session, role=Role.APPROVER, zones=[mine])
    broadcast = make_broadcast(session, zones=[mine, other])

    with pytest.raises(ForbiddenError):
        services.create_draft(session, Draft("A", (mine.id, other.id)), by=officer, now=now)
    with pytest.raises(ForbiddenError):
        services.send_now(session, broadcast, by=officer, edition=1, now=now)

    assert services.create_draft(session, Draft("A", (mine.id,)), by=officer, now=now).zones == [mine]


def test_a_composer_may_not_send(session, now):
    composer = make_officer(session, role=Role.COMPOSER)
    broadcast = make_broadcast(session, zones=[make_zone(session)])

    with pytest.raises(ForbiddenError):
        services.send_now(session, broadcast, by=composer, edition=1, now=now)


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft("A", (), (), "Hello"), "Choose at least one zone."),
        (Draft("A", (1,)), "Write a text message, an email, or both."),
        (Draft("A", (1,), (), " \n "), "Write a text message, an email, or both."),
        (Draft("A", (1,), (), "", "", "Hello"), "Give the email a subject."),
        (Draft("A", (1,), (), "Hi", "Hello", ""), "Write the email that goes with the subject"),
        (Draft("A", (1,), (), "Hi {name}"), "Change {name}"),
        (Draft("A", (1,), (), "", "Hi {name}", "Hello"), "Change {name}"),
        (Draft("A", (1,), (), "", "Hi", "Dear {surname|friend}"), "Change {surname|friend}"),
        (Draft("A", (1,), (), "a" * 900), "it takes 7 segments, and 6 are the most"),
    ],
)
def test_what_blocks_a_broadcast_is_said_and_refused(session, now, draft, words):
    assert any(words in found for found in words_of(services.check(draft)))


def test_a_broadcast_in_order_has_no_problem():
    assert services.check(Draft("A", (1,), (), "Hello {name|friend}", "Hello", "Dear {name|friend}")) == []


def test_a_long_text_is_a_warning_that_does_not_block():
    problems = services.check(Draft("A", (1,), (), "a" * 500))

    assert [(problem.field, problem.blocks) for problem in problems] == [("sms", False)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (Longest(), []),
        (Longest(plain=8), []),
        (Longest(plain=20), [(False, "The text takes 4 segments for somebody with a long name")]),
        (Longest(20, odd=3), [(True, "Shorten the text: it takes 7 segments for somebody with a long name")]),
    ],
)
def test_a_text_is_as_long_as_for_the_dearest_name_it_greets(names, expected):
    draft = Draft("A", (1,), (), "{name|friend} " + "a" * 415)

    found = [(problem.blocks, problem.words.partition(",")[0]) for problem in services.check(draft, names)]

    assert found == expected


def test_a_broadcast_with_a_problem_is_not_sent(session, now):
    broadcast = make_broadcast(session, zones=[])

    with pytest.raises(InvalidInputError, match="zone"):
        services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)


def test_a_test_goes_to_the_officer_alone_with_everything_filled_in(session, now, config, jobs):
    officer = make_officer(session, name="The Officer", email="officer@example.org", mobile="+447700900123")
    broadcast = make_broadcast(
        session, zones=[make_zone(session)], sms="Hi {name|you}.", email="Dear {name|you}", created_by=officer
    )
    factories.make_subscriber(session, zones=broadcast.zones)

    media = services.test_send(session, broadcast, by=officer, address_key=config.address_key, now=now)

    found = {d.address.value: d for d in session.scalars(select(Delivery))}
    assert media == [Medium.SMS, Medium.EMAIL]
    assert found["+447700900123"].content.text == "People Link: Hi The Officer. Reply STOP to leave."
    assert found["officer@example.org"].content.subject == "Test: A fair on Saturday"
    assert "Dear The Officer" in found["officer@example.org"].content.text
    assert {delivery.dispatch.purpose for delivery in found.values()} == {Purpose.TEST}


def test_without_a_mobile_the_test_goes_by_email_only(session, now, config):
    broadcast = make_broadcast(session, zones=[make_zone(session)], email="Hello", created_by=make_officer(session))

    assert services.test_send(session, broadcast, by=broadcast.created_by, address_key=config.address_key, now=now) == [
        Medium.EMAIL
    ]


def delivered(session, address, at, **columns):
    dispatch = make_dispatch(session)
    broadcast = make_broadcast(session, dispatch=dispatch)
    content = make_content(session, dispatch, address.medium)
    make_delivery(session, address, content=content, **{"status": DeliveryStatus.DELIVERED, "sent_at": at} | columns)
    return broadcast


def test_the_latest_broadcasts_to_an_address_come_newest_first(session, now):
    factories.add_noise(session)
    address = factories.make_address(session)
    day = dt.timedelta(days=1)
    older = delivered(session, address, now - 3 * day)
    newer = delivered(session, address, now - 1 * day, status=DeliveryStatus.SENT)
    delivered(session, address, now - 9 * day)
    delivered(session, address, None, status=DeliveryStatus.CANCELLED)
    delivered(session, factories.make_address(session), now)

    assert services.latest_to(session, address.id, since=now - 7 * day) == [newer, older]


def test_a_dispatch_leads_to_its_broadcast(session):
    broadcast = make_broadcast(session, dispatch=make_dispatch(session))

    assert services.by_dispatch(session, broadcast.dispatch_id) is broadcast
    assert services.by_dispatch(session, make_dispatch(session).id) is None
