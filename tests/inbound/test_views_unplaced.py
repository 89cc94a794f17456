"""What could not be placed, over HTTP."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from peoplelink import keys
from peoplelink.audit import AuditEvent
from peoplelink.inbound import failures
from peoplelink.inbound.models import Webhook, WebhookKind
from tests.channels.forms import CONTENT_TYPE, raw_post
from tests.factories import make_webhook
from tests.inbound.town import page_of
from tests.pages import csrf_token, soup, submit

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_what_could_not_be_read_waits_for_an_officer_of_all_zones(client, sign_in, town, change, look):
    webhook = change(lambda s: make_webhook(s, processed_at=dt.datetime.now(dt.UTC), problem=failures.UNREADABLE))  # noqa: TID251
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
    assert (after.problem, after.dealt_with_by_id) == (failures.UNREADABLE, town.all.id)


def test_trying_again_gives_it_back_to_the_job(client, sign_in, town, change, look, jobs):
    webhook = change(lambda s: make_webhook(s, processed_at=dt.datetime.now(dt.UTC), problem=failures.GAVE_UP, tries=3))  # noqa: TID251
    sign_in(town.all)

    submit(client, f"/officer/unplaced/{webhook.public_id}/try-again", page="/officer/unplaced")

    after = look(lambda s: s.get(Webhook, webhook.id))
    assert (after.processed_at, after.problem, after.tries) == (None, None, 0)
    assert jobs.rung == ["webhooks"]


def unread(change, body, *, kind=WebhookKind.SENDGRID_INBOUND, content_type=CONTENT_TYPE, problem=failures.UNREADABLE):
    """A request that could not be read."""
    now = dt.datetime.now(dt.UTC)  # noqa: TID251
    fields = {"body": body, "content_type": content_type, "problem": problem, "processed_at": now}
    return change(lambda s: make_webhook(s, kind, **fields))


def page_of_one(client, webhook):
    return soup(client.get(f"/officer/unplaced/{webhook.public_id}")).main.get_text(" ")


def test_a_mail_from_nobody_is_shown_as_far_as_it_can_be_read(client, sign_in, town, change, look):
    mail = b"From: not a mail\r\nSubject: Cars\r\n\r\nThey <b>race</b> at night. " + b"x" * 6000
    webhook = unread(change, raw_post(mail, envelope={"to": ["a@reply.example.org"], "from": ""}))
    sign_in(town.all)

    page = page_of_one(client, webhook)

    assert "They <b>race</b> at night." in page
    assert "Cars" in page
    assert "not a mail" not in page
    assert "x" * 5000 not in page
    assert "This is the beginning" in page
    assert "It came on " in page
    assert webhook.public_id in client.get("/officer/unplaced").text
    read = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "webhook.read")).all())
    assert [(one.subject_id, one.actor) for one in read] == [(webhook.public_id, town.all.actor)]


def test_a_link_of_ours_in_what_could_not_be_read_is_not_shown(client, sign_in, town, change, config):
    token = keys.sign_until(config.secret_keys, "preferences", str(uuid.uuid4()))
    mail = f"Subject: {token}\r\n\r\nYou wrote\r\n> https://link.example.org/preferences/{token}\r\n"
    webhook = unread(change, raw_post(mail.encode()))
    sign_in(town.all)

    page = page_of_one(client, webhook)

    assert page.count("(their own link)") == 2
    assert token[-43:] not in page


def test_the_sender_of_what_could_not_be_read_is_masked(client, sign_in, town, change):
    body = b"From=%2B447700900123&Body=Cars+race"
    form = "application/x-www-form-urlencoded"
    webhook = unread(change, body, kind=WebhookKind.TWILIO_INBOUND, content_type=form)
    sign_in(town.all)

    page = page_of_one(client, webhook)

    assert "07•••• ••" in page
    assert "0900123" not in page
    assert "Cars race" in page


@pytest.mark.parametrize("kind", list(WebhookKind))
@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"a=%00&" * 2000, raw_post(b"\x00\xff")])
def test_whatever_came_has_a_page_and_a_file(client, sign_in, town, change, kind, body):
    webhook = unread(change, body, kind=kind)
    sign_in(town.all)

    assert "Save it as it came" in page_of_one(client, webhook)
    assert client.get(f"/officer/unplaced/{webhook.public_id}/file").data == body


def test_what_broke_our_system_is_not_read_again_for_a_page(client, sign_in, town, change):
    webhook = unread(change, raw_post(b"From: a@example.com\r\n\r\nDeadly words"), problem=failures.KILLED)
    sign_in(town.all)

    page = page_of_one(client, webhook)

    assert "Deadly words" not in page
    assert "may find it in the file" in page


def test_the_file_of_what_could_not_be_read_is_saved_never_shown_and_noted(client, sign_in, town, change, look):
    webhook = unread(change, b"<script>")
    sign_in(town.all)

    answer = client.get(f"/officer/unplaced/{webhook.public_id}/file")

    assert (answer.data, answer.mimetype) == (b"<script>", "application/octet-stream")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=sendgrid_inbound-{webhook.id}.bin"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    saved = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "webhook.saved")).all())
    assert [one.subject_id for one in saved] == [webhook.public_id]


@pytest.mark.parametrize("part", ["", "/file"])
@pytest.mark.parametrize(("who", "status"), [("local", 404), ("viewer", 403)])
def test_what_could_not_be_read_is_for_officers_of_all_zones(client, sign_in, town, change, part, who, status):
    webhook = unread(change, b"x")
    sign_in(getattr(town, who))

    assert client.get(f"/officer/unplaced/{webhook.public_id}{part}").status_code == status
