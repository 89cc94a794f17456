"""What tests of the inbox start from."""

import pytest

from peoplelink import clock
from peoplelink.subscribers import seed
from tests.inbound.posts import Provider


@pytest.fixture
def now():
    """The real present: webhooks read the clock."""
    return clock.now()


@pytest.fixture
def provider(client, runtime, key_pairs):
    """Posts to our webhooks, on a database with zones, topics and wordings."""
    with runtime.database.transaction() as session:
        seed.plant(session, now=clock.now())
    return Provider(client, runtime, key_pairs)
