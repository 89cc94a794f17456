"""The sandbox as one aiohttp application, and its life: start, resume, serve, stop."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from peoplelink.sandbox import admin, handset, sendgrid_api, twilio_api, twilio_parts
from peoplelink.sandbox.agenda import Agenda
from peoplelink.sandbox.arrivals import Arrivals
from peoplelink.sandbox.event_batches import EventBatches
from peoplelink.sandbox.faults import FaultPlan, Faults
from peoplelink.sandbox.journal import Journal
from peoplelink.sandbox.sendgrid_events import resume_call
from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.state import State
from peoplelink.sandbox.twilio_callbacks import set_going
from peoplelink.sandbox.world import WORLD, World

_CLIENT_MAX_SIZE = sendgrid_api.MAX_BYTES + 1
_BACKLOG = 1024
_KEEP_ALIVE_SECONDS = 1.0  # less than gunicorn's 2, or a POST meets a connection that is just being closed
_SHUTDOWN_SECONDS = 2.0  # for calls that hang by order


def make_app(settings: Settings, plan: FaultPlan | None = None) -> web.Application:
    """The application; its parts are made when it starts, on its own loop."""
    app = web.Application(client_max_size=_CLIENT_MAX_SIZE)
    app.add_routes(admin.routes)
    app.add_routes(handset.routes)
    app.add_routes(twilio_parts.routes)  # before the rest of the API, which answers that it is not played
    app.add_routes(twilio_api.routes)
    app.add_routes(sendgrid_api.routes)

    async def live(app: web.Application) -> AsyncIterator[None]:
        journal = Journal(settings.journal) if settings.journal else None
        state = State(settings.auth_token, journal)
        agenda = Agenda(settings.concurrency)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.concurrency, keepalive_timeout=_KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as http:
            events = EventBatches(settings, agenda, http)
            arrivals = Arrivals(kept=settings.keep_requests)
            world = app[WORLD] = World(settings, state, Faults(plan or FaultPlan()), arrivals, agenda, http, events)
            _begin(world, journal)
            yield
            await agenda.stop()
        if journal is not None:
            await journal.stop()

    app.cleanup_ctx.append(live)
    return app


def _begin(world: World, journal: Journal | None) -> None:
    if journal is not None:
        journal.start()
    world.agenda.start()
    # A provider does not forget what it has taken because our machine was switched off.
    for text in world.state.texts.values():
        set_going(world, text)
    for call in world.state.calls.values():
        resume_call(world, call)


async def start(settings: Settings, plan: FaultPlan | None = None) -> tuple[web.AppRunner, int]:
    """Serve on the settings' host and port (0: any free one); gives the runner, to clean up, and the port.

    Raises OSError when the port is taken.
    """
    runner = web.AppRunner(make_app(settings, plan), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])
