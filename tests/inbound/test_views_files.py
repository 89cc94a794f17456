"""Files that came with a message, over HTTP: saved, never shown."""

import pytest

from peoplelink.inbound.models import Attachment, Conversation
from tests.factories import (
    make_message,
)
from tests.inbound.town import page_of

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


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
