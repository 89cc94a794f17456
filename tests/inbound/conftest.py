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


@pytest.fixture
def look(database):
    """A function that reads: look(lambda session: ...)."""

    def reading(question):
        with database.read() as session:
            return question(session)

    return reading


@pytest.fixture
def change(database):
    """A function that writes: change(lambda session: ...)."""

    def writing(deed):
        with database.transaction() as session:
            return deed(session)

    return writing


@pytest.fixture
def sign_in(client):
    """A function that gives the client an officer's session cookie, as the sign-in page does."""

    def signing_in(officer):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = officer.get_id()
            cookie["_fresh"] = True
        return officer

    return signing_in
