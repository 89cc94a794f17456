"""What tests of reports start from."""

import pytest


@pytest.fixture
def change(database):
    """A function that writes: change(lambda session: ...)."""

    def writing(deed):
        with database.transaction() as session:
            return deed(session)

    return writing


@pytest.fixture
def look(database):
    """A function that reads: look(lambda session: ...)."""

    def reading(question):
        with database.read() as session:
            return question(session)

    return reading


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
