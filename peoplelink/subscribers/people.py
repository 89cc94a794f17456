"""Who somebody is, by a number or a mailbox: the residents who have lived there, or only the address."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from peoplelink.outbound import addresses
from peoplelink.outbound.models import Address
from peoplelink.persons import Person
from peoplelink.subscribers import services
from peoplelink.subscribers.imports.models import Import, ImportRow, RowStatus
from peoplelink.subscribers.models import LinkStatus, Subscriber, SubscriberAddress


def at(session: Session, address: Address) -> list[Subscriber]:
    """The residents an address is or was confirmed for, longest known first; a household may share one."""
    theirs = SubscriberAddress.address_id == address.id
    return list(session.scalars(select(Subscriber).join(SubscriberAddress).where(theirs).order_by(Subscriber.id)))


def person_of(session: Session, subscriber: Subscriber) -> Person:
    """A resident, with the addresses that are theirs alone told from those they share."""
    links = session.scalars(select(SubscriberAddress).where(SubscriberAddress.subscriber_id == subscriber.id)).all()
    theirs = frozenset(link.address_id for link in links)
    linked = SubscriberAddress.address_id
    others = select(linked).where(linked.in_(theirs), SubscriberAddress.subscriber_id != subscriber.id)
    shared = frozenset(session.scalars(others))
    until = {link.address_id: end for link in links if (end := services.theirs_until(link))}
    return Person(subscriber.public_id, subscriber.id, own=theirs - shared, shared=shared, until=until)


def held_still(session: Session, person: Person) -> Person:
    """A person as they are now, at addresses where nobody joins or leaves until we are done."""
    if person.subscriber_id is None:
        return person
    lock_imports(session, person.addresses)
    addresses.hold(session, person.addresses | services.addresses_of(session, person.subscriber_id))
    resident = session.get(Subscriber, person.subscriber_id)
    return person_of(session, resident) if resident else person


def person_at(session: Session, address: Address) -> Person:
    """Whoever is behind an address at which no resident lives or lived; what is a resident's is not theirs."""
    ids = frozenset({address.id})
    return Person(address.public_id, shared=ids) if at(session, address) else Person(address.public_id, own=ids)


def by_public_id(session: Session, public_id: str) -> Person | None:
    """The resident or the address with this public id."""
    subscriber = session.scalar(select(Subscriber).where(Subscriber.public_id == public_id))
    if subscriber is not None:
        return person_of(session, subscriber)
    address = session.scalar(select(Address).where(Address.public_id == public_id))
    return person_at(session, address) if address is not None else None


def living_elsewise(session: Session, person: Person, address_ids: Collection[int]) -> frozenset[int]:
    """Those of these addresses at which somebody else may still be written to."""
    others = select(SubscriberAddress.address_id).where(
        SubscriberAddress.address_id.in_(address_ids),
        SubscriberAddress.subscriber_id != (person.subscriber_id or 0),
        SubscriberAddress.status == LinkStatus.LIVE,
    )
    return frozenset(session.scalars(others))


def still_theirs(session: Session, person: Person) -> Person:
    """The same, without addresses at which somebody else has come to live since."""
    others = select(SubscriberAddress.address_id).where(
        SubscriberAddress.address_id.in_(person.own),
        SubscriberAddress.subscriber_id != (person.subscriber_id or 0),
    )
    gone = frozenset(session.scalars(others))
    return replace(person, own=person.own - gone, shared=person.shared | gone)


def speaks_of(ids: Iterable[int]) -> ColumnElement[bool]:
    """Rows of imports that name one of these addresses, for a query."""
    hashes = select(Address.hash).where(Address.id.in_(ids))
    return or_(ImportRow.mobile_hash.in_(hashes), ImportRow.email_hash.in_(hashes))


def lock_imports(session: Session, ids: Iterable[int]) -> None:
    """Who adds the people of an import holds it, and then addresses: none of them is added and erased at once."""
    under_way = select(ImportRow.import_id).where(speaks_of(ids), ImportRow.status == RowStatus.WAITING)
    session.execute(select(Import.id).where(Import.id.in_(under_way)).order_by(Import.id).with_for_update())
