"""An erasure takes away everything but two hashes, leaves the neighbours alone, and is harmless twice."""

import datetime as dt

import pytest
from sqlalchemy import LargeBinary, cast, func, select

from peoplelink.app import PARTS
from peoplelink.broadcasts.models import DigestItem
from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.channels.messages import Medium
from peoplelink.db import Base
from peoplelink.inbound.models import Conversation, ReceivedMessage, Webhook
from peoplelink.intelligence.models import Report, ReportSource
from peoplelink.keys import address_hash
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery, Suppression
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.rights import erasing, holding
from peoplelink.rights.models import HoldKind
from peoplelink.subscribers import confirming, people, signup
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, SignUp, SignUpSource, Subscriber
from tests.broadcasts.proof import story
from tests.factories import (
    ADDRESS_KEY,
    NOW,
    add_noise,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_subscriber,
    make_webhook,
    make_wording,
    make_zone,
)
from tests.rights import life


def everything(session):
    """All that stands in the database, as text."""
    said = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            said += [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(said).casefold()


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_nothing_that_names_them_is_left_anywhere(session, robin):
    before = everything(session)
    assert all(secret.casefold() in before for secret in life.SECRETS[:4])

    life.erase(session, robin.person)

    after = everything(session)
    assert [secret for secret in life.SECRETS if secret.casefold() in after] == []
    assert "ash@example.org" in after


def test_two_hashes_stay_the_suppression_and_the_ledger(session, robin):
    hash_ = robin.number.hash

    life.erase(session, robin.person)

    stays = session.scalars(select(Suppression).where(Suppression.hash == hash_)).one()
    assert (stays.reason, stays.lifted_at) == (SuppressionReason.ERASED, None)
    ledger = session.scalars(
        select(ConsentRecord).where(ConsentRecord.address_hash == hash_).order_by(ConsentRecord.id)
    )
    lines = [(line.action, line.how, line.subscriber_id) for line in ledger]
    assert lines[-1] == (ConsentAction.WITHDRAWN, "erased", None)
    assert (ConsentAction.GIVEN, "reply YES", None) in lines


def test_the_report_stays_and_nobody_can_tell_whom_it_came_from(session, robin):
    report = robin.report.id

    life.erase(session, robin.person)

    assert session.get(Report, report).text == "Smoke from a shed."
    assert session.get(ReportSource, report) is None


def test_the_rest_of_the_world_is_as_it_was(session):
    add_noise(session)
    tables = (Subscriber, Address, Conversation, ReceivedMessage, Delivery, SignUp, Webhook)
    before = {table: count(session, table) for table in tables}
    robin = life.lead(session)

    life.erase(session, robin.person)

    after = {table: count(session, table) for table in tables}
    assert after[Webhook] == before.pop(Webhook) + 3  # kept without their words, so that a repeat is known
    assert {table: after[table] for table in before} == before


def test_they_are_written_to_no_more_from_the_first_moment(session, robin):
    waiting = outbound.queue_message(session, robin.number, purpose=Purpose.ACKNOWLEDGEMENT, body="x", now=NOW)

    erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)

    assert waiting.status is DeliveryStatus.SUPPRESSED
    assert outbound.suppressions_of(session, robin.number) == {SuppressionReason.ERASED}


def test_twice_is_once(session, robin):
    first = life.erase(session, robin.person)
    said = everything(session)

    again = erasing.go_on(session, first.id, PARTS, now=NOW + dt.timedelta(days=1))

    assert again
    assert everything(session) == said
    assert first.counts["messages"] == 1


def test_asking_twice_begins_it_once(session, robin):
    first = erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)

    assert erasing.begin(session, robin.person, PARTS, by="resident", now=NOW) is first


def test_a_broken_off_erasure_goes_on_where_it_stood(session, robin, monkeypatch):
    monkeypatch.setattr("peoplelink.inbound.forgetting.AT_ONCE", 1)
    record = erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)

    assert not erasing.go_on(session, record.id, PARTS, now=NOW)
    assert count(session, ReceivedMessage) == 1  # of the noise
    assert session.get(Subscriber, robin.resident.id) is not None
    life.erase(session, robin.person)

    assert record.finished_at == NOW
    assert (record.own, record.subscriber_id) == ([], None)


def test_a_message_under_way_is_waited_for(session, robin):
    under_way = make_delivery(session, robin.number, status=DeliveryStatus.SENDING)

    record = life.erase(session, robin.person, rounds=3)
    assert record.finished_at is None
    session.get(Delivery, under_way.id).status = DeliveryStatus.SENT
    session.flush()
    life.erase(session, robin.person)

    assert session.get(type(record), record.id).finished_at is not None


def test_a_legal_hold_stops_it_and_says_why(session, robin):
    officer = make_officer(session)
    hold = holding.place(session, HoldKind.REPORT, robin.report.public_id, "Wanted by the court", by=officer, now=NOW)

    with pytest.raises(holding.OnHoldError, match="Wanted by the court"):
        erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)
    holding.lift(session, hold.public_id, by=officer, now=NOW)

    assert life.erase(session, robin.person).finished_at is not None


