"""The inbox over HTTP: who sees what, answering, linking, files, and what could not be placed."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.inbound import services, tasks
from peoplelink.inbound.inbox import PAGE
from peoplelink.inbound.models import Answer, Attachment, Confidence, Conversation, ConversationStatus, Webhook
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Content, Delivery
from tests.factories import (
    add_noise,
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_suppression,
    make_webhook,
    make_zone,
)
from tests.pages import csrf_token, soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
INBOX = "/officer/inbox"


class Town:
    """Two zones, a conversation in each and one in none, and an officer of each reach."""

    def __init__(self, session):
        add_noise(session)
        self.zone, self.other = make_zone(session, name="New Parks"), make_zone(session, name="Coalville")
        self.here = self._conversation(session, "The lights are out", self.zone)
        self.there = self._conversation(session, "Cars race at night", self.other)
        self.nowhere = self._conversation(session, "Hello from a stranger", None)
        self.local = make_officer(session, zones=[self.zone], role=Role.COMPOSER, name="A Local")
        self.all = make_officer(session, role=Role.ADMINISTRATOR, name="The Head")
        self.viewer = make_officer(session, role=Role.VIEWER)
        self.nobody = make_officer(session, zones=[], role=Role.COMPOSER)

    @staticmethod
    def _conversation(session, words, zone):
        conversation = make_conversation(session, zone=zone)
        make_message(session, conversation, text=words)
        return conversation


@pytest.fixture
def town(change):
    return change(Town)


def page_of(conversation):
    return f"/officer/conversations/{conversation.public_id}"


def state(look, conversation):
    return look(lambda s: s.get(Conversation, conversation.id))


# Who sees what


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


# What is done with a conversation


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


def test_two_officers_do_not_answer_over_each_other(client, sign_in, town):
    sign_in(town.all)
    address = f"{page_of(town.here)}/answer"
    submit(client, address, page=page_of(town.here), text="First", seen="0")

    second = submit(client, address, page=page_of(town.here), text="Second", seen="0")
    seen = soup(second).find("input", attrs={"name": "seen"})["value"]

    assert second.status_code == 422
    assert "First" in second.text
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


# What it is about


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


# Files


def with_file(session, conversation, **fields):
    conversation = session.get(Conversation, conversation.id)
    fields = {"filename": '../a"b\n.html', "content_type": "text/html", "size": 8, "content": b"<script>"} | fields
    return make_message(session, conversation, attachments=[Attachment(**fields)]).attachments[0]


def test_a_file_is_saved_and_never_shown(client, sign_in, town, change):
    file = change(lambda s: with_file(s, town.here))
    sign_in(town.local)

    answer = client.get(f"/officer/attachments/{file.public_id}")

    assert (answer.data, answer.mimetype) == (b"<script>", "application/octet-stream")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ab_.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("who", "which", "status"),
    [("local", "there", 404), ("local", "nowhere", 404), ("all", "there", 200), ("viewer", "here", 403)],
)
def test_a_file_is_given_to_those_of_its_zone(client, sign_in, town, change, who, which, status):
    file = change(lambda s: with_file(s, getattr(town, which)))
    sign_in(getattr(town, who))

    assert client.get(f"/officer/attachments/{file.public_id}").status_code == status


def test_a_file_that_the_phone_company_keeps_is_named_and_not_given(client, sign_in, town, change):
    file = change(lambda s: with_file(s, town.here, content=None, size=0, url="https://api.example/Media/ME1"))
    sign_in(town.local)

    page = client.get(page_of(town.here)).text

    assert "The phone company keeps it" in page
    assert "api.example" not in page
    assert client.get(f"/officer/attachments/{file.public_id}").status_code == 404


def test_words_of_a_resident_are_never_markup(client, sign_in, town, change):
    change(lambda s: make_message(s, s.get(Conversation, town.here.id), text="<script>alert(1)</script>"))
    sign_in(town.local)

    for page in (INBOX, page_of(town.here)):
        assert "<script>alert" not in client.get(page).text


# Unplaced


def test_what_could_not_be_read_waits_for_an_officer_of_all_zones(client, sign_in, town, change, look):
    webhook = change(lambda s: make_webhook(s, processed_at=dt.datetime.now(dt.UTC), problem=tasks.UNREADABLE))  # noqa: TID251
    sign_in(town.local)
    local = client.get("/officer/unplaced").text
    refused = client.post(
        f"/officer/unplaced/{webhook.public_id}/dealt-with", data={"csrf_token": csrf_token(client, page_of(town.here))}
    )
    sign_in(town.all)
    before = client.get("/officer/unplaced").text

    submit(client, f"/officer/unplaced/{webhook.public_id}/dealt-with", page="/officer/unplaced")

    after = look(lambda s: s.get(Webhook, webhook.id))
    assert "officers of all zones" in local
    assert refused.status_code == 404
    assert "not in a form we can read" in before
    assert "not in a form we can read" not in client.get("/officer/unplaced").text
    assert (after.problem, after.dealt_with_by_id) == (tasks.UNREADABLE, town.all.id)


def test_trying_again_gives_it_back_to_the_job(client, sign_in, town, change, look, jobs):
    webhook = change(lambda s: make_webhook(s, processed_at=dt.datetime.now(dt.UTC), problem=tasks.GAVE_UP, tries=3))  # noqa: TID251
    sign_in(town.all)

    submit(client, f"/officer/unplaced/{webhook.public_id}/try-again", page="/officer/unplaced")

    after = look(lambda s: s.get(Webhook, webhook.id))
    assert (after.processed_at, after.problem, after.tries) == (None, None, 0)
    assert jobs.rung == ["webhooks"]
