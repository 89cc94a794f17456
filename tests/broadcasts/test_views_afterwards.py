"""The pages in which officers watch a broadcast go and see who got it."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import proof, tasks
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.outbound.states import DeliveryStatus
from tests.broadcasts.pages import PAGE, released, saved, set_states, text_of
from tests.factories import make_subscriber
from tests.pages import soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_progress_polls_while_it_sends_and_stops_when_it_is_over(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])
    at = f"{PAGE}/{broadcast.public_id}"

    busy = soup(client.get(f"{at}/progress")).select_one("#progress")
    set_states(database, broadcast, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
    tasks.refresh(runtime)
    over = soup(client.get(f"{at}/progress")).select_one("#progress")

    assert (busy["hx-get"], busy["hx-trigger"], busy["hx-swap"]) == (f"{at}/progress", "every 2s", "outerHTML")
    assert "0 of 2 sent, 0 delivered" in busy.get_text()
    assert not any(name.startswith("hx-") for name in over.attrs)
    assert "1 of 2 delivered, 1 failed" in over.get_text()
    assert "see who" in over.get_text()


def test_a_message_we_are_not_sure_about_is_not_counted_as_sent(client, database, runtime, zone, sign_in):
    sign_in()
    with database.transaction() as session:
        for _ in range(2):
            make_subscriber(session, zones=[session.merge(zone)])
    broadcast = released(database, runtime, zones=[zone])
    states = (DeliveryStatus.SENT, DeliveryStatus.UNCONFIRMED, DeliveryStatus.DELIVERED, DeliveryStatus.QUEUED)
    at = f"{PAGE}/{broadcast.public_id}/progress"

    set_states(database, broadcast, *states)
    sending = text_of(client.get(at))
    set_states(database, broadcast, *states[:3], DeliveryStatus.FAILED)
    tasks.refresh(runtime)
    sent_out = text_of(client.get(at))

    assert "2 of 4 sent, 1 delivered, 1 we are not sure about" in sending
    assert "1 of 4 delivered, 1 waiting for a receipt, 1 we are not sure about, 1 failed" in sent_out


def test_the_table_says_who_got_it_with_addresses_hidden_and_reasons_in_words(client, database, runtime, zone, sign_in):
    officer = sign_in()
    broadcast = released(database, runtime, zones=[zone])
    set_states(database, broadcast, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)

    page = client.get(f"{PAGE}/{broadcast.public_id}/deliveries")
    failed = client.get(f"{PAGE}/{broadcast.public_id}/deliveries?state=failed")
    expired = client.get(f"{PAGE}/{broadcast.public_id}/deliveries?state=expired")

    assert [len(soup(answer).select("tbody tr")) for answer in (page, failed)] == [2, 1]
    assert "The number is a landline" in text_of(failed)
    assert [soup(answer).select_one("option[selected]").text for answer in (failed, expired)] == [
        "Failed (1)", "Expired (0)",
    ]  # fmt: skip
    assert "7700900" not in page.text
    with database.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "deliveries.read").order_by(AuditEvent.id)
        ).all()
        assert [(event.actor, event.subject_id, event.detail) for event in events] == [
            (officer.actor, broadcast.public_id, {"rows": 2}),
            (officer.actor, broadcast.public_id, {"rows": 1}),
            (officer.actor, broadcast.public_id, {"rows": 0}),
        ]


def test_a_state_that_does_not_exist_is_not_found(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])

    assert client.get(f"{PAGE}/{broadcast.public_id}/deliveries?state=lost").status_code == 404


def test_a_long_table_goes_on_page_by_page_without_missing_anybody(client, database, runtime, zone, sign_in):
    sign_in()
    with database.transaction() as session:
        for _ in range(118):
            make_subscriber(session, zones=[session.merge(zone)])
    broadcast = released(database, runtime, zones=[zone])

    seen, at = [], f"{PAGE}/{broadcast.public_id}/deliveries"
    for _ in range(3):
        page = soup(client.get(at))
        seen.append(len(page.select("tbody tr")))
        following = page.select_one(".govuk-pagination__next a")
        at = following["href"] if following else None

    assert (seen, at) == ([50, 50, 20], None)


def test_the_page_says_how_to_check_the_proof(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = released(database, runtime, zones=[zone])

    page = soup(client.get(f"{PAGE}/{broadcast.public_id}")).select_one("section[aria-labelledby=proof]")

    with database.read() as session:
        newest = proof.summary(session, session.merge(broadcast, load=False))
    said = page.get_text()
    assert newest.head in said
    assert f"link {newest.number}" in said
    assert f"peoplelink proof verify {broadcast.public_id}" in said


def test_a_broadcast_from_before_proofs_has_no_such_part(client, database, runtime, zone, sign_in):
    sign_in()
    broadcast = saved(database, zones=[zone], status=BroadcastStatus.CANCELLED)

    assert soup(client.get(f"{PAGE}/{broadcast.public_id}")).select_one("#proof") is None
