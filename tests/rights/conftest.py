"""The pages, with Robin in the database and an officer to sign in."""

from types import SimpleNamespace

import pytest

from peoplelink.officers.models import Role
from tests.factories import add_noise, make_officer
from tests.rights import life


@pytest.fixture
def robin(session):
    """A resident with something in every table, in the session of the test."""
    add_noise(session)
    return life.lead(session)


@pytest.fixture
def kept(database):
    """Robin's ids: the session they came from is closed."""
    with database.transaction() as session:
        add_noise(session)
        led = life.lead(session)
        return SimpleNamespace(
            id=led.resident.id, public_id=led.resident.public_id, resident=led.resident,
            conversation=led.conversation.public_id, report=led.report.public_id, person=led.person,
            number=led.number,
        )  # fmt: skip


@pytest.fixture
def keeper(client, sign_in, database):
    """A browser of the data protection officer's."""
    with database.transaction() as session:
        officer = make_officer(session, role=Role.DATA_PROTECTION, name="The Keeper", email="keeper@office.example.org")
    sign_in(officer)
    return client
