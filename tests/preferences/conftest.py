"""What tests of the preference centre start from: a planted site, and the paths of residents' own pages."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.subscribers import seed
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Subscriber
from tests.pages import submit
from tests.subscribers import people


@pytest.fixture
def planted(session, now):
    """The session, with zones, topics and wordings, and two noise residents whom no test means."""
    seed.plant(session, now=now)
    people.resident(session, now, "+447700900901", zones=("coalville", "new-parks"), name="Noise")
    people.resident(session, now, "noise@example.org", zones=("bell-foundry",))
    return session


@pytest.fixture
def site(client, runtime):
    """A browser on a site with its zones planted, and a resident whom no test means."""
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
        people.resident(session, clock.now(), "noise@example.org", name="Noise")
    return client


@pytest.fixture
def path_of(site, runtime):
    """A function that gives the path of the page behind the link to an address."""

    def path(value=people.EMAIL, config=runtime.config):
        with runtime.database.transaction() as session:
            where = people.address(session, clock.now(), value)
            return Links("", config.secret_keys).preferences(where)

    return path


@pytest.fixture
def member(site, runtime):
    """A resident with a number and a mailbox of their own, called Ash, of New Parks; their public id."""
    return make_member(runtime)


@pytest.fixture
def person(runtime, member):
    """A function that reads the member anew: person(lambda session, resident: ...)."""

    def read(question):
        with runtime.database.read() as session:
            return question(session, resident_of(session, member))

    return read


def make_member(runtime, *values, **fields):
    """A resident confirmed at each of these addresses; the public id."""
    with runtime.database.transaction() as session:
        now = clock.now() - dt.timedelta(days=2)
        values = values or (people.MOBILE, people.EMAIL)
        given = {"email" if "@" in value else "mobile": value for value in values}
        made = people.sign_up(session, now, **{"name": "Ash"} | given | fields)
        found = [people.confirm(session, made, now, value) for value in values]
        return found[0].public_id


def resident_of(session, public_id):
    where = Subscriber.public_id == public_id
    return session.scalars(select(Subscriber).where(where)).one()


@pytest.fixture
def save(site, path_of, member):
    """A function that opens a part of the member's page and sends its form."""

    def saving(part, at=people.EMAIL, who=member, **fields):
        return submit(site, f"{path_of(at)}/{who}/{part}", **fields)

    return saving


@pytest.fixture
def household(runtime, member):
    """Bo, who shares Ash's number and has a mailbox of their own."""
    return make_member(runtime, people.MOBILE, "bo@example.org", name="Bo")
