"""The one module that knows every package: joins blueprints, tasks and listeners."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from peoplelink import log as logs
from peoplelink import web, workers
from peoplelink.broadcasts import rechecking
from peoplelink.broadcasts import rights as broadcast_rights
from peoplelink.broadcasts import services as broadcast_services
from peoplelink.broadcasts import tasks as broadcast_tasks
from peoplelink.broadcasts.views import blueprint as broadcasts_blueprint
from peoplelink.catalogues.views import blueprint as catalogues_blueprint
from peoplelink.config import Config, ConfigError
from peoplelink.console import look
from peoplelink.console.officer_home import blueprint as officer_home_blueprint
from peoplelink.console.sending_views import blueprint as sending_blueprint
from peoplelink.console.views import blueprint as console_blueprint
from peoplelink.engines import JOB, PAGE, Patience
from peoplelink.inbound import catching_up, webhooks
from peoplelink.inbound import rights as inbound_rights
from peoplelink.inbound import tasks as inbound_tasks
from peoplelink.inbound.ending_views import blueprint as ending_blueprint
from peoplelink.inbound.views import blueprint as inbound_blueprint
from peoplelink.intelligence import rights as intelligence_rights
from peoplelink.intelligence.views import blueprint as intelligence_blueprint
from peoplelink.jobs import QUEUES
from peoplelink.officers import rights as officer_rights
from peoplelink.officers import signing_in
from peoplelink.officers.views import blueprint as officers_blueprint
from peoplelink.outbound import receipts, reconcile, watch
from peoplelink.outbound import rights as outbound_rights
from peoplelink.outbound import tasks as outbound_tasks
from peoplelink.persons import Part
from peoplelink.preferences.asking import blueprint as preference_links_blueprint
from peoplelink.preferences.leaving_views import blueprint as leavings_blueprint
from peoplelink.preferences.views import blueprint as preferences_blueprint
from peoplelink.rights import own as own_rights
from peoplelink.rights import parts as rights_parts
from peoplelink.rights import tasks as rights_tasks
from peoplelink.rights.my_data import blueprint as my_data_blueprint
from peoplelink.rights.public import blueprint as rights_blueprint
from peoplelink.rights.request_views import blueprint as rights_requests_blueprint
from peoplelink.rights.retention_views import blueprint as retention_blueprint
from peoplelink.rights.views import blueprint as rights_officer_blueprint
from peoplelink.runtime import Runtime, build
from peoplelink.subscribers import rights as subscriber_rights
from peoplelink.subscribers import services as subscriber_services
from peoplelink.subscribers import tasks as subscriber_tasks
from peoplelink.subscribers import waiting_tasks
from peoplelink.subscribers.again_views import blueprint as again_blueprint
from peoplelink.subscribers.embed_views import blueprint as embed_blueprint
from peoplelink.subscribers.face_to_face_views import blueprint as face_to_face_blueprint
from peoplelink.subscribers.imports import tasks as import_tasks
from peoplelink.subscribers.imports.views import blueprint as imports_blueprint
from peoplelink.subscribers.partner_views import blueprint as partners_blueprint
from peoplelink.subscribers.poster_views import blueprint as posters_blueprint
from peoplelink.subscribers.views import blueprint as subscribers_blueprint
from peoplelink.subscribers.waiting_views import blueprint as waiting_blueprint
from peoplelink.subscribers.zone_editing_views import blueprint as zone_editing_blueprint
from peoplelink.subscribers.zone_views import blueprint as zones_blueprint
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)

BLUEPRINTS = (
    console_blueprint,
    officer_home_blueprint,
    sending_blueprint,
    officers_blueprint,
    subscribers_blueprint,
    waiting_blueprint,
    preference_links_blueprint,
    preferences_blueprint,
    leavings_blueprint,
    again_blueprint,
    embed_blueprint,
    face_to_face_blueprint,
    imports_blueprint,
    partners_blueprint,
    posters_blueprint,
    zones_blueprint,
    zone_editing_blueprint,
    catalogues_blueprint,
    broadcasts_blueprint,
    inbound_blueprint,
    ending_blueprint,
    intelligence_blueprint,
    rights_blueprint,
    my_data_blueprint,
    rights_officer_blueprint,
    rights_requests_blueprint,
    retention_blueprint,
)


PARTS: Sequence[Part] = (
    own_rights.PART,
    intelligence_rights.PART,
    inbound_rights.PART,
    broadcast_rights.PART,
    subscriber_rights.PART,
    outbound_rights.PART,
    officer_rights.PART,
)
"""What each package holds of people, from the top layer down: `rights` works through them in this order."""


def _release(runtime: Runtime) -> None:
    """After a restore nothing is released until it is known what went out since the backup."""
    if not _is_restored(runtime):
        broadcast_tasks.release(runtime)


def _release_due(runtime: Runtime) -> None:
    if not _is_restored(runtime):
        broadcast_tasks.release_due(runtime)


def _send_digests(runtime: Runtime) -> None:
    if not _is_restored(runtime):
        broadcast_tasks.send_digests(runtime)


def _is_restored(runtime: Runtime) -> bool:
    with runtime.database.read() as session:
        return watch.is_restored(session)


def _rights(runtime: Runtime) -> None:
    rights_tasks.go_on(runtime, PARTS)


TASKS: dict[str, Callable[..., None]] = {
    "lane": outbound_tasks.drain_lane,
    "webhooks": inbound_tasks.process_webhooks,
    "release": _release,
    "cancel": broadcast_tasks.cancel,
    "digests": _send_digests,
    "reconcile": reconcile.reconcile,
    "catch-up": catching_up.catch_up,
    "receipts": receipts.ask,
    "imports": import_tasks.work,
    "rights": _rights,
}
"""What a worker does when a bell of this kind rings; the rest of the bell's name is the argument."""


