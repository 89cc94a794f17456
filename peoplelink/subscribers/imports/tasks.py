"""What workers do for imports, a slice at a time. Running any of it twice, or being killed in it, is harmless."""

from collections.abc import Iterator
from itertools import islice
from time import monotonic

import structlog
from sqlalchemy import select

from peoplelink import clock
from peoplelink.runtime import Runtime
from peoplelink.subscribers.imports import adding, checking, files, services
from peoplelink.subscribers.imports.models import Import, ImportPiece, ImportStatus
from peoplelink.subscribers.links import Links

log = structlog.get_logger(__name__)

SLICE = 5.0
"""Seconds a job works before it rings again and makes room (design, section 3)."""
BATCH = 200
_WORKED_ON = (ImportStatus.READING, ImportStatus.RUNNING)


def work(runtime: Runtime) -> None:
    """Do a slice of what imports wait for; rings again while more is left."""
    ends = monotonic() + SLICE
    for import_id in _waiting(runtime):
        while monotonic() < ends and step(runtime, import_id, ends):
            pass
    if _waiting(runtime):
        runtime.jobs.ring([services.BELL])


def ring(runtime: Runtime) -> None:
    """Ring for imports left behind."""
    if _waiting(runtime):
        runtime.jobs.ring([services.BELL])


def step(runtime: Runtime, import_id: int, ends: float) -> bool:
    """Go on with an import until `ends` (monotonic seconds); whether something was done."""
    with runtime.database.read() as session:
        one = session.get(Import, import_id)
        if one is None or one.status not in _WORKED_ON:
            return False
    if one.status is ImportStatus.READING:
        return _read(runtime, one, ends)
    return _add(runtime, one)


def _waiting(runtime: Runtime) -> list[int]:
    with runtime.database.read() as session:
        return list(session.scalars(select(Import.id).where(Import.status.in_(_WORKED_ON)).order_by(Import.id)))


def _read(runtime: Runtime, one: Import, ends: float) -> bool:
    form = files.Form(one.encoding, one.delimiter, one.header, one.columns)
    settings = checking.Settings(runtime.config.address_key, runtime.config.sandboxed)
    records = files.rows(pieces(runtime, one.id), form, after=one.last_line)
    after = one.last_line
    while monotonic() < ends:
        batch = list(islice(records, BATCH))
        with runtime.database.transaction() as session:
            if not checking.take(session, one.id, batch, after=after, settings=settings, now=clock.now()):
                return False
        if not batch:
            return True
        after = batch[-1].line
    return True


def _add(runtime: Runtime, one: Import) -> bool:
    links = Links.of(runtime.config)
    settings = adding.Settings(runtime.config.address_key, links)
    with runtime.database.transaction() as session:
        return adding.add_some(session, one.id, settings=settings, now=clock.now()) > 0


def pieces(runtime: Runtime, import_id: int) -> Iterator[bytes]:
    """The pieces of a file, one held at a time and no transaction open between them."""
    number = 0
    while True:
        with runtime.database.read() as session:
            piece = session.get(ImportPiece, (import_id, number))
        if piece is None:
            return
        yield piece.data
        number += 1
