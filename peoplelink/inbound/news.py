"""News of deliveries is kept as it came: one statement for all that the threads of a process bring at one moment."""

import datetime as dt
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any

import structlog

from peoplelink.channels.messages import ProviderRequest
from peoplelink.inbound.keeping import BELL, insert, row_of
from peoplelink.inbound.models import Webhook, WebhookKind
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

Row = dict[str, Any]


class NewsKeeper:
    """While one thread writes, the rows of others gather, and the next one writes them all.

    A commit costs much the same for one row and for five. Nobody waits for others to come: who is alone writes alone.
    """

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts
        self._waiting: deque[tuple[Row, Future[bool]]] = deque()
        self._writing = Lock()

    def keep(self, kind: WebhookKind, incoming: ProviderRequest, *, received_at: dt.datetime) -> bool:
        """Return when the request is stored, and ring for it soon. False when we have it already.

        Raises what the database raised, to each whose row was to be written by that statement.
        """
        row, mine = row_of(kind, incoming, received_at), Future[bool]()
        self._waiting.append((row, mine))
        with self._writing:
            if not mine.done():
                self._write_all()
        if mine.result():
            self._parts.jobs.ring_soon(BELL)
            return True
        log.info("webhook_repeated", kind=kind)
        return False

    def _write_all(self) -> None:
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            fresh = self._write([row for row, _ in taken])
        except Exception as error:  # noqa: BLE001 - raised again for each of them, who answers that it was not kept
            for _, theirs in taken:
                theirs.set_exception(error)
            return
        for row, theirs in taken:
            theirs.set_result(row["digest"] in fresh)

    def _write(self, rows: Sequence[Row]) -> frozenset[str]:
        """The digests of those that we did not have."""
        database = self._parts.database
        return frozenset(database.alone(insert(database).returning(Webhook.digest), rows))
