"""A sandbox whose webhooks are lost, and a process that asks it."""

import dataclasses

import pytest

from peoplelink.timing import Timing
from tests.inbound.catching_up.lost import NOBODY, asking
from tests.sandbox.parts import OURS, Server, make_settings


@pytest.fixture
def sandbox():
    server = Server(make_settings(NOBODY))
    server.order(lose_webhooks=1)
    yield server
    server.stop()


@pytest.fixture
def runtime(runtime, sandbox):
    """One that asks the sandbox, and leaves no text to its webhook, however new."""
    config = dataclasses.replace(runtime.config, timing=Timing(catch_up_settle=0))
    return dataclasses.replace(runtime, twilio=asking(sandbox, sender=OURS), config=config)
