"""Looking at the rows of a file: who could be added, and why the others cannot. Nobody is added here."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from marshmallow import ValidationError
from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.keys import address_hash
from peoplelink.outbound.models import Address, Suppression
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import keywords, zones
from peoplelink.subscribers.imports import files, services
from peoplelink.subscribers.imports.files import Record
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus
from peoplelink.subscribers.imports.schemas import RowSchema, faults_of, in_sentences
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentRecord,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SubscriberAddress,
)

ERASED = "The person with this number or mailbox asked us to delete what we hold of them, this row included."
FORBIDDEN = "This number or mailbox may not be written to: its owner left, or messages to it come back."
LEFT = "The person with this number or mailbox has left since. Only they can come back."
RESIDENT = "The person with this number or mailbox is a resident already. Their own choices stand."
PENDING = "The person with this number or mailbox has asked to join and has not confirmed yet."
NO_ROWS = "The file has a heading and no rows below it."
ALL_REFUSED = (
    "No row can be imported, and nobody was added."
    " Put the rows right, as is said beside each, and choose the file again."
)
TOO_MANY = f"The file has more than {files.MOST_ROWS:,} rows. Split it into parts."


@dataclass(frozen=True)
class Settings:
    """What looking at rows needs of the configuration."""

    address_key: str = field(repr=False)
    fictional_allowed: bool


def take(
    session: Session, import_id: int, records: Sequence[Record], *, after: int, settings: Settings, now: dt.datetime
) -> bool:
    """Write down what is to be done with the next rows of a file; without any, the import is ready.

    False, and nothing is written, where another worker has been here since line `after` was the last.
    """
    one = session.get(Import, import_id, with_for_update=True, populate_existing=True)
    if one is None or one.status is not ImportStatus.READING or one.last_line != after:
        return False
    if not records:
        _ready(session, one, now=now)
        return True
    rows = _Checker(session, one, settings, now).rows(records)
    session.execute(insert(ImportRow), rows)
    one.last_line = records[-1].line
    # A row takes a line at least: counting can wait until there may be too many.
    if one.last_line > files.MOST_ROWS and services.standing(session, one).rows > files.MOST_ROWS:
        services.end(session, one, ImportStatus.UNREADABLE, by="system", now=now, problem=TOO_MANY)
    return True


def objections(session: Session, hashes: Collection[str], *, now: dt.datetime) -> dict[str, str]:
    """Why people with these addresses are not to be added, by the address's hash; none for those who may be."""
    found: dict[str, str] = {}
    for reason, query in (
        (PENDING, _pending(hashes, now)),
        (RESIDENT, _residents(hashes)),
        (LEFT, _left(hashes)),
        (FORBIDDEN, _suppressed(hashes)),
        (ERASED, _suppressed(hashes).where(Suppression.reason == SuppressionReason.ERASED)),
    ):
        found |= dict.fromkeys(session.scalars(query), reason)
    return found


