"""Adding the people of an import: each with the consent that the file gives evidence of, or asked to confirm."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.keys import address_hash
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address
from peoplelink.subscribers import consent, signup, zones
from peoplelink.subscribers.imports import checking, services
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentWording,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)

BATCH = 100
WORDING = "import"
_TOO_OFTEN = "This person has been asked 3 times today. Import the row again tomorrow."
_Key = tuple[Medium, str]


@dataclass(frozen=True)
class Settings:
    """What adding people needs of the configuration."""

    address_key: str = field(repr=False)
    links: Links


def add_some(session: Session, import_id: int, *, settings: Settings, now: dt.datetime) -> int:
    """Add the next people of an import; how many rows that were. Without any left, the import is finished.

    A row is marked in the transaction that acts on it, under the lock of its import: however often this is killed, or
    run by two at once, nobody is added twice. Whether somebody may be added is looked at once more, since they may
    have joined or left while the import waited.
    """
    one = session.get(Import, import_id, with_for_update=True, populate_existing=True)
    if one is None or one.status is not ImportStatus.RUNNING:
        return 0
    rows = services.some_rows(session, one, RowStatus.WAITING, limit=BATCH)
    if not rows:
        services.end(session, one, ImportStatus.FINISHED, by="system", now=now)
        return 0
    _Batch(session, one, rows, settings, now).add()
    return len(rows)


class _Batch:
    """Some rows of one import."""

    def __init__(
        self, session: Session, one: Import, rows: Sequence[ImportRow], settings: Settings, now: dt.datetime
    ) -> None:
        self._session, self._import, self._rows, self._settings, self._now = session, one, rows, settings, now
        self._addresses = self._find_addresses()
        self._wordings: dict[tuple[str, str], ConsentWording] = {}

    def add(self) -> None:
        hashes = {address.hash for address in self._addresses.values()}
        refused = checking.objections(self._session, hashes, now=self._now)
        welcome = [row for row in self._rows if not self._refuse(row, refused)]
        if self._import.asks:
            for row in welcome:
                self._ask(row)
        else:
            self._make_residents(welcome)
        self._session.flush()

    def _refuse(self, row: ImportRow, refused: dict[str, str]) -> bool:
        reason = next((refused[address.hash] for address in self._addresses_of(row) if address.hash in refused), None)
        if reason is None:
            return False
        row.cells = {name: cell for name, cell in row.cells.items() if name != "person"}
        row.status, row.reason = RowStatus.REFUSED, reason
        if reason == checking.ERASED:
            row.empty()
        return True

    def _make_residents(self, rows: Sequence[ImportRow]) -> None:
        # All of a kind are written at once: one by one, it took more than three times as long.
        made = [(row, self._resident(row), self._sign_up(row)) for row in rows]
        for _, resident, sign_up in made:
            self._session.add_all((resident, sign_up))
        self._session.flush()
        zones_left, topics_left = self._all_ids(Zone), self._all_ids(Topic)
        for row, resident, sign_up in made:
            sign_up.subscriber_id = resident.id
            person = row.cells["person"]
            self._choose(resident, zones_left.intersection(person["zones"]), topics_left.intersection(person["topics"]))
            self._settle(row, resident, sign_up)

    def _resident(self, row: ImportRow) -> Subscriber:
        person = row.cells["person"]
        return Subscriber(name=person["name"], language=person["language"], created_at=self._now)

    def _settle(self, row: ImportRow, resident: Subscriber, sign_up: SignUp) -> None:
        for address in self._addresses_of(row):
            self._agree(row, sign_up, resident, address)
        row.status = RowStatus.ADDED
        row.empty()
        audit.record(
            self._session, "resident.imported", actor=self._import.created_by, subject_kind="resident",
            subject_id=resident.public_id, now=self._now, **self._evidence(row),
        )  # fmt: skip

    def _sign_up(self, row: ImportRow) -> SignUp:
        person, now = row.cells["person"], self._now
        return SignUp(
            source=SignUpSource.IMPORT,
            name=person["name"],
            language=person["language"],
            zone_ids=person["zones"],
            topic_ids=person["topics"],
            wording_id=self._wording(person).id,
            evidence=self._evidence(row) | {"source": person["source"], "given_on": person["date"]},
            created_at=now,
            expires_at=now,
            addresses=[SignUpAddress(address=one, confirmed_at=now) for one in self._addresses_of(row)],
        )

    def _agree(self, row: ImportRow, sign_up: SignUp, resident: Subscriber, address: Address) -> None:
        self._session.add(
            SubscriberAddress(
                subscriber_id=resident.id, address_id=address.id, status=LinkStatus.LIVE, confirmed_at=self._now
            )
        )
        evidence = self._evidence(row) | {"sign_up": sign_up.public_id, "given_on": sign_up.evidence["given_on"]}
        consent.write(
            self._session, resident, address, ConsentAction.GIVEN,
            how="import", evidence=evidence, wording_id=sign_up.wording_id, now=self._now,
        )  # fmt: skip

    def _choose(self, resident: Subscriber, zone_ids: Iterable[int], topic_ids: Iterable[int]) -> None:
        for zone_id in sorted(zone_ids):
            self._session.add(ZoneSubscription(subscriber_id=resident.id, zone_id=zone_id, created_at=self._now))
        for topic_id in sorted(topic_ids):
            self._session.add(TopicSubscription(subscriber_id=resident.id, topic_id=topic_id, created_at=self._now))

    def _all_ids(self, table: type[Zone | Topic]) -> frozenset[int]:
        """Those there are now: an officer may have taken one away since the file was read."""
        return frozenset(self._session.scalars(select(table.id)))

    def _ask(self, row: ImportRow) -> None:
        person = row.cells["person"]
        request = signup.SignUpRequest(
            source=SignUpSource.IMPORT,
            zones=zones.by_ids(self._session, person["zones"]),
            topics=[topic for topic in zones.topics(self._session) if topic.id in person["topics"]],
            wording=self._wording(person),
            mobile=person["mobile"],
            email=person["email"],
            name=person["name"],
            language=person["language"],
            evidence=self._evidence(row) | {"source": person["source"], "given_on": person["date"]},
            by=self._import.created_by,
        )
        key = self._settings.address_key
        if signup.sign_up(self._session, request, links=self._settings.links, address_key=key, now=self._now):
            row.status = RowStatus.ASKED
            row.empty()
        else:
            row.status, row.reason = RowStatus.REFUSED, _TOO_OFTEN

    def _evidence(self, row: ImportRow) -> dict[str, Any]:
        return {"import": self._import.public_id, "line": row.line}

    # What many rows share

    def _find_addresses(self) -> dict[_Key, Address]:
        """The rows of all addresses, made where there are none, and locked: nobody joins there meanwhile."""
        wanted = {key for row in self._rows for key in _keys(row)}
        values = [value for _, value in wanted]
        known = {
            (one.medium, one.value): one
            for one in self._session.scalars(select(Address).where(Address.value.in_(values)))
        }
        for medium, value in sorted(wanted - known.keys()):
            known[medium, value] = self._new_address(medium, value)
        self._session.flush()
        addresses.hold(self._session, [known[key].id for key in wanted])
        return known

    def _new_address(self, medium: Medium, value: str) -> Address:
        key, now = self._settings.address_key, self._now
        if self._import.asks:
            return addresses.find_or_add(self._session, medium, value, address_key=key, now=now)
        made = Address(medium=medium, value=value, hash=address_hash(key, medium, value), created_at=now)
        self._session.add(made)
        return made

    def _addresses_of(self, row: ImportRow) -> list[Address]:
        return [self._addresses[key] for key in _keys(row)]

    def _wording(self, person: dict[str, Any]) -> ConsentWording:
        key = (person["language"], person["wording"])
        if key not in self._wordings:
            self._wordings[key] = _wording(self._session, *key)
        return self._wordings[key]


def _keys(row: ImportRow) -> list[_Key]:
    person = row.cells["person"]
    pairs = ((Medium.SMS, person["mobile"]), (Medium.EMAIL, person["email"]))
    return [(medium, value) for medium, value in pairs if value]


def _wording(session: Session, language: str, words: str) -> ConsentWording:
    """The row of words that stand in a file, added where they are new."""
    same = select(ConsentWording).where(
        ConsentWording.code == WORDING, ConsentWording.language == language, ConsentWording.words == words
    )
    while (found := session.scalars(same.limit(1)).first()) is None:
        newest = select(func.max(ConsentWording.version)).where(
            ConsentWording.code == WORDING, ConsentWording.language == language
        )
        made = ConsentWording(code=WORDING, version=(session.scalar(newest) or 0) + 1, language=language, words=words)
        try:
            with session.begin_nested():
                session.add(made)
        except IntegrityError:
            continue  # another import took this number; the unique constraint chose one
    return found
