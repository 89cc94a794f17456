"""A town with something in every list, planted once and served: what the tests and pictures of every page look at."""

import dataclasses
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from peoplelink import clock, keys
from peoplelink.app import create_app, make_runtime
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.ids import new_public_id
from peoplelink.intelligence import seed as themes
from peoplelink.outbound.models import Address
from peoplelink.outbound.render import leave_url
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import objecting, seed, services
from peoplelink.subscribers.links import _MY_DATA, Links
from tests.browser import town_hall
from tests.factories import make_address, make_subscriber
from tests.rights import life
from tests.subscribers import people
from tests.subscribers.test_waiting import ask, rows, waits


@dataclass(frozen=True)
class Town:
    """The application on a planted database."""

    app: Flask
    of: Mapping[str, str]
    """What stands in addresses: public ids and signed tokens, by the names that the tables of pages call them."""

    def cookie(self, values: Mapping[str, Any]) -> str:
        """A session cookie of ours with these values; "" for none."""
        signer = self.app.session_interface.get_signing_serializer(self.app)
        return signer.dumps(dict(values)) if values else ""

    def signed_in(self) -> dict[str, Any]:
        """What the administrator's cookie holds."""
        return {"_user_id": self.of["administrator"], "_fresh": True}


@contextmanager
def planted(config: Config, *, database_url: str, redis_url: str) -> Iterator[Town]:
    """The town, on a migrated and empty database."""
    parts = make_runtime(dataclasses.replace(config, database_url=database_url, redis_url=redis_url))
    with parts.database.transaction() as session:
        of = _plant(session, parts.config)
    try:
        yield Town(create_app(parts), of)
    finally:
        parts.database.engine.dispose()
        parts.redis.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, _read_whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def _read_whole(app: WSGIApplication) -> WSGIApplication:
    """The application, with each answer read and closed before the first byte leaves.

    Werkzeug's server (3.1) does not close an answer whose reader has gone away (`execute` in its serving.py reads what
    is left of the request first, and that raises): a static file stayed open when a browser went on to another page.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


def _plant(session: Session, config: Config) -> dict[str, str]:
    seed.plant(session, now=clock.now())
    themes.plant(session)
    links = Links.of(config)
    robin = life.lead(session, zone=people.zone(session), topic=people.topic(session))
    return {
        "broken": "broken",
        **_joining(session, links),
        **_leaving(session, config),
        **_own_pages(session, links, robin),
        **_by_right(session, links, robin),
        **town_hall.plant(session, robin),
    }


def _token(link: str) -> str:
    return link.partition("?")[0].rpartition("/")[2]


def _joining(session: Session, links: Links) -> dict[str, str]:
    now = clock.now()
    asked = people.sign_up(session, now, email="sam@example.org")
    confirmed = people.sign_up(session, now, email="kim@example.org")
    people.confirm(session, confirmed, now, "kim@example.org")
    ask(session, now, email="lee@example.org")
    waiting, waited = rows(session)[-1], waits(session, now, "max@example.org")
    return {
        "asked": _token(links.confirm(asked, people.address(session, now, "sam@example.org"))),
        "confirmed": _token(links.confirm(confirmed, people.address(session, now, "kim@example.org"))),
        "waiting": _token(links.wait(waiting)),
        "waited": _token(links.wait(waited)),
    }


def _leaving(session: Session, config: Config) -> dict[str, str]:
    zone = people.zone(session)
    found = {}
    for medium, word in ((Medium.EMAIL, "email"), (Medium.SMS, "text")):
        stays, goes = make_address(session, medium), make_address(session, medium)
        for address in (stays, goes):
            make_subscriber(session, zones=[zone], **{medium.value: address})
        _leave(session, goes)
        found[f"leave-{word}"] = _token(leave_url(config, stays.public_id))
        found[f"left-{word}"] = _token(leave_url(config, goes.public_id))
    return found


def _leave(session: Session, address: Address) -> None:
    services.stop_address(
        session, address, reason=SuppressionReason.UNSUBSCRIBED, how="link", source="link", evidence={},
        now=clock.now(),
    )  # fmt: skip


def _own_pages(session: Session, links: Links, robin: life.Life) -> dict[str, str]:
    shared, empty = (make_address(session, Medium.EMAIL) for _ in range(2))
    zone = people.zone(session)
    ash, _ = (make_subscriber(session, zones=[zone], email=shared, name=name) for name in ("Ash", "Bo"))
    return {
        "own": _token(links.preferences(robin.mailbox)),
        "robin": robin.resident.public_id,
        "household": _token(links.preferences(shared)),
        "ash": ash.public_id,
        "gone": _token(links.preferences(empty)),
    }


def _by_right(session: Session, links: Links, robin: life.Life) -> dict[str, str]:
    against = make_subscriber(session, zones=[people.zone(session)], name="Jo")
    objecting.object_(session, against, by="resident", now=clock.now())
    return {
        "data": _token(links.my_data(robin.resident, robin.number)),
        "objecting": _token(links.my_data(against, against.addresses[0].address)),
        "erased": keys.sign_until(links.secret_keys, _MY_DATA, new_public_id()),
    }