def periodic(timing: Timing) -> Sequence[tuple[float, Callable[[Runtime], None]]]:
    """What the scheduler does, every so many seconds. Nothing of it takes long: workers do what does."""
    return (
        (timing.sweep, outbound_tasks.sweep),
        (timing.sweep, broadcast_tasks.refresh),
        (min(timing.sweep, 5.0), _release_due),
        (timing.sweep, broadcast_tasks.ring_for_digests),
        (timing.sweep, inbound_tasks.sweep),
        (timing.catch_up, catching_up.ring),
        (timing.catch_up, receipts.ring),
        (waiting_tasks.EVERY, waiting_tasks.tend),
        (timing.catch_up, subscriber_tasks.remind),
        (timing.sweep, import_tasks.ring),
        (timing.sweep, rights_tasks.ring),
    )


_process: dict[str, Runtime] = {}


def make_runtime(config: Config, patience: Patience = JOB) -> Runtime:
    """The parts of a process, with everybody listening to outbound's news."""
    parts = build(config, patience)
    parts.listeners.opted_out.append(subscriber_services.opted_out)
    parts.listeners.settled.append(broadcast_services.settled)
    parts.listeners.failing.append(broadcast_services.failing)
    parts.listeners.narrowed.append(rechecking.recheck)
    return parts


def create_app(parts: Runtime) -> Flask:
    """The web application."""
    app = Flask("peoplelink")
    web.set_up(app, parts)
    signing_in.set_up(app)
    look.set_up(app)
    rights_parts.join(app, PARTS)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    mounted = DispatcherMiddleware(app.wsgi_app, {webhooks.PREFIX: webhooks.make_app(parts).wsgi_app})
    app.wsgi_app = mounted  # type: ignore[method-assign]
    return app


def app_from_env() -> Flask:
    """The web application of this environment; ends the process, naming every problem, where a setting is missing."""
    logs.set_up()
    return create_app(make_runtime(_settings(), PAGE))


def _settings() -> Config:
    try:
        return Config.from_env(os.environ)
    except ConfigError as err:
        sys.stderr.write(f"{err}\n")
        # Gunicorn takes 3 for "cannot start" and gives up; after any other code it would start the next one for ever.
        raise SystemExit(3) from None


def work(queues: Sequence[str]) -> None:
    """Be an RQ worker on these queues, in this order, until told to stop."""
    logs.set_up()
    names = list(queues) or list(QUEUES)
    parts = make_runtime(_settings())
    install(parts)
    workers.run(names, parts.redis)


def install(parts: Runtime) -> None:
    """Make these the parts that jobs of this process use; before RQ forks."""
    _process["runtime"] = parts


def run_bell(bell: str) -> None:
    """What RQ calls: do the work that waits behind a bell. Harmless when there is none."""
    parts = _process["runtime"]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(bell=bell)
    parts.jobs.answered(bell)
    kind, _, rest = bell.partition(":")
    arguments: list[Any] = [rest] if rest else []
    try:
        TASKS[kind](parts, *arguments)
    except Exception:
        log.exception("task_failed")
        raise
