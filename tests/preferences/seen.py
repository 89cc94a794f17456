"""What waits for a resident, and what is on record of them, for tests of their pages."""

from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import tasks as broadcast_tasks
from peoplelink.outbound.models import Delivery
from peoplelink.subscribers import links
from peoplelink.subscribers.models import (
    ConsentRecord,
    LinkStatus,
    Subscriber,
)
from tests import factories
from tests.preferences.conftest import resident_of
from tests.subscribers import people


def waiting(runtime, member, *, sms="A fair.", email=None, zones=("new-parks",), **columns):
    """A broadcast to these zones that is released: its deliveries wait."""
    with runtime.database.transaction() as session:
        broadcast = factories.make_broadcast(
            session, zones=[people.zone(session, slug) for slug in zones], sms=sms, email=email, status="releasing",
            **columns,
        )  # fmt: skip
    broadcast_tasks.release(runtime)
    with runtime.database.read() as session:
        ids = [link.address_id for link in resident_of(session, member).addresses]
        dispatch = session.get_one(type(broadcast), broadcast.id).dispatch_id
        return session.scalars(
            select(Delivery.id).where(Delivery.dispatch_id == dispatch, Delivery.address_id.in_(ids))
        ).all()


def statuses(runtime, ids):
    with runtime.database.read() as session:
        return [str(session.get_one(Delivery, one).status) for one in ids]


def ledger(session, public_id):
    rows = session.scalars(
        select(ConsentRecord).join(Subscriber, Subscriber.id == ConsentRecord.subscriber_id)
        .where(Subscriber.public_id == public_id).order_by(ConsentRecord.id)
    )  # fmt: skip
    return [(row.medium.value, row.action.value, row.how, row.evidence.get("zones")) for row in rows]


def counts(runtime):
    with runtime.database.read() as session:
        tables = (Subscriber, ConsentRecord, AuditEvent, Delivery)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def columns(_session, person):
    return {column.key: getattr(person, column.key) for column in person.__table__.columns}


def live(person):
    return {link.address.value for link in person.addresses if link.status is LinkStatus.LIVE}


def save_path(runtime, value):
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), value)
        return links.Links("", runtime.config.secret_keys).preferences(where)


def confirm_path(runtime, value):
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), value)
        words = people.sent_to(session, where)[-1][2]
    return words.split(runtime.config.public_url)[1].split(">")[0]
