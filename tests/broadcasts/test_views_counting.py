"""A large audience: the page says that it is counting, the answer follows, and is kept for a while."""

import datetime as dt

import pytest
from sqlalchemy import event

from peoplelink import clock
from peoplelink.broadcasts import counting
from peoplelink.broadcasts.checks import Draft, draft_of
from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import Medium
from peoplelink.quiet_hours import Hours
from tests.broadcasts.pages import PAGE, saved, text_of
from tests.factories import make_subscriber
from tests.pages import soup, submit

COUNTING = "Counting the people who will get it."


@pytest.fixture
def large(monkeypatch):
    """Every audience is a large one."""
    monkeypatch.setattr(counting, "LARGE", 0)


def preview_of(broadcast, query=""):
    return f"{PAGE}/{broadcast.public_id}/preview{query}"


def test_a_large_audience_is_counted_when_asked_and_then_known(client, database, zone, sign_in, large):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.")

    first = client.get(preview_of(draft))
    waited = client.get(preview_of(draft, "?count=now"))
    again = client.get(preview_of(draft))

    assert COUNTING in text_of(first)
    assert "will get it." not in text_of(first).replace(COUNTING, "")
    assert "2 people will get it." in text_of(waited)
    assert "2 people will get it." in text_of(again)


def test_the_page_asks_for_the_count_by_itself_and_by_a_link_without_javascript(client, database, zone, sign_in, large):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.")

    check = soup(client.get(preview_of(draft))).select_one("#check")
    waited = soup(client.get(preview_of(draft, "?count=now"))).select_one("#check")

    assert (check["hx-get"], check["hx-trigger"]) == (preview_of(draft, "?count=now"), "load")
    assert check.select_one("noscript a")["href"] == preview_of(draft, "?count=now")
    assert "hx-get" not in waited.attrs


def test_the_form_asks_for_the_count_with_what_is_typed(client, database, zone, sign_in, large):
    sign_in()
    typed = {"page": f"{PAGE}/new", "zones": zone.id, "sms": "A fair."}

    first = submit(client, f"{PAGE}/check", **typed)
    counted = submit(client, f"{PAGE}/check", **typed, count="now")
    other_words = submit(client, f"{PAGE}/check", **typed | {"sms": "A fair on Saturday."})

    loader = soup(first).select_one("[role=status]")
    assert (loader["hx-post"], loader["hx-trigger"]) == (f"{PAGE}/check", "load")
    assert loader["hx-vals"] == '{"count": "now"}'
    assert "2 people will get it." in text_of(counted)
    assert "2 people will get it." in text_of(other_words)


def test_the_question_before_sending_always_has_the_number(client, database, zone, sign_in, large):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.")

    assert "Send to 2 people now?" in text_of(client.get(f"{PAGE}/{draft.public_id}/send"))


def test_a_kept_answer_runs_out(client, database, zone, sign_in, large, valkey):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.")
    client.get(preview_of(draft, "?count=now"))

    (key,) = valkey.keys("peoplelink:reach:*")

    assert 0 < valkey.ttl(key) <= counting.KEPT


def test_another_zone_time_or_importance_is_counted_anew(database, zone, valkey):
    draft = Draft(zone_ids=(zone.id,), sms="A fair.")
    with database.read() as session:
        counting.keep(valkey, draft, counting.reach(session, draft, now=clock.now(), quiet=Hours(0, 0)))

    assert counting.kept(valkey, draft) is not None
    for other in (
        Draft(zone_ids=(zone.id + 1,), sms="A fair."),
        Draft(zone_ids=(zone.id,), sms="A fair.", email="Hi"),
        Draft(zone_ids=(zone.id,), sms="Hi {name|friend}"),
        Draft(zone_ids=(zone.id,), sms="A fair.", scheduled_for=clock.now()),
    ):
        assert counting.kept(valkey, other) is None


def test_what_is_kept_comes_back_as_it_was(database, zone, valkey):
    with database.transaction() as session:
        make_subscriber(session, zones=[session.merge(zone)], sms="+447700900009", name="A long name", quiet_from=0,
                        quiet_until=1439)  # fmt: skip
    stored = saved(database, zones=[zone], sms="Hi {name|friend}", email="Hello")
    with database.read() as session:
        draft = draft_of(session.get_one(Broadcast, stored.id))
        noon = dt.datetime(2027, 3, 21, 12, tzinfo=dt.UTC)
        reach = counting.reach(session, draft, now=noon, quiet=Hours(0, 0))

    counting.keep(valkey, draft, reach)

    assert reach.rest.until
    assert reach.count.recipients == {Medium.SMS: 3, Medium.EMAIL: 1}
    assert counting.kept(valkey, draft) == reach


def test_what_is_large_is_found_without_looking_at_everybody(database, zone, large):
    seen = []
    with database.read() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *args: seen.append(args[2]))
        assert counting.is_large(session, Draft(zone_ids=(zone.id,), sms="A fair.").rule)
        assert not counting.is_large(session, Draft(zone_ids=(zone.id,)).rule)

    assert len(seen) == 1
    assert "LIMIT" in seen[0]
