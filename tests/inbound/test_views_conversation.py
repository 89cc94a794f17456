"""Answering a conversation, having it, and saying what it is about, over HTTP."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import Answer, Confidence, Conversation, ConversationStatus
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Content, Delivery
from tests.factories import (
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_suppression,
)
from tests.inbound.town import page_of, state
from tests.pages import soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_answering_goes_through_the_engine_and_takes_the_conversation(client, sign_in, town, look, jobs):
    sign_in(town.local)

    answer = submit(
        client,
        f"{page_of(town.here)}/answer",
        page=page_of(town.here),
        text="Thank you \u2013 we\u2019ll ask",
        seen="0",
    )

    after = state(look, town.here)
    sent = look(
        lambda s: s.scalars(select(Content).join(Delivery).where(Delivery.address_id == town.here.address_id)).one()
    )
    assert answer.status_code == 302
    assert sent.text == "People Link: Thank you - we'll ask"
    assert (after.status, after.assigned_to_id) == (ConversationStatus.OPEN, town.local.id)
    assert "lane:sms:urgent" in jobs.rung
    assert "Queued" in client.get(page_of(town.here)).text


def test_an_email_is_answered_under_its_own_subject(client, sign_in, town, change, look):
    def mail(session):
        conversation = make_conversation(session, make_address(session, Medium.EMAIL), subject="Street\nlights")
        make_message(session, conversation)
        return conversation

    conversation = change(mail)
    sign_in(town.all)

    submit(client, f"{page_of(conversation)}/answer", page=page_of(conversation), text="Thank you", seen="0")

    assert (
        look(
            lambda s: s.scalars(
                select(Content.subject).where(Content.medium == Medium.EMAIL).order_by(Content.id.desc())
            ).first()
        )
        == "Re: Street lights"
    )


def test_somebody_who_stopped_cannot_be_answered_and_the_page_says_why(client, sign_in, town, change, look):
    change(lambda s: make_suppression(s, town.here.address))
    sign_in(town.local)

    page = client.get(page_of(town.here)).text
    answer = submit(client, f"{page_of(town.here)}/answer", page=page_of(town.here), text="But", seen="0")

    assert "They texted STOP" in page
    assert "Send answer" not in page
    assert answer.status_code == 422
    assert look(lambda s: s.scalars(select(Answer)).all()) == []


def test_a_request_to_gather_information_waits_for_advice(client, sign_in, town, look):
    sign_in(town.local)
    address, words = f"{page_of(town.here)}/answer", "Could you find out who he is and get the registration?"

    refused = submit(client, address, page=page_of(town.here), text=words, seen="0")
    none = look(lambda s: s.scalars(select(Answer)).all())
    sent = submit(client, address, page=page_of(town.here), text=words, seen="0", advice="y")

    assert refused.status_code == 422
    assert "find out" in soup(refused).select_one(".govuk-error-summary").text
    assert soup(refused).select_one("title").text.startswith("Error: ")
    assert none == []
    assert sent.status_code == 302
    answered = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "conversation.answered")).one())
    assert answered.detail["advice_taken"] is True


@pytest.mark.parametrize(
    ("other", "said"), [("local", "A colleague has just answered."), ("all", "You have answered already.")]
)
def test_nobody_answers_over_a_colleague_or_over_their_own_other_window(client, sign_in, town, other, said):
    sign_in(getattr(town, other))
    address = f"{page_of(town.here)}/answer"
    submit(client, address, page=page_of(town.here), text="First", seen="0")

    sign_in(town.all)
    second = submit(client, address, page=page_of(town.here), text="Second", seen="0")
    seen = soup(second).find("input", attrs={"name": "seen"})["value"]

    assert second.status_code == 422
    assert "First" in second.text
    assert said in second.text
    assert soup(second).find("textarea").text.strip() == "Second"
    assert submit(client, address, page=page_of(town.here), text="Second", seen=seen).status_code == 302


@pytest.mark.parametrize(
    ("words", "status"), [("", 422), ("   ", 422), ("x" * 1601, 422), ("{name}", 422), ("Thanks", 302)]
)
def test_what_cannot_be_sent_is_said_on_the_page(client, sign_in, town, words, status):
    sign_in(town.local)

    assert (
        submit(client, f"{page_of(town.here)}/answer", page=page_of(town.here), text=words, seen="0").status_code
        == status
    )


def test_the_cost_is_counted_with_the_name_in_front(client, sign_in, town):
    sign_in(town.local)

    fragment = submit(client, "/officer/conversations/cost", page=page_of(town.here), text="x" * 148)

    assert "2 parts" in fragment.text


def test_a_conversation_is_taken_handed_over_done_and_reopened(client, sign_in, town, look, change):
    colleague = change(lambda s: make_officer(s, zones=[s.get(type(town.zone), town.zone.id)], role=Role.COMPOSER))
    sign_in(town.local)

    submit(client, f"{page_of(town.here)}/take", page=page_of(town.here))
    taken = state(look, town.here)
    submit(client, f"{page_of(town.here)}/hand-over", page=page_of(town.here), to=colleague.public_id)
    handed = state(look, town.here)
    submit(client, f"{page_of(town.here)}/done", page=page_of(town.here))
    done = state(look, town.here)
    submit(client, f"{page_of(town.here)}/reopen", page=page_of(town.here))
    again = state(look, town.here)

    assert (taken.assigned_to_id, taken.status) == (town.local.id, ConversationStatus.OPEN)
    assert handed.assigned_to_id == colleague.id
    assert done.status is ConversationStatus.DONE
    assert (again.status, again.assigned_to_id) == (ConversationStatus.OPEN, town.local.id)


def test_what_a_colleague_has_cannot_be_taken(client, sign_in, town, look):
    sign_in(town.all)
    submit(client, f"{page_of(town.here)}/take", page=page_of(town.here))
    sign_in(town.local)

    answer = submit(client, f"{page_of(town.here)}/take", page=page_of(town.here))

    assert answer.status_code == 409
    assert state(look, town.here).assigned_to_id == town.all.id


@pytest.mark.parametrize("who", ["viewer", "nobody"])
def test_a_conversation_is_not_given_to_somebody_who_cannot_read_it(client, sign_in, town, look, who):
    sign_in(town.local)

    answer = submit(client, f"{page_of(town.here)}/hand-over", page=page_of(town.here), to=getattr(town, who).public_id)

    assert answer.status_code == 422
    assert state(look, town.here).assigned_to_id is None


def broadcast_to(session, address, title, now):
    dispatch = make_dispatch(session, created_at=now, released_at=now)
    make_delivery(
        session, address, content=make_content(session, dispatch), status="delivered", created_at=now, sent_at=now
    )
    return make_broadcast(session, title=title, dispatch=dispatch, released_at=now, status=BroadcastStatus.FINISHED)


def test_the_link_is_said_in_words_and_an_officer_may_change_it(client, sign_in, town, change, look):
    def linked(session):
        conversation = session.get(Conversation, town.here.id)
        conversation.broadcast = broadcast_to(session, conversation.address, "Litter pick", conversation.opened_at)
        conversation.confidence = Confidence.LIKELY
        return broadcast_to(session, conversation.address, "Street fair", conversation.opened_at)

    fair = change(linked)
    sign_in(town.local)
    before = client.get(page_of(town.here)).text

    submit(
        client, f"{page_of(town.here)}/about", page=page_of(town.here), broadcast=fair.public_id, zone=town.zone.slug
    )

    assert "Probably about <em>Litter pick</em>: the only message we had sent them that week" in before
    assert "About <em>Street fair</em>: an officer said so" in client.get(page_of(town.here)).text
    assert state(look, town.here).confidence is None


def test_a_link_to_a_message_they_never_got_is_refused(client, sign_in, town, change):
    stranger = change(lambda s: make_broadcast(s, title="For others"))
    sign_in(town.all)

    answer = submit(client, f"{page_of(town.here)}/about", page=page_of(town.here), broadcast=stranger.public_id)

    assert answer.status_code == 422


def test_only_an_officer_of_all_zones_may_leave_it_without_one(client, sign_in, town, look):
    sign_in(town.local)
    refused = submit(client, f"{page_of(town.here)}/about", page=page_of(town.here), zone=town.other.slug)
    sign_in(town.all)
    placed = submit(client, f"{page_of(town.nowhere)}/about", page=page_of(town.nowhere), zone=town.zone.slug)

    assert (refused.status_code, placed.status_code) == (422, 302)
    assert state(look, town.here).zone_id == town.zone.id
    assert state(look, town.nowhere).zone_id == town.zone.id


def test_a_conversation_is_new_until_somebody_takes_or_answers_it(client, sign_in, town):
    sign_in(town.all)
    client.get(page_of(town.here))

    read_twice = client.get(page_of(town.here)).text
    submit(client, f"{page_of(town.here)}/take", page=page_of(town.here))

    assert "(nobody has taken or answered it)" in read_twice
    assert "(an officer has it)" in client.get(page_of(town.here)).text