def test_a_hold_placed_meanwhile_stops_it_where_it_stands(session, robin):
    record = erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)
    holding.place(session, HoldKind.PERSON, robin.person.public_id, "A claim", by=make_officer(session), now=NOW)

    assert not erasing.go_on(session, record.id, PARTS, now=NOW)
    assert session.get(Subscriber, robin.resident.id) is not None


def test_a_neighbour_on_the_same_phone_stays_a_resident(session, robin):
    ash = make_subscriber(session, sms=robin.number, name="Ash")
    make_message(session, make_conversation(session, robin.number, subscriber=ash), text="Ash wrote this.")

    life.erase(session, people.person_of(session, robin.resident))

    assert session.get(Subscriber, robin.person.subscriber_id) is None
    assert outbound.suppressions_of(session, session.get(Address, robin.number.id)) == frozenset()
    assert people.person_of(session, ash).own == {robin.number.id}
    said = everything(session)
    assert "ash wrote this." in said
    assert "robin oak" not in said
    assert life.MAILBOX not in said


def test_who_comes_to_live_there_meanwhile_is_left_alone(session, robin):
    record = erasing.begin(session, robin.person, PARTS, by="resident", now=NOW)
    ash = make_subscriber(session, sms=robin.number, name="Ash")
    make_message(session, make_conversation(session, robin.number, subscriber=ash), text="Ash wrote this.")

    while not erasing.go_on(session, record.id, PARTS, now=NOW):
        pass

    assert session.get(Address, robin.number.id) is not None
    assert "ash wrote this." in everything(session)


def test_proofs_of_broadcasts_hold(session):
    broadcast = story.finished(session)
    resident = session.scalars(
        select(Subscriber).join(Subscriber.addresses).where(
            Subscriber.addresses.any(address_id=story.rows(session, broadcast)[0].address_id)
        )
    ).first()  # fmt: skip
    before = len(story.rows(session, broadcast))

    life.erase(session, people.person_of(session, resident))

    assert len(story.rows(session, broadcast)) < before
    session.expire_all()
    verdict = verify(session, broadcast)
    assert verdict.problems == []
    assert "erased at the resident's wish" in verdict.notes[-1]


def test_of_a_message_that_went_to_several_only_theirs_goes(session, robin):
    digest = make_dispatch(session, purpose=Purpose.DIGEST)
    words = make_content(session, digest)
    make_delivery(session, robin.number, content=words, status=DeliveryStatus.SENT)
    other = make_delivery(session, content=words, status=DeliveryStatus.SENT)

    life.erase(session, robin.person)

    assert session.get(Delivery, other.id) is not None
    assert count(session, DigestItem) == 0


def test_many_broadcasts_are_erased_in_several_goes(session, robin):
    for _ in range(12):
        dispatch = make_dispatch(session)
        make_broadcast(session, dispatch=dispatch)
        make_delivery(session, robin.number, content=make_content(session, dispatch), status=DeliveryStatus.SENT)

    record = life.erase(session, robin.person)

    assert record.counts["deliveries of broadcasts"] == 13


def test_a_repeat_of_the_raw_request_does_not_bring_the_message_back(session, robin):
    webhook = session.get(Webhook, robin.message.webhook_id)
    digest = webhook.digest

    life.erase(session, robin.person)

    kept = session.get(Webhook, webhook.id)
    assert (kept.digest, session.scalar(select(cast(Webhook.body, LargeBinary)).where(Webhook.id == kept.id))) == (
        digest,
        b"",
    )


def test_a_message_that_could_not_be_read_goes_too(session, robin):
    webhook = make_webhook(session, body=b"From=%2B447700900111&Body=%FF", processed_at=NOW, problem="?")

    life.erase(session, robin.person)

    assert session.get(Webhook, webhook.id).body == b""


def test_they_can_come_back_by_their_own_will(session, robin):
    zone, wording = make_zone(session), make_wording(session)
    life.erase(session, robin.person)

    asked = signup.sign_up(
        session,
        signup.SignUpRequest(SignUpSource.WEB, [zone], wording, mobile=life.NUMBER, old_enough=True),
        links=Links("https://example.org", ("k",)), address_key=ADDRESS_KEY, now=NOW,
    )  # fmt: skip
    address = asked.addresses[0].address
    confirming.confirm(session, asked, address, how="reply YES", evidence={}, now=NOW)

    assert address.hash == address_hash(ADDRESS_KEY, Medium.SMS, life.NUMBER)
    assert outbound.suppressions_of(session, address) == frozenset()


def test_after_a_stop_they_come_back_by_start_alone(session, robin):
    outbound.suppress(session, robin.number, SuppressionReason.STOP, source="text", now=NOW)

    life.erase(session, robin.person)

    left = session.scalars(select(Suppression.reason).where(Suppression.lifted_at.is_(None)))
    assert {SuppressionReason.STOP, SuppressionReason.ERASED} <= set(left)


def test_a_stranger_who_only_wrote_is_erased_by_their_address(session):
    conversation = make_conversation(session)
    make_message(session, conversation, text="Delete me")
    address_id = conversation.address_id

    life.erase(session, people.person_at(session, conversation.address))

    assert session.get(Address, address_id) is None
    assert "delete me" not in everything(session)
