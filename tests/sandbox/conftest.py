"""A sandbox, the app it talks to, and the official clients that talk to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sendgrid
from twilio.rest import Client

from peoplelink.sandbox.faults import FaultPlan
from tests.sandbox.parts import ACCOUNT, API_KEY, TOKEN, Server, Sink, make_settings


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture
def start_sandbox(sink: Sink) -> Iterator[Callable[..., Server]]:
    """Starts sandboxes with other settings than usual; stops them at the end."""
    servers: list[Server] = []

    def begin(*, plan: FaultPlan | None = None, **changes: Any) -> Server:
        servers.append(Server(make_settings(sink.url, **changes), plan))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture
def sandbox(start_sandbox: Callable[..., Server]) -> Server:
    return start_sandbox()


@pytest.fixture
def make_twilio() -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def make(sandbox: Server, account: str = ACCOUNT, token: str = TOKEN) -> Client:
        client = Client(account, token)
        client.api.base_url = client.messaging.base_url = sandbox.url
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.http_client.session.close()


@pytest.fixture
def twilio(sandbox: Server, make_twilio: Callable[..., Client]) -> Client:
    return make_twilio(sandbox)


@pytest.fixture
def mailer(sandbox: Server) -> sendgrid.SendGridAPIClient:
    return sendgrid.SendGridAPIClient(API_KEY, host=sandbox.url)
