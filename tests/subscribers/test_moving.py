"""A resident's new address, on both databases: what it takes, and what it leaves as it was."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink import quiet_hours
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import choosing, confirming, consent, moving, reminding, services, signup
from peoplelink.subscribers.models import ConsentRecord, LinkStatus, Subscriber
from tests.subscribers import people
from tests.subscribers.handset import Handset

NEW = "+447700900456"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def seat(planted, now):
    people.resident(planted, now, name="Ash")
    (found,) = choosing.seats_at(planted, people.address(planted, now))
    return found


def ask(session, seat, now, value=NEW):
    medium = Medium.EMAIL if "@" in value else Medium.SMS
    wording = consent.wording(session, "web-form")
    moving.ask(session, seat, medium, value, wording=wording, links=people.LINKS,
               address_key=people.ADDRESS_KEY, now=now)  # fmt: skip


def live(session, person):
    session.refresh(person)
    return {link.address.value for link in person.addresses if link.status is LinkStatus.LIVE}


def test_yes_from_the_new_number_takes_the_place_of_the_old(planted, now, seat):
    ask(planted, seat, now)
    before = live(planted, seat.person)
    handset = Handset(planted, now, NEW)

    handset.text("Yes")

    assert (before, live(planted, seat.person)) == ({people.MOBILE}, {NEW})
    assert "You're in" in handset.got[0]
    told = people.sent_to(planted, people.address(planted, now), since=now)
    assert [(purpose, "another number" in words) for purpose, _, words in told] == [(Purpose.PREFERENCES, True)]
    lines = planted.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc()).limit(2)).all()
    assert [(line.action.value, line.how) for line in lines] == [("given", "reply YES"), ("withdrawn", "changed")]


def test_the_newest_of_several_new_addresses_is_the_one_that_counts(planted, now, seat):
    older, newer = Handset(planted, now, "+447700900457"), Handset(planted, now, NEW)
    ask(planted, seat, now, "+447700900457")
    ask(planted, seat, now, "moved@example.org")
    ask(planted, seat, now)
    waits = moving.waiting(planted, seat.person, now=now)

    older.text("Yes")

    assert live(planted, seat.person) == {people.MOBILE}
    newer.text("Yes")
    assert live(planted, seat.person) == {NEW}
    assert (waits, moving.waiting(planted, seat.person, now=now)) == ({Medium.SMS, Medium.EMAIL}, {Medium.EMAIL})


def test_the_link_to_an_older_new_address_says_that_another_was_asked_for(planted, now, seat):
    ask(planted, seat, now, "stranger@example.org")
    stranger = people.address(planted, now, "stranger@example.org")
    pending = signup.pending_at(planted, stranger, now=now)
    ask(planted, seat, now, "mine@example.org")

    with pytest.raises(InvalidInputError, match="another address since"):
        confirming.confirm(planted, pending, stranger, how="link", evidence={}, now=now)

    assert live(planted, seat.person) == {people.MOBILE}


def test_a_yes_from_a_number_that_another_has_taken_the_place_of_is_told_so(planted, now, seat):
    ask(planted, seat, now)
    ask(planted, seat, now, "+447700900457")
    handset = Handset(planted, now, NEW)

    assert handset.text("YES") == "yes"

    assert "asked us to use another address since" in handset.got[-1]
    assert "JOIN" not in handset.got[-1]
    assert live(planted, seat.person) == {people.MOBILE}


def test_the_mail_to_a_new_address_says_what_it_is_about_and_not_that_they_joined(planted, now, seat):
    ask(planted, seat, now, "moved@example.org")

    ((_, _, words),) = people.sent_to(planted, people.address(planted, now, "moved@example.org"), since=now)

    assert "to write to this address from now on" in words
    assert "joining" not in words


@pytest.mark.parametrize("where", ["moved@example.org", NEW])
def test_what_a_new_address_is_asked_once_more_thanks_nobody_for_joining(planted, now, seat, where):
    ask(planted, seat, now, where)
    later = now + reminding.AFTER

    reminding.remind(planted, links=people.LINKS, quiet=quiet_hours.NONE, now=later)

    asked = [words for _, _, words in people.sent_to(planted, people.address(planted, now, where))]
    assert len(asked) == 2
    for words in asked:
        assert "thank" not in words.casefold()
        assert "not signed up" not in words
        assert "you asked" not in words
        assert "do nothing" in words.casefold()


def test_yes_twice_changes_nothing_more(planted, now, seat):
    ask(planted, seat, now)
    handset = Handset(planted, now, NEW)
    handset.text("Yes")
    lines = planted.scalar(select(func.count()).select_from(ConsentRecord))

    handset.text("Yes")

    assert planted.scalar(select(func.count()).select_from(ConsentRecord)) == lines
    assert live(planted, seat.person) == {NEW}


def test_a_mailbox_is_added_where_there_was_none(planted, now, seat):
    ask(planted, seat, now, "ash@example.org")
    where = people.address(planted, now, "ash@example.org")
    made = signup.pending_at(planted, where, now=now)

    confirming.confirm(planted, made, where, how="link", evidence={}, now=now)

    assert live(planted, seat.person) == {people.MOBILE, "ash@example.org"}


def test_a_stop_at_the_old_number_stays_there(planted, now, seat):
    ask(planted, seat, now)
    Handset(planted, now).text("STOP")

    Handset(planted, now, NEW).text("Yes")

    assert live(planted, seat.person) == {NEW}
    assert outbound.suppressions_of(planted, people.address(planted, now, NEW)) == frozenset()
    assert SuppressionReason.STOP in outbound.suppressions_of(planted, people.address(planted, now))


@pytest.mark.parametrize("words", ["START", "YES"])
def test_whoever_has_the_old_number_by_then_does_not_come_back_as_them(planted, now, seat, words):
    ask(planted, seat, now)
    Handset(planted, now, NEW).text("YES")
    old = Handset(planted, now + MINUTE)
    old.text("STOP")

    assert old.text(words) == "start"

    assert (live(planted, seat.person), old.zones) == ({NEW}, [])
    assert "To join, reply JOIN" in old.got[0]
    old.text("JOIN COALVILLE")
    old.text("YES")
    assert (live(planted, seat.person), old.zones) == ({NEW}, ["Coalville"])


def test_a_number_that_they_had_stopped_before_they_moved_is_theirs_no_more_either(planted, now, seat):
    people.confirm(planted, people.sign_up(planted, now, email=people.EMAIL, name="Ash"), now, people.EMAIL)
    ask(planted, seat, now)
    old = Handset(planted, now)
    old.text("STOP")
    Handset(planted, now, NEW).text("YES")

    old.text("START")

    assert (live(planted, seat.person), old.zones) == ({NEW}, [])


def test_who_signs_up_at_the_old_number_under_their_name_is_somebody_else(planted, now, seat):
    ask(planted, seat, now)
    Handset(planted, now, NEW).text("YES")

    found = people.confirm(planted, people.sign_up(planted, now + MINUTE, name="Ash"), now + MINUTE)

    assert found != seat.person
    assert live(planted, seat.person) == {NEW}


def test_a_stop_at_the_new_number_ends_the_request(planted, now, seat):
    ask(planted, seat, now)
    handset = Handset(planted, now, NEW)
    handset.text("STOP")

    handset.text("YES")

    assert live(planted, seat.person) == {people.MOBILE}


def test_a_new_number_that_said_stop_is_not_texted(planted, now, seat):
    where = people.address(planted, now, NEW)
    outbound.suppress(planted, where, SuppressionReason.STOP, source="text", now=now)

    ask(planted, seat, now)

    assert people.sent_to(planted, where) == []


def test_a_resident_who_is_gone_is_not_made_anew(planted, now, seat):
    ask(planted, seat, now)
    where = people.address(planted, now, NEW)
    made = signup.pending_at(planted, where, now=now)
    made.subscriber_id = None
    planted.flush()
    before = planted.scalar(select(func.count()).select_from(Subscriber))

    with pytest.raises(InvalidInputError):
        confirming.confirm(planted, made, where, how="link", evidence={}, now=now)

    assert planted.scalar(select(func.count()).select_from(Subscriber)) == before
    assert services.subscribers_at(planted, where) == []


def test_five_changes_a_day_are_asked_for_and_three_of_one_address(planted, now, seat):
    for _ in range(3):
        ask(planted, seat, now)
    ask(planted, seat, now)
    to_one = len(people.sent_to(planted, people.address(planted, now, NEW)))
    ask(planted, seat, now, "+447700900457")
    ask(planted, seat, now, "+447700900458")

    with pytest.raises(InvalidInputError, match="tomorrow"):
        ask(planted, seat, now, "+447700900459")

    assert to_one == 3
    ask(planted, seat, now + dt.timedelta(hours=25), "+447700900459")


def test_a_new_address_that_others_live_at_is_shared_from_then_on(planted, now, seat):
    people.resident(planted, now, NEW, name="Bo")
    ask(planted, seat, now)

    Handset(planted, now, NEW).text("Yes")

    assert len(services.subscribers_at(planted, people.address(planted, now, NEW))) == 2


def test_a_link_of_a_shared_address_stops_one_resident_and_suppresses_nothing(planted, now, seat):
    people.resident(planted, now, name="Bo")
    where = people.address(planted, now)
    mine = choosing.seat_at(planted, where, seat.person.public_id)

    choosing.leave(planted, mine, now=now)

    assert [person.name for person in services.subscribers_at(planted, where)] == ["Bo"]
    assert outbound.suppressions_of(planted, where) == frozenset()
