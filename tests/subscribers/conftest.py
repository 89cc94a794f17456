"""Every test of residents starts from the data that is planted, among residents who must not be touched."""

import pytest

from peoplelink.subscribers import seed
from tests.subscribers import people


@pytest.fixture
def planted(session, now):
    """The session, with zones, topics and wordings, and two noise residents whom no test means."""
    seed.plant(session, now=now)
    people.resident(session, now, "+447700900901", zones=("coalville", "new-parks"), name="Noise")
    people.resident(session, now, "noise@example.org", zones=("bell-foundry",))
    return session
