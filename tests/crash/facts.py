"""What there is to judge a round by: our rows, the provider's ledger, every request that reached it, every STOP."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast
from peoplelink.broadcasts.proof.verifying import verify
from peoplelink.outbound.models import Address, Attempt, Delivery, Dispatch, Suppression
from tests.crash.people import Planned, everybody
from tests.crash.stack import Stack


@dataclass(frozen=True)
class Row:
    """A delivery of ours."""

    id: int
    public_id: str
    purpose: str
    broadcast: str | None
    medium: str
    address: str
    status: str
    reason: str | None
    attempt: int


@dataclass(frozen=True)
class Accepted:
    """A message in the provider's ledger; `delivery` is our mark on it."""

    id: str
    medium: str
    to: str
    delivery: str | None
    attempt: int | None
    status: str
    at: dt.datetime


@dataclass(frozen=True)
class Request:
    """A request to send that reached the provider, for one person."""

    at: dt.datetime
    medium: str
    to: str
    delivery: str | None
    attempt: int | None
    outcome: str


@dataclass(frozen=True)
class Stop:
    """A resident's STOP; `told_at` is when the provider had our 2xx, None if it never had."""

    number: str
    told_at: dt.datetime | None


@dataclass(frozen=True)
class Facts:
    """Everything about one round."""

    rows: list[Row]
    ledger: list[Accepted]
    requests: list[Request]
    stops: list[Stop]
    expected: dict[str, str]
    """Each address, and the broadcast that must reach it."""
    suppressed: dict[str, frozenset[str]]
    """Addresses that may not be written to, and why."""
    broadcasts: dict[str, str]
    """Their states."""
    attempts: set[tuple[str, int]]
    """Every attempt we opened: delivery and number."""
    proofs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each broadcast, in what its proof does not hold."""
    confirmed: Counter[str] = field(default_factory=Counter)
    """How often the provider itself has answered a number's STOP."""
    keywords: str = "off"
    slow_to_stop: dict[str, float] = field(default_factory=dict)
    """Services that had not stopped by themselves in time."""


def gather(stack: Stack, planned: Iterable[Planned]) -> Facts:
    """Read it all, when every process has stopped but the sandbox and the database."""
    ledger = _get(stack, "/sandbox/ledger?brief=1&origin=all")
    with stack.database.read() as session:
        return Facts(
            rows=_rows(session),
            ledger=[_accepted(entry) for entry in ledger if entry["origin"] == "api"],
            requests=[_request(entry) for entry in _get(stack, "/sandbox/requests")],
            stops=[_stop(entry) for entry in ledger if entry["origin"] == "handset"],
            expected=dict(everybody(planned)),
            suppressed=suppressed(session),
            broadcasts={one.public_id: one.status.value for one in session.scalars(select(Broadcast))},
            attempts=_attempts(session),
            proofs={one.public_id: _proof(session, one) for one in session.scalars(select(Broadcast))},
            confirmed=Counter(entry["to"] for entry in ledger if entry["origin"] == "provider"),
            keywords=stack.round.keywords,
        )


def behind(stack: Stack, states: Mapping[str, str], final: Collection[str]) -> tuple[Counter[str], set[str]]:
    """What the ledger knows and we do not: final states of messages that are "sent" here; and everybody who stopped."""
    ledger = _get(stack, "/sandbox/ledger?brief=1&origin=all")
    texts = [_accepted(entry) for entry in ledger if entry["origin"] == "api"]
    unknown = Counter(
        f"{one.status} there" for one in texts if states.get(one.delivery or "") == "sent" and one.status in final
    )
    return unknown, {entry["from"] for entry in ledger if entry["origin"] == "handset"}


def _get(stack: Stack, path: str) -> list[dict[str, Any]]:
    answer = requests.get(stack.sandbox_url + path, timeout=60)
    answer.raise_for_status()
    return list(answer.json())


def _accepted(entry: dict[str, Any]) -> Accepted:
    delivery, attempt = _mark(entry.get("custom_args") or entry.get("status_callback"))
    at = dt.datetime.fromisoformat(entry["accepted_at"])
    return Accepted(entry["id"], entry["medium"], entry["to"], delivery, attempt, entry["status"], at)


def _request(entry: dict[str, Any]) -> Request:
    delivery, attempt = _mark(entry["mark"])
    at = dt.datetime.fromisoformat(entry["at"])
    return Request(at, entry["medium"], entry["to"], delivery, attempt, entry["outcome"])


def _stop(entry: dict[str, Any]) -> Stop:
    return Stop(entry["from"], dt.datetime.fromisoformat(entry["told_at"]) if entry["told_at"] else None)


def _mark(mark: Any) -> tuple[str | None, int | None]:
    """Our delivery and attempt: in an email's custom arguments, or in the query of a text's status callback."""
    if isinstance(mark, dict):
        return mark.get("pl_delivery"), int(mark.get("pl_attempt") or 0) or None
    query = parse_qs(urlsplit(mark or "").query)
    return query.get("d", [None])[0], int(query.get("a", ["0"])[0]) or None


def _rows(session: Session) -> list[Row]:
    found = session.execute(
        select(
            Delivery.id, Delivery.public_id, Dispatch.purpose, Broadcast.public_id, Address.medium, Address.value,
            Delivery.status, Delivery.reason, Delivery.attempt,
        )
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .join(Address, Address.id == Delivery.address_id)
        .outerjoin(Broadcast, Broadcast.dispatch_id == Dispatch.id)
    )  # fmt: skip
    return [Row(*row) for row in found]


def suppressed(session: Session) -> dict[str, frozenset[str]]:
    """Every address that may not be written to, and why."""
    found: dict[str, set[str]] = {}
    rows = session.execute(
        select(Address.value, Suppression.reason)
        .join(Suppression, Suppression.hash == Address.hash)
        .where(Suppression.lifted_at.is_(None))
    )
    for value, reason in rows:
        found.setdefault(value, set()).add(reason.value)
    return {value: frozenset(reasons) for value, reasons in found.items()}


def _proof(session: Session, broadcast: Broadcast) -> tuple[str, ...]:
    verdict = verify(session, broadcast)
    return tuple(verdict.problems) if verdict.links else ("it has no proof",)


def _attempts(session: Session) -> set[tuple[str, int]]:
    """The newest attempt of each delivery stands on the delivery; those before it in a table of their own."""
    newest = session.execute(select(Delivery.public_id, Delivery.attempt))
    older = session.execute(
        select(Delivery.public_id, Attempt.number).join(Attempt, Attempt.delivery_id == Delivery.id)
    )
    return {(public_id, number) for rows in (newest, older) for public_id, number in rows}
