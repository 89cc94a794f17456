"""Officers who stop messages to somebody: from a conversation, or by a number or mailbox."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.config import KeywordMode
from peoplelink.inbound import ending
from peoplelink.inbound.ending import Because
from peoplelink.officers.models import Role
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from peoplelink.subscribers import answers, services
from tests.factories import (
    make_conversation,
    make_message,
    make_officer,
)
from tests.inbound.leavers import MAILBOX, MODES, NUMBER, reasons, resident, said, statuses
from tests.inbound.town import page_of
from tests.pages import soup, submit
from tests.subscribers import people

DAY = dt.timedelta(days=1)


@pytest.fixture
def conversation(provider, change):
    """A conversation with a resident for whom something waits, by its officer."""

    def made(session):
        address_id, waiting = resident(session, NUMBER, "new-parks")
        found = make_conversation(session, session.get(Address, address_id))
        make_message(session, found, text="The lights are out")
        return found, waiting, make_officer(session, name="An Officer")

    return change(made)


@pytest.mark.parametrize(("because", "confirmed"), [("said", True), ("wrote", True), ("wrong", False), ("died", False)])
def test_an_officer_stops_messages_on_request(client, sign_in, conversation, look, because, confirmed):
    talk, waiting, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"

    submit(client, page, page=page, because=because)

    assert reasons(look, talk.address_id) == {SuppressionReason.OFFICER}
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    assert said(look, talk.address_id) == ([str(answers.LEFT)] if confirmed else [])
    acts = look(lambda s: {act.action: act for act in s.scalars(select(AuditEvent))})
    assert acts["conversation.stopped_on_request"].detail["because"] == because
    assert acts["address.stopped"].actor == officer.actor
    assert "They can text START" in soup(client.get(page_of(talk))).text


def test_an_officer_must_say_why(client, sign_in, conversation, look):
    talk, _, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"

    answer = submit(client, page, page=page)

    assert answer.status_code == 422
    assert "Choose why the messages are to stop" in soup(answer).text
    assert reasons(look, talk.address_id) == frozenset()


BY_HAND = "/officer/stop-writing"


@pytest.mark.parametrize("typed", ["07700 900123", f" {MAILBOX.upper()} "])
@pytest.mark.parametrize(("because", "confirmed"), [("said", True), ("wrote", True), ("wrong", False), ("died", False)])
def test_an_officer_stops_messages_to_who_telephones_and_never_wrote(
    provider, client, sign_in, change, look, typed, because, confirmed
):
    address_id, waiting = change(lambda s: resident(s, MAILBOX if "@" in typed else NUMBER, "new-parks"))
    officer = change(make_officer)
    sign_in(officer)

    answer = submit(client, BY_HAND, page=BY_HAND, contact=typed, because=because)

    assert answer.status_code == 303
    assert reasons(look, address_id) == {SuppressionReason.OFFICER}
    assert set(statuses(look, waiting).values()) == {DeliveryStatus.SUPPRESSED}
    assert len(said(look, address_id)) == confirmed
    act = look(lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "address.stopped_on_request")).one())
    assert (act.actor, act.detail["because"]) == (officer.actor, because)
    assert "900123" not in str(act.detail)
    assert "example.com" not in str(act.detail)


def test_a_number_at_which_no_resident_lived_is_stopped_and_not_written_to(client, sign_in, change, look, provider):
    sign_in(change(make_officer))

    submit(client, BY_HAND, page=BY_HAND, contact="07700 900555", because="said")
    again = submit(client, BY_HAND, page=BY_HAND, contact="07700 900555", because="said")

    assert "no more already" in soup(client.get(again.headers["Location"])).text
    address = look(lambda s: s.scalars(select(Address).where(Address.value == "+447700900555")).one())
    assert reasons(look, address.id) == {SuppressionReason.OFFICER}
    assert said(look, address.id) == []


@pytest.mark.parametrize(
    ("contact", "because", "says"),
    [
        ("", "said", "Enter their mobile number or email address"),
        ("0116 222 2222", "said", "That is a landline"),
        ("nobody@", "said", "Enter an email address"),
        ("07700 900123", "", "Choose why the messages are to stop"),
        ("07700 900123", "bored", "Choose from the list"),
    ],
)
def test_whom_and_why_must_be_said(client, sign_in, change, contact, because, says, provider):
    sign_in(change(make_officer))

    answer = submit(client, BY_HAND, page=BY_HAND, contact=contact, because=because)

    assert answer.status_code == 422
    assert says in soup(answer).text
    assert not contact or contact in str(answer.data.decode())


def test_who_may_not_answer_residents_stops_nobody(client, sign_in, change, provider):
    sign_in(change(lambda s: make_officer(s, role=Role.VIEWER)))

    assert client.get(BY_HAND).status_code == 403


@MODES
def test_only_the_resident_comes_back_from_what_an_officer_stopped(client, sign_in, in_mode, conversation, look, mode):
    talk, _, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"
    submit(client, page, page=page, because="said")
    provider = in_mode(mode)

    provider.text("START", **({"OptOutType": "START"} if mode is KeywordMode.ADVANCED else {}))
    provider.process()

    assert reasons(look, talk.address_id) == frozenset()
    assert living(look, talk.address_id) == 1


@pytest.mark.parametrize("because", ["wrong", "died"])
def test_whoever_reads_a_wrong_number_does_not_come_back_as_the_resident(
    client, sign_in, provider, conversation, look, because
):
    talk, _, officer = conversation
    sign_in(officer)
    page = f"{page_of(talk)}/stop-writing"
    submit(client, page, page=page, because=because)

    provider.text("START")
    provider.process()

    assert reasons(look, talk.address_id) == frozenset()
    assert living(look, talk.address_id) == 0


def test_who_has_died_after_their_stop_is_not_brought_back(desk):
    people.resident(desk.session, desk.now, desk.number.value, name="Ash")
    desk.text("STOP")

    ending.stop_writing_to(desk.session, desk.number, Because.DIED, by=make_officer(desk.session), now=desk.now + DAY)
    desk.text("START", at=desk.now + 5 * DAY)

    assert services.subscribers_at(desk.session, desk.number) == []


def test_who_shared_the_number_of_somebody_who_has_died_can_come_back_under_their_name(desk):
    session, now, number = desk.session, desk.now, desk.number.value
    people.resident(session, now, number, name="Ash")
    bo = people.confirm(session, people.sign_up(session, now, mobile=number, name="Bo"), now, number)
    ending.stop_writing_to(session, desk.number, Because.DIED, by=make_officer(session), now=now)
    desk.text("START", at=now + DAY)

    again = people.sign_up(session, now + DAY, mobile=number, name="Bo")
    assert people.confirm(session, again, now + DAY, number) is bo


def living(look, address_id):
    return look(lambda s: len(services.subscribers_at(s, s.get_one(Address, address_id))))