class _Checker:
    """Some rows of one import."""

    def __init__(self, session: Session, one: Import, settings: Settings, now: dt.datetime) -> None:
        self._session, self._import, self._settings, self._now = session, one, settings, now
        today = clock.in_london(now).date()
        self._schema = RowSchema(today=today, fictional_allowed=settings.fictional_allowed)
        self._named: dict[str, keywords.Found] = {}

    def rows(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """What is to be written for each."""
        rows = [self._row(record) for record in records]
        hashes = {value for row in rows for value in _hashes(row)}
        refused = objections(self._session, hashes, now=self._now)
        lines = self._lines_before(hashes)
        for row in rows:
            if row["status"] is RowStatus.WAITING:
                _object(row, refused, lines)
            if row["status"] is RowStatus.WAITING:
                lines |= dict.fromkeys(_hashes(row), row["line"])
        return rows

    def _row(self, record: Record) -> dict[str, Any]:
        cells = files.named(record, self._import.columns)
        person, faults = self._read(cells)
        ids = self._choices(person, faults)
        row = {
            "import_id": self._import.id,
            "line": record.line,
            # Of refused rows too: an erasure and a legal hold find them by it.
            "mobile_hash": self._hash(Medium.SMS, person.get("mobile")),
            "email_hash": self._hash(Medium.EMAIL, person.get("email")),
        }
        reason = record.problem or (in_sentences(faults) if faults else None)
        if reason:
            return row | {"status": RowStatus.REFUSED, "reason": reason, "cells": cells}
        person |= ids | {"date": person["date"].isoformat()}
        return row | {"status": RowStatus.WAITING, "reason": None, "cells": cells | {"person": person}}

    def _read(self, cells: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
        """What a row says as far as it can be read, and what is wrong with the rest."""
        try:
            return self._schema.load(cells), []
        except ValidationError as err:
            return dict(cast(dict[str, Any], err.valid_data)), faults_of(err)

    def _choices(self, person: dict[str, Any], faults: list[str]) -> dict[str, list[int]]:
        """The ids of the zones and topics that are named; what is wrong with a name joins the other faults."""
        found: dict[str, set[int]] = {"zones": set(), "topics": set()}
        for kind, look_up in (("zones", self._zone), ("topics", self._topic)):
            for name in person.get(kind, ()):
                try:
                    found[kind].add(look_up(name))
                except InvalidInputError as err:
                    faults.append(str(err))
        return {kind: sorted(ids) for kind, ids in found.items()}

    def _zone(self, name: str) -> int:
        zone = self._look_up(name).zone
        if zone is None:
            raise InvalidInputError(f"We do not have the zone {_shown(name)}")
        if self._import.zone_ids is not None and zone.id not in self._import.zone_ids:
            raise InvalidInputError(f"The zone {zone.name} is not one of yours")
        return zone.id

    def _topic(self, name: str) -> int:
        topic = self._look_up(name).topic
        if topic is None:
            raise InvalidInputError(f"We do not have the topic {_shown(name)}")
        return topic.id

    def _look_up(self, name: str) -> keywords.Found:
        if name not in self._named:
            self._named[name] = _found(self._session, name)
        return self._named[name]

    def _hash(self, medium: Medium, value: str | None) -> str | None:
        return address_hash(self._settings.address_key, medium, value) if value else None

    def _lines_before(self, hashes: Collection[str]) -> dict[str, int]:
        """On which line of the file, above these, somebody with the same address is to be added."""
        lines: dict[str, int] = {}
        for column in (ImportRow.mobile_hash, ImportRow.email_hash):
            same = select(column, func.min(ImportRow.line)).where(
                ImportRow.import_id == self._import.id, column.in_(hashes), ImportRow.status == RowStatus.WAITING
            )
            lines |= {value: line for value, line in self._session.execute(same.group_by(column)) if value}
        return lines


def _object(row: dict[str, Any], refused: dict[str, str], lines: dict[str, int]) -> None:
    for value in _hashes(row):
        if value in lines:
            reason = f"The same number or mailbox stands on line {lines[value]}."
        elif value in refused:
            reason = refused[value]
        else:
            continue
        row |= {"status": RowStatus.REFUSED, "reason": reason}
        row["cells"].pop("person")
        if reason == ERASED:
            row |= {"cells": {}, "mobile_hash": None, "email_hash": None}
        return


def _hashes(row: dict[str, Any]) -> list[str]:
    return [row[name] for name in ("mobile_hash", "email_hash") if row[name]]


def _found(session: Session, name: str) -> keywords.Found:
    """A zone or a topic by a word that stands for it, or by its full name or slug; one that is near is not taken."""
    found = keywords.lookup(session, name)
    if found.zone or found.topic:
        return found
    wanted = keywords.squeeze(name)
    choice = zones.active(session)
    zone = next((zone for zone in choice if wanted in {keywords.squeeze(zone.name), keywords.squeeze(zone.slug)}), None)
    topic = next((topic for topic in zones.topics(session) if wanted == keywords.squeeze(topic.name)), None)
    return keywords.Found(zone=zone, topic=topic)


def _shown(name: str) -> str:
    return f'"{name[:60]}"'


def _ready(session: Session, one: Import, *, now: dt.datetime) -> None:
    standing = services.standing(session, one)
    if not standing.rows:
        services.end(session, one, ImportStatus.UNREADABLE, by="system", now=now, problem=NO_ROWS)
    elif not standing.waiting:
        services.end(session, one, ImportStatus.FINISHED, by="system", now=now, problem=ALL_REFUSED)
    else:
        one.status = ImportStatus.READY
        services.let_go_of_file(session, one)


def _residents(hashes: Collection[str]) -> Any:
    return (
        select(Address.hash)
        .join(SubscriberAddress, SubscriberAddress.address_id == Address.id)
        .where(Address.hash.in_(hashes), SubscriberAddress.status == LinkStatus.LIVE)
    )


def _left(hashes: Collection[str]) -> Any:
    """Whose newest line in the ledger says that they withdrew: it outlives suppression and erasure."""
    newest = select(func.max(ConsentRecord.id)).where(ConsentRecord.address_hash.in_(hashes))
    return select(ConsentRecord.address_hash).where(
        ConsentRecord.id.in_(newest.group_by(ConsentRecord.address_hash)),
        ConsentRecord.action == ConsentAction.WITHDRAWN,
    )


def _suppressed(hashes: Collection[str]) -> Select[str]:
    return select(Suppression.hash).where(Suppression.hash.in_(hashes), Suppression.lifted_at.is_(None))


def _pending(hashes: Collection[str], now: dt.datetime) -> Any:
    return (
        select(Address.hash)
        .join(SignUpAddress, SignUpAddress.address_id == Address.id)
        .join(SignUp, SignUp.id == SignUpAddress.sign_up_id)
        .where(Address.hash.in_(hashes), SignUpAddress.confirmed_at.is_(None), SignUp.expires_at > now)
    )
