"""What could not be placed, over HTTP."""

import datetime as dt

import pytest

from peoplelink.inbound import failures
from peoplelink.inbound.models import Webhook
from tests.factories import (
    make_webhook,
)
from tests.inbound.town import page_of
from tests.pages import csrf_token, submit

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
