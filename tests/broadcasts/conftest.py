"""What tests of the broadcast pages start from."""

import pytest

from peoplelink.officers.models import Role
from tests import factories
from tests.factories import make_officer, make_subscriber, make_zone


@pytest.fixture
def zone(database):
    with database.transaction() as session:
        factories.add_noise(session)
        made = make_zone(session, name="New Parks")
        make_subscriber(session, zones=[made], sms="+447700900001", email="a@example.com", name="Neighbour")
        make_subscriber(session, zones=[made], sms="+447700900002")
    return made


@pytest.fixture
def sign_in(client, database):
    """Be an officer of this role; `zones` limits them."""

    def be(role=Role.ADMINISTRATOR, **columns):
        with database.transaction() as session:
            officer = make_officer(session, role=role, name="The Officer", mobile="+447700900123", **columns)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = officer.get_id()
            cookie["_fresh"] = True
        return officer

    return be
