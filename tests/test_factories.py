"""The factories make rows that every database takes, and tests are isolated from each other."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from peoplelink.db import ring_after_commit, transaction
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import Subscriber
from tests import factories


def test_noise_fits_every_constraint(session):
    factories.add_noise(session)
    factories.add_noise(session)

    assert session.scalar(select(func.count()).select_from(Subscriber)) == 2


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(session, turn):
    with transaction(session):
        factories.make_address(session, value="+447700900001")

    assert session.scalar(select(func.count()).select_from(Address)) == 1


def test_a_caught_collision_leaves_the_rest_of_the_test_standing(session):
    factories.make_address(session, value="+447700900001")

    with pytest.raises(IntegrityError), session.begin_nested():
        factories.make_address(session, value="+447700900001")

    assert session.scalar(select(func.count()).select_from(Address)) == 1


def test_bells_of_a_committed_session_reach_the_jobs(session, jobs):
    with transaction(session):
        ring_after_commit(session, "webhooks")

    assert jobs.rung == ["webhooks"]


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_of_its_own_starts_empty(database, turn):
    with database.transaction() as session:
        factories.make_subscriber(session, email=True)

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 1
