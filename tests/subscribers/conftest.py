"""Every test of residents starts from the data that is planted, among residents who must not be touched."""

import pytest

from peoplelink import clock
from peoplelink.subscribers import seed
from tests.subscribers import people
from tests.subscribers.handset import Handset


@pytest.fixture
def planted(session, now):
    """The session, with zones, topics and wordings, and two noise residents whom no test means."""
    seed.plant(session, now=now)
    people.resident(session, now, "+447700900901", zones=("coalville", "new-parks"), name="Noise")
    people.resident(session, now, "noise@example.org", zones=("bell-foundry",))
    return session


@pytest.fixture
def site(client, runtime):
    """A browser on a site with its zones planted."""
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
    return client


@pytest.fixture
def handset(planted, now):
    return Handset(planted, now)


@pytest.fixture
def member(planted, now):
    """The handset of a resident of New Parks."""
    people.resident(planted, now)
    return Handset(planted, now)
