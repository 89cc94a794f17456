"""Who has left, or is erased, is gone: what they were asked elsewhere counts no more, and nothing of it stays."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import quiet_hours
from peoplelink.app import PARTS
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.persons import Wish
from peoplelink.rights import erasing, exporting, holding
from peoplelink.rights.models import HoldKind
from peoplelink.subscribers import choosing, consent, moving, reminding, services, signup
from peoplelink.subscribers import people as persons
from peoplelink.subscribers.models import SignUp
from tests.factories import make_officer
from tests.rights import aged, life
from tests.subscribers import people
from tests.subscribers.handset import Handset

NEW = "+447700900456"
DAY = dt.timedelta(days=1)


@pytest.fixture
def halfway(planted, now):
    """A resident who has confirmed their mailbox, and not the number of the same request."""
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL, name="Ash")
    return people.confirm(planted, made, now, people.EMAIL, how="link")


@pytest.fixture
def moving_on(planted, now):
    """A resident who has asked to be written to at another number, which has not confirmed."""
    ash = people.resident(planted, now, name="Ash")
    (seat,) = choosing.seats_at(planted, people.address(planted, now))
    wording = consent.wording(planted, "web-form")
    moving.ask(planted, seat, Medium.SMS, NEW, wording=wording, links=people.LINKS,
               address_key=people.ADDRESS_KEY, now=now)  # fmt: skip
    return ash


def leave(session, now, value):
    (seat,) = choosing.seats_at(session, people.address(session, now, value))
    choosing.leave(session, seat, now=now)


def begin(session, resident, now):
    return erasing.begin(session, persons.person_of(session, resident), PARTS, by="resident", now=now)


def living(session, now, value):
    return services.subscribers_at(session, people.address(session, now, value))


def theirs_that_are_kept(session):
    return set(session.scalars(select(Address.value))) & {people.MOBILE, people.EMAIL, NEW}


def questions_that_wait(session, now, value):
    said = people.sent_to(session, people.address(session, now, value))
    return [purpose for purpose, status, _ in said
            if purpose is Purpose.CONFIRMATION and status is DeliveryStatus.QUEUED]  # fmt: skip


@pytest.mark.parametrize("ends", ["leaves", "is erased"])
def test_a_yes_to_the_other_medium_of_the_request_counts_no_more(planted, now, halfway, ends):
    leave(planted, now, people.EMAIL) if ends == "leaves" else begin(planted, halfway, now)

    assert questions_that_wait(planted, now, people.MOBILE) == []
    phone = Handset(planted, now)
    phone.text("YES")

    assert living(planted, now, people.MOBILE) == []
    assert "To join, reply JOIN" in phone.got[0]


@pytest.mark.parametrize("ends", ["leaves", "is erased"])
def test_a_yes_from_a_new_number_counts_no_more(planted, now, moving_on, ends):
    leave(planted, now, people.MOBILE) if ends == "leaves" else begin(planted, moving_on, now)

    assert questions_that_wait(planted, now, NEW) == []
    Handset(planted, now, NEW).text("YES")

    assert living(planted, now, NEW) == []


def test_a_yes_counts_no_more_though_a_legal_hold_keeps_what_is_held(planted, now, halfway):
    holding.place(planted, HoldKind.PERSON, halfway.public_id, "Court", by=make_officer(planted), now=now)
    person = persons.person_of(planted, halfway)
    erasing.stop_writing(planted, person, PARTS, now=now, quiet=quiet_hours.NONE)

    Handset(planted, now).text("YES")

    assert living(planted, now, people.MOBILE) == []


def test_who_left_by_a_mail_is_not_reminded_by_text_and_may_still_say_yes(planted, now, halfway):
    services.stop_address(
        planted, people.address(planted, now, people.EMAIL), reason=SuppressionReason.UNSUBSCRIBED, how="one-click",
        source="one-click", evidence={}, now=now,
    )  # fmt: skip

    assert reminding.remind(planted, links=people.LINKS, quiet=quiet_hours.NONE, now=now + 3 * DAY) == 0
    Handset(planted, now + 3 * DAY).text("YES")

    assert living(planted, now, people.MOBILE) == [halfway]


@pytest.mark.parametrize("value", [people.MOBILE, NEW])
def test_an_erasure_takes_the_numbers_that_never_confirmed(planted, now, request, value):
    resident = request.getfixturevalue("moving_on" if value == NEW else "halfway")
    for delivery in planted.scalars(select(Delivery)):
        delivery.status = DeliveryStatus.DELIVERED
    planted.flush()

    life.erase(planted, persons.person_of(planted, resident), now=now)

    assert theirs_that_are_kept(planted) == set()


def test_what_another_is_asked_at_the_same_number_is_still_asked(planted, now, halfway):
    asked = people.sign_up(planted, now, mobile=people.MOBILE, name="Bo")

    leave(planted, now, people.EMAIL)

    assert signup.pending_at(planted, people.address(planted, now), now=now) is asked
    assert Purpose.CONFIRMATION in questions_that_wait(planted, now, people.MOBILE)


def test_an_erasure_does_not_wait_for_what_somebody_else_is_sent_at_a_mistyped_number(planted, now, halfway):
    people.confirm(planted, people.sign_up(planted, now, mobile=people.MOBILE, name="Bo"), now)
    for delivery in planted.scalars(select(Delivery)):
        delivery.status = DeliveryStatus.DELIVERED
    planted.flush()
    record = begin(planted, halfway, now)
    sent = outbound.queue_message(planted, people.address(planted, now), purpose=Purpose.REPLY, body="to Bo", now=now)
    sent.status = DeliveryStatus.HELD
    planted.flush()

    assert any(erasing.go_on(planted, record.id, PARTS, now=now + DAY) for _ in range(5))
    assert [person.name for person in living(planted, now, people.MOBILE)] == ["Bo"]


def test_an_erasure_waits_for_a_question_that_is_on_its_way(planted, now, moving_on):
    arriving = [row for row in planted.scalars(select(Delivery)) if row.address.value == NEW]
    for delivery in planted.scalars(select(Delivery)):
        delivery.status = DeliveryStatus.SENDING if delivery in arriving else DeliveryStatus.DELIVERED
    planted.flush()
    record = begin(planted, moving_on, now)

    assert not erasing.go_on(planted, record.id, PARTS, now=now)
    for delivery in arriving:
        delivery.status = DeliveryStatus.DELIVERED
    planted.flush()

    while not erasing.go_on(planted, record.id, PARTS, now=now):
        pass
    assert theirs_that_are_kept(planted) == set()


def test_an_address_at_which_nobody_lives_ends_and_shows_nobody_elses_requests(planted, now):
    waiting = people.sign_up(planted, now, mobile=NEW, name="Bo")
    stranger = persons.person_at(planted, people.address(planted, now))

    [section] = [
        one
        for one in exporting.export_person(planted, stranger, PARTS, now=now, wish=Wish()).sections
        if one.key == "addresses"
    ]
    life.erase(planted, stranger, now=now)

    assert [row["address"] for row in section.rows] == [people.MOBILE]
    assert signup.pending_at(planted, people.address(planted, now, NEW), now=now) is waiting
    assert questions_that_wait(planted, now, NEW) == [Purpose.CONFIRMATION]


def test_a_copy_shows_the_number_that_has_not_confirmed(planted, now, halfway):
    export = exporting.export_person(planted, persons.person_of(planted, halfway), PARTS, now=now, wish=Wish())
    [section] = [one for one in export.sections if one.key == "addresses"]

    assert {(row["address"], str(row["state"]).startswith("Not confirmed")) for row in section.rows} == {
        (people.EMAIL, False), (people.MOBILE, True),
    }  # fmt: skip


def test_a_legal_hold_keeps_what_its_person_was_asked(planted, now, moving_on):
    holding.place(planted, HoldKind.PERSON, moving_on.public_id, "Court", by=make_officer(planted), now=now)
    for delivery in planted.scalars(select(Delivery)):
        delivery.status = DeliveryStatus.DELIVERED
    planted.flush()

    aged.run(planted, now=now + 40 * DAY)

    asked = planted.scalars(select(SignUp).where(SignUp.is_change)).one()
    assert [one.address.value for one in asked.addresses] == [NEW]


# The log


def acts(session, since):
    return session.scalars(select(AuditEvent).where(AuditEvent.id > since)).all()


def newest_act(session):
    session.flush()
    return session.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or 0


def test_each_of_a_household_who_leaves_by_a_text_stands_in_the_log(planted, now):
    ash = people.resident(planted, now, name="Ash")
    people.confirm(planted, people.sign_up(planted, now, name="Bo", zones=("new-parks", "coalville")), now)
    before = newest_act(planted)

    Handset(planted, now).text("STOP NEW PARKS")

    left = [act for act in acts(planted, before) if act.action == "resident.left"]
    assert [(act.subject_id, act.detail["how"]) for act in left] == [(ash.public_id, "STOP")]


def test_a_stop_that_only_forgets_a_question_stands_in_the_log(planted, now):
    people.resident(planted, now)
    number = people.address(planted, now)
    services.stop_as_asked(planted, number, evidence={}, now=now)
    people.sign_up(planted, now)
    before = newest_act(planted)

    services.stop_as_asked(planted, number, evidence={}, now=now)

    assert signup.pending_at(planted, number, now=now) is None
    [act] = acts(planted, before)
    assert (act.action, act.detail["questions"]) == ("address.stopped", 1)
