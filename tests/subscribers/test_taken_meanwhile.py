"""Somebody asks for something at the moment in which the nightly run takes their number away; on both databases."""

import threading

import pytest

from peoplelink.channels.messages import Medium
from peoplelink.outbound import addresses, forgetting
from peoplelink.subscribers import preference_links, seed, signup, waiting
from tests.subscribers import people
from tests.subscribers.test_waiting import ask


def joins(session, now):
    people.sign_up(session, now, mobile=people.MOBILE, email=people.EMAIL)


def waits(session, now):
    ask(session, now, mobile=people.MOBILE)


def asks_for_their_page(session, now):
    preference_links.ask(
        session, Medium.SMS, people.MOBILE, links=people.LINKS, address_key=people.ADDRESS_KEY, now=now
    )


def pending(session, now):
    """What waits at the number: a request to join, a place on the list."""
    address = addresses.find(session, Medium.SMS, people.MOBILE)
    if address is None:
        return None
    return bool(signup.pending_at(session, address, now=now)), bool(waiting.pending_at(session, address, now=now))


@pytest.mark.parametrize(("act", "left"), [(joins, (True, False)), (waits, (False, True)), (asks_for_their_page, None)])
def test_a_number_that_is_taken_away_meanwhile_is_made_anew(database, change, look, now, act, left):
    change(lambda session: seed.plant(session, now=now))
    old = change(lambda session: people.address(session, now).id)
    faults = []

    def acting():
        try:
            change(lambda session: act(session, now))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test shows it
            faults.append(fault)

    with database.transaction() as session:
        assert forgetting.forget_addresses(session, [old]) == 1
        thread = threading.Thread(target=acting)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(20)

    assert faults == []
    assert look(lambda session: pending(session, now)) == left
