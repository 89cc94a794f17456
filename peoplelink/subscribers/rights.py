"""What this package holds of a resident: who they are, what they chose, what they agreed to."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from peoplelink.errors import ConflictError
from peoplelink.outbound import addresses, forgetting
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import SuppressionReason
from peoplelink.persons import Erasing, Held, Part, Person, Section, Wish
from peoplelink.subscribers import consent, people, purging, records, services, voiding
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.imports import checking
from peoplelink.subscribers.imports.models import ImportRow, RowStatus
from peoplelink.subscribers.models import (
    ConsentAction,
    LinkStatus,
    SignUp,
    SignUpAddress,
    Subscriber,
    SubscriberAddress,
)

ERASED = "erased"
"""How a withdrawal by erasure stands in the ledger."""


def subjects(session: Session, person: Person) -> Iterable[str]:
    """The resident, their addresses, those that a list names in the same row, and their sign-ups.

    An erasure empties the whole row: a hold on either address must stand in its way.
    """
    yield person.public_id
    yield from session.scalars(select(Address.public_id).where(Address.id.in_(person.addresses)))
    together = {one for row in _rows_at(session, person.own) for one in (row.mobile_hash, row.email_hash) if one}
    beside = (Address.hash.in_(together), Address.id.not_in(person.addresses))
    yield from session.scalars(select(Address.public_id).where(*beside).order_by(Address.id))
    yield from (asked.public_id for asked in records.sign_ups(session, person))


def export(session: Session, person: Person, _wish: Wish) -> Sequence[Section]:
    """Everything, with the exact words of each consent."""
    return records.sections(session, person)


def stop(session: Session, person: Person, now: dt.datetime) -> None:
    """Withdraw every consent of theirs; suppress the addresses at which nobody else is written to.

    Raises ConflictError where an import has made a resident of them since they were looked for.
    """
    people.lock_imports(session, person.addresses)
    voiding.void(session, person.subscriber_id, now=now)
    if person.subscriber_id is None and people.still_theirs(session, person) != person:
        raise ConflictError("They have just been signed up from a list. Look them up again, and erase them then.")
    kept = people.living_elsewise(session, person, person.addresses)
    for address in session.scalars(select(Address).where(Address.id.in_(person.addresses)).order_by(Address.id)):
        if address.id in kept:
            _leave(session, person, address, now=now)
        else:
            services.stop_address(
                session, address, reason=SuppressionReason.ERASED, how=ERASED, source=ERASED, evidence={}, now=now
            )


def _leave(session: Session, person: Person, address: Address, *, now: dt.datetime) -> None:
    link = session.get(SubscriberAddress, (person.subscriber_id, address.id), with_for_update=True)
    if link is None or link.status is not LinkStatus.LIVE:
        return
    link.status, link.stopped_at = LinkStatus.STOPPED, now
    consent.write(session, link.subscriber, address, ConsentAction.WITHDRAWN, how=ERASED, evidence={}, now=now)


def erase(session: Session, person: Person, erasing: Erasing) -> bool:
    """The resident, their choices and requests to join. The ledger stays, by the hash of the address alone."""
    people.lock_imports(session, person.addresses)
    addresses.hold(session, person.addresses | services.addresses_of(session, person.subscriber_id))
    unconfirmed = _nobodys(session, person)
    if session.scalar(select(exists().where(Address.id.in_(unconfirmed), forgetting.under_way(Address.id)))):
        return False
    asked = [one.id for one in records.sign_ups(session, person)]
    session.execute(delete(SignUpAddress).where(SignUpAddress.sign_up_id.in_(asked)))
    session.execute(delete(SignUp).where(SignUp.id.in_(asked)))
    erasing.count("requests to join", len(asked))
    forgetting.forget_addresses(session, unconfirmed)
    waited = delete(Waiting).where(Waiting.address_id.in_(person.own)).returning(Waiting.id)
    erasing.count("places on the waiting list", len(session.execute(waited).all()))
    erasing.count("rows of imports", _empty_rows(session, person))
    gone = session.execute(
        delete(Subscriber).where(Subscriber.id == person.subscriber_id).returning(Subscriber.id)
    ).all()
    erasing.count("name, choices and settings", len(gone))
    session.expire_all()
    return True


def _nobodys(session: Session, person: Person) -> set[int]:
    """Addresses they were asked to confirm, and at which nobody has ever lived."""
    asked = {one.address_id for one in voiding.unconfirmed_of(session, person.subscriber_id)} - person.addresses
    lived = select(SubscriberAddress.address_id).where(SubscriberAddress.address_id.in_(asked))
    return asked - set(session.scalars(lived))


def _empty_rows(session: Session, person: Person) -> int:
    """Forget what stood of them in files that were brought in. One that still waits is refused."""
    rows = [*_rows_at(session, person.own), *_rows_that_name(session, person)]
    for row in rows:
        if row.status is RowStatus.WAITING:
            row.status, row.reason = RowStatus.REFUSED, checking.ERASED
        row.empty()
    session.flush()
    return len(rows)


def _rows_at(session: Session, addresses: Iterable[int]) -> list[ImportRow]:
    rows = select(ImportRow).where(people.speaks_of(addresses)).order_by(ImportRow.import_id, ImportRow.line)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _rows_that_name(session: Session, person: Person) -> list[ImportRow]:
    """Rows of an address that others share, under the name of this one of them."""
    resident = session.get(Subscriber, person.subscriber_id) if person.subscriber_id else None
    if resident is None or not resident.name:
        return []
    shared = _rows_at(session, set(person.addresses) - set(person.own))
    return [row for row in shared if str(row.cells.get("name") or "").casefold() == resident.name.casefold()]


def widen(session: Session, held: Held) -> Held:
    """The addresses of a resident who is held."""
    ids = set(session.scalars(select(Subscriber.id).where(Subscriber.public_id.in_(held.subjects))))
    linked = SubscriberAddress.address_id
    addresses = session.scalars(select(linked).where(SubscriberAddress.subscriber_id.in_(ids)))
    return held.more(subscribers=ids, addresses=addresses)


PART = Part(
    name="subscribers",
    tables=frozenset(
        {
            *("subscribers", "subscriber_addresses", "zone_subscriptions", "topic_subscriptions"),
            *("imports", "import_pieces", "import_rows"),
            *("waiting_list", "sign_ups", "sign_up_addresses", "consent_records", "objections"),
        }
    ),
    impersonal={
        "zones": "data of the office",
        "topics": "data of the office",
        "keywords": "data of the office",
        "partner_sites": "data of the office",
        "zone_postcodes": "data of the office",
        "zone_boundaries": "data of the office",
        "leavings": "why somebody left, by month; nothing in it leads back to them",
        "consent_wordings": "the words that people agree to, the same for everybody",
    },
    subjects=subjects,
    export=export,
    stop=stop,
    erase=erase,
    widen=widen,
    purgers=purging.PURGERS,
)
