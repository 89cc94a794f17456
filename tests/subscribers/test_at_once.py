"""Two things at one moment about the same resident: the second waits for the first, and both end in a true state.

On PostgreSQL: SQLite lets no second begin before the first is over.
"""

import threading

import pytest
from sqlalchemy import func, select

from peoplelink.app import PARTS
from peoplelink.channels.messages import Medium
from peoplelink.errors import PeopleLinkError
from peoplelink.outbound import forgetting
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.rights import erasing
from peoplelink.rights.models import ErasureRecord
from peoplelink.subscribers import choosing, confirming, consent, moving, seed, services, signup, waiting
from peoplelink.subscribers import people as persons
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import LinkStatus, Subscriber, SubscriberAddress
from tests.subscribers import people
from tests.subscribers.test_waiting import ask

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
NEW = "+447700900456"


@pytest.fixture(autouse=True)
def town(change, now):
    change(lambda session: seed.plant(session, now=now))


@pytest.fixture
def at_once(database, change):
    """Call with two acts: the second begins before the first is over. What the second raised, our own errors apart."""

    def acting(first, second):
        faults = []

        def another():
            try:
                change(second)
            except PeopleLinkError:
                pass
            except Exception as fault:  # noqa: BLE001 - whatever it is, the test shows it
                faults.append(fault)

        thread = threading.Thread(target=another)
        with database.transaction() as session:
            first(session)
            session.flush()
            thread.start()
            thread.join(0.3)
        thread.join(20)
        return faults

    return acting


def live(session):
    links = select(SubscriberAddress).where(SubscriberAddress.status == LinkStatus.LIVE)
    return sorted(link.address.value for link in session.scalars(links))


def confirms(value, now):
    def act(session):
        address = people.address(session, now, value)
        made = signup.newest_at(session, address).sign_up
        confirming.confirm(session, made, address, how="link", evidence={}, now=now)

    return act


def joins_by_both(session, now):
    people.sign_up(session, now, mobile=people.MOBILE, email=people.EMAIL, name="Ash")


def asks_for_another_number(session, now):
    resident = people.resident(session, now, name="Ash")
    (seat,) = choosing.seats_at(session, people.address(session, now))
    moving.ask(session, seat, Medium.SMS, NEW, wording=consent.wording(session, "web-form"), links=people.LINKS,
               address_key=people.ADDRESS_KEY, now=now)  # fmt: skip
    for delivery in session.scalars(select(Delivery)):
        delivery.status = DeliveryStatus.DELIVERED
    return resident.public_id


def leaves(public_id, now):
    def act(session):
        seat = choosing.seat_at(session, people.address(session, now), public_id, hold=True)
        choosing.leave(session, seat, now=now)

    return act


def stops(now):
    return lambda session: services.stop_as_asked(session, people.address(session, now), evidence={}, now=now)


def is_erased(public_id, now):
    def act(session):
        return erasing.begin(session, persons.by_public_id(session, public_id), PARTS, by="resident", now=now).id

    return act


def test_both_media_of_a_request_make_one_resident(at_once, change, look, now):
    change(lambda session: joins_by_both(session, now))

    assert at_once(confirms(people.MOBILE, now), confirms(people.EMAIL, now)) == []

    assert look(live) == [people.MOBILE, people.EMAIL]
    assert look(lambda session: session.scalar(select(func.count(Subscriber.id)).where(Subscriber.name == "Ash"))) == 1


@pytest.mark.parametrize("first", ["stops", "confirms"])
def test_a_stop_beside_a_yes_ends_it(at_once, change, look, now, first):
    change(lambda session: people.sign_up(session, now, name="Ash"))
    acts = [stops(now), confirms(people.MOBILE, now)]

    assert at_once(*(acts if first == "stops" else reversed(acts))) == []

    assert look(live) == []


def test_who_leaves_beside_a_click_for_a_new_number_has_left(at_once, change, look, now):
    public_id = change(lambda session: asks_for_another_number(session, now))

    assert at_once(leaves(public_id, now), confirms(NEW, now)) == []

    assert look(live) == []


def test_a_click_beside_the_beginning_of_an_erasure_is_taken_in(at_once, change, look, now):
    change(lambda session: joins_by_both(session, now))
    change(confirms(people.EMAIL, now))
    public_id = look(lambda session: session.scalars(select(Subscriber.public_id)
                                                     .where(Subscriber.name == "Ash")).one())  # fmt: skip

    assert at_once(confirms(people.MOBILE, now), is_erased(public_id, now)) == []

    assert look(live) == []


def test_a_click_beside_the_last_step_of_an_erasure_is_none(at_once, change, look, now):
    public_id = change(lambda session: asks_for_another_number(session, now))
    record = change(is_erased(public_id, now))

    assert at_once(lambda session: erasing.go_on(session, record, PARTS, now=now), confirms(NEW, now)) == []

    assert look(live) == []


def test_two_presses_of_erase_begin_one_erasure(at_once, change, look, now):
    public_id = change(lambda session: people.resident(session, now, name="Ash").public_id)

    assert at_once(is_erased(public_id, now), is_erased(public_id, now)) == []

    assert look(lambda session: session.scalar(select(func.count(ErasureRecord.id)))) == 1


@pytest.mark.parametrize("first", ["stop", "purge", "another click"])
def test_a_click_for_a_place_on_the_list_beside_its_end(at_once, change, look, now, first):
    change(lambda session: ask(session, now, mobile=people.MOBILE))

    def clicks(session):
        waiting.confirm(session, session.scalars(select(Waiting)).one(), how="link", now=now)

    def purges(session):
        forgetting.lock(session, [people.address(session, now).id])
        session.delete(session.scalars(select(Waiting)).one())

    assert at_once({"stop": stops(now), "purge": purges, "another click": clicks}[first], clicks) == []
    assert len(look(lambda session: session.scalars(select(Waiting)).all())) == (first == "another click")
