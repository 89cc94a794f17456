"""What tests of what comes in start from."""

import dataclasses

import pytest

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.channels.twilio import TwilioChannel
from peoplelink.runtime import twilio_settings
from peoplelink.subscribers import seed
from tests import parts
from tests.factories import add_noise, make_address
from tests.inbound.desk import MAILBOX, Desk
from tests.inbound.posts import Provider
from tests.inbound.town import Town


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
def desk(session, config, now):
    """A desk on a database with zones, topics, wordings and rows of others."""
    seed.plant(session, now=now)
    add_noise(session)
    return Desk(session, config, now)


@pytest.fixture
def number(desk):
    """The number whose texts come to the desk."""
    return desk.number


@pytest.fixture
def mailbox(session):
    """The mailbox whose mails come to the desk."""
    return make_address(session, Medium.EMAIL, MAILBOX)


@pytest.fixture
def town(change):
    """Two zones with their conversations and officers."""
    return change(Town)


@pytest.fixture
def in_mode(provider, app, key_pairs):
    """A function that sets who answers Twilio's keywords; the provider then says what it takes for one."""

    def setting(mode):
        config = dataclasses.replace(provider.runtime.config, twilio_keywords=mode)
        own = dataclasses.replace(provider.runtime, config=config, twilio=TwilioChannel(twilio_settings(config)))
        return Provider(parts.give(app, own).test_client(), own, key_pairs)

    return setting
