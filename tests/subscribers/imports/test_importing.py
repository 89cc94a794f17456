"""Who becomes a resident by an import, who is asked, and who is left alone."""

import pytest
from sqlalchemy import func, select

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import services as residents
from peoplelink.subscribers.imports import adding, checking, services
from peoplelink.subscribers.imports.models import ImportPiece, ImportRow, ImportStatus
from peoplelink.subscribers.models import ConsentRecord, ConsentWording, SignUp, SignUpSource, Subscriber
from tests.subscribers import people
from tests.subscribers.imports.lists import (
    ADDING,
    HEAD,
    OTHER,
    WORDS,
    add_all,
    begin,
    file_of,
    imported,
    looked_at,
    read,
    row,
    rows_of,
)


def living(session, value=people.MOBILE):
    found = addresses.find(session, Medium.EMAIL if "@" in value else Medium.SMS, value)
    return residents.subscribers_at(session, found) if found else []


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_nobody_is_added_before_somebody_has_looked(planted, now):
    before = count(planted, Subscriber)

    one = looked_at(planted, file_of(row()), now)

    assert (one.status, count(planted, Subscriber)) == (ImportStatus.READY, before)
    assert rows_of(planted, one) == [(2, "waiting", None)]


def test_a_person_becomes_a_resident_with_the_evidence_the_file_gives(planted, now):
    data = file_of(
        row(email="Sam@Example.org", name="Sam", zones="New Parks; coalville", topics="events", language="Polish")
    )

    one = imported(planted, data, now)

    [resident] = living(planted)
    assert living(planted, "sam@example.org") == [resident]
    assert (resident.name, resident.language) == ("Sam", "pl")
    assert [zone.name for zone in residents.zones_of(planted, resident)] == ["Coalville", "New Parks"]
    lines = planted.scalars(select(ConsentRecord).where(ConsentRecord.subscriber_id == resident.id)).all()
    sign_up = planted.scalars(select(SignUp).where(SignUp.source == SignUpSource.IMPORT)).one()
    evidence = {"import": one.public_id, "line": 2, "sign_up": sign_up.public_id, "given_on": "2025-07-12"}
    assert [(line.how, line.evidence) for line in lines] == [("import", evidence)] * 2
    assert planted.get(ConsentWording, lines[0].wording_id).words == WORDS
    assert sign_up.evidence["source"] == "Summer fair"
    assert planted.scalar(select(func.count()).select_from(Delivery).where(Delivery.created_at == now)) == 0


def test_an_import_may_ask_instead(planted, now):
    before = count(planted, Subscriber)

    one = imported(planted, file_of(row()), now, asks=True)

    [(_, _, words)] = people.sent_to(planted, people.address(planted, now))
    assert "Reply YES" in words
    assert (rows_of(planted, one), count(planted, Subscriber)) == ([(2, "asked", None)], before)


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_a_suppressed_or_erased_address_is_never_woken(planted, now, reason):
    outbound.suppress(planted, people.address(planted, now), reason, source="test", now=now)

    one = imported(planted, file_of(row()), now)

    why = checking.ERASED if reason is SuppressionReason.ERASED else checking.FORBIDDEN
    assert rows_of(planted, one) == [(2, "refused", why)]
    assert living(planted) == []
    assert outbound.suppressions_of(planted, people.address(planted, now)) == {reason}


def test_who_left_since_the_file_was_looked_at_is_not_added(planted, now):
    one = looked_at(planted, file_of(row()), now)
    outbound.suppress(planted, people.address(planted, now), SuppressionReason.STOP, source="text", now=now)

    add_all(planted, one, now)

    assert rows_of(planted, one) == [(2, "refused", checking.FORBIDDEN)]
    assert living(planted) == []


def test_who_left_and_whose_block_was_lifted_comes_back_only_by_themselves(planted, now):
    people.resident(planted, now)
    where = people.address(planted, now)
    residents.stop_address(
        planted, where, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=now
    )
    outbound.lift(planted, where, list(SuppressionReason), by="test", now=now)

    one = imported(planted, file_of(row()), now)

    assert rows_of(planted, one) == [(2, "refused", checking.LEFT)]


def test_a_resident_keeps_what_they_chose(planted, now):
    resident = people.resident(planted, now, name="Ash", zones=("coalville",))

    one = imported(planted, file_of(row(name="Sam")), now)

    assert rows_of(planted, one) == [(2, "refused", checking.RESIDENT)]
    assert living(planted) == [resident]
    assert [zone.name for zone in residents.zones_of(planted, resident)] == ["Coalville"]


