"""How much work the nightly run is: four times as many people must not be sixteen times the work."""

import itertools

import pytest

from peoplelink.app import PARTS
from peoplelink.rights import retention
from tests.factories import (
    NOW,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_sign_up,
    make_subscriber,
)

FEW, MORE = 60, 240


def plant(session, number):
    words = make_content(session, make_dispatch(session))
    for _ in range(number):
        resident = make_subscriber(session)
        address = resident.addresses[0].address
        make_delivery(session, address, content=words)
        make_message(session, make_conversation(session, address, subscriber=resident))
        make_sign_up(session)
    session.flush()


def steps_of(session, work):
    """How many steps of its machine SQLite takes for it."""
    counted = itertools.count()
    raw = session.connection().connection.driver_connection
    raw.set_progress_handler(lambda: next(counted) and 0, 100)
    work()
    raw.set_progress_handler(None, 100)
    return next(counted) * 100


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_work_grows_with_the_people_and_not_with_their_square(session):
    purgers = {purger.what: purger for purger in retention.purgers(PARTS)}
    due = retention._due(session, PARTS, now=NOW)
    took = []
    for number in (FEW, MORE - FEW):
        plant(session, number)
        took.append({what: steps_of(session, lambda: of.count(session, due[of.of])) for what, of in purgers.items()})  # noqa: B023

    few, more = took
    grown = {what: more[what] / (few[what] + 2000) for what in few}
    assert max(few.values()) > 1000, "nothing was looked at"
    assert {what: times for what, times in grown.items() if times > 1.8 * MORE / FEW} == {}