def test_who_has_asked_to_join_decides_themselves(planted, now):
    people.sign_up(planted, now)

    one = imported(planted, file_of(row()), now)

    assert rows_of(planted, one) == [(2, "refused", checking.PENDING)]


def test_an_import_goes_on_where_it_was_killed_and_adds_nobody_twice(planted, now, monkeypatch):
    monkeypatch.setattr(adding, "BATCH", 2)
    data = file_of(*[row(f"07700 9002{number:02}") for number in range(5)])
    before = count(planted, Subscriber)
    one = looked_at(planted, data, now)
    services.start(planted, one, by="officer:x", now=now)
    adding.add_some(planted, one.id, settings=ADDING, now=now)
    killed = planted.begin_nested()
    adding.add_some(planted, one.id, settings=ADDING, now=now)
    killed.rollback()

    done = [adding.add_some(planted, one.id, settings=ADDING, now=now) for _ in range(4)]

    assert done == [2, 1, 0, 0]
    assert count(planted, Subscriber) == before + 5
    assert one.status is ImportStatus.FINISHED


def test_the_same_file_while_it_is_under_way_is_the_same_import(planted, now):
    data = file_of(row())
    one = begin(planted, data, now)

    assert begin(planted, data, now) is one
    imported(planted, data, now) if one.status is ImportStatus.READY else None
    services.cancel(planted, one, by="officer:x", now=now)
    assert begin(planted, data, now) is not one


def test_a_file_is_let_go_of_once_its_rows_have_been_looked_at(planted, now):
    one = begin(planted, file_of(row()), now)
    assert count(planted, ImportPiece) == 1

    read(planted, one, file_of(row()), now)

    assert one.status is ImportStatus.READY
    assert count(planted, ImportPiece) == 0


def test_a_cancelled_import_adds_nobody_more(planted, now):
    one = looked_at(planted, file_of(row()), now)
    services.start(planted, one, by="officer:x", now=now)

    services.cancel(planted, one, by="officer:x", now=now)

    assert adding.add_some(planted, one.id, settings=ADDING, now=now) == 0


def test_who_is_added_or_asked_stands_in_the_list_no_more(planted, now):
    imported(planted, file_of(row()), now)
    imported(planted, file_of(row(OTHER)), now, asks=True)

    rows = planted.execute(select(ImportRow.status, ImportRow.cells, ImportRow.mobile_hash, ImportRow.email_hash))
    assert sorted(map(tuple, rows)) == [("added", {}, None, None), ("asked", {}, None, None)]


def test_of_who_was_erased_before_or_meanwhile_nothing_is_written_down(planted, now):
    outbound.suppress(planted, people.address(planted, now), SuppressionReason.ERASED, source="erased", now=now)
    one = looked_at(planted, file_of(row(), row(OTHER)), now)
    other = people.address(planted, now, "+447700900124")
    outbound.suppress(planted, other, SuppressionReason.ERASED, source="erased", now=now)

    add_all(planted, one, now)

    rows = planted.execute(select(ImportRow.status, ImportRow.reason, ImportRow.cells, ImportRow.mobile_hash))
    assert list(map(tuple, rows)) == [("refused", checking.ERASED, {}, None)] * 2


def test_an_import_that_asks_too_many_must_be_split(planted, now, monkeypatch):
    monkeypatch.setattr(services, "MOST_ASKED", 1)
    one = looked_at(planted, file_of(row(), row(OTHER)), now, asks=True)

    with pytest.raises(InvalidInputError, match="at most 1 people"):
        services.start(planted, one, by="officer:x", now=now)


def test_the_log_says_who_imported_and_names_nobody(planted, now):
    one = imported(planted, file_of(row(name="Sam")), now)

    events = planted.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == one.public_id).order_by(AuditEvent.id)
    ).all()
    assert [event.action for event in events] == ["import.begun", "import.started", "import.finished"]
    every = str([(event.subject_id, event.detail) for event in planted.scalars(select(AuditEvent))])
    assert "900123" not in every
    assert "Sam" not in every


def test_one_column_may_hold_either(planted, now):
    head = HEAD.replace("mobile,email", "number or email,shoe size")

    imported(planted, file_of(row("07700 900123"), row("sam@example.org"), head=head), now)

    assert len(living(planted)) == len(living(planted, "sam@example.org")) == 1
