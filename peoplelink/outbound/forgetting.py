"""Forgetting an address that nobody has any more, with what was sent to it alone."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from peoplelink.outbound.models import Address, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.persons import unreferenced

_OURS_ALONE = frozenset({Purpose.CONFIRMATION, Purpose.KEYWORD_ANSWER, Purpose.OPT_OUT_ANSWER, Purpose.ACKNOWLEDGEMENT})
"""What we say by ourselves, one message at a time. A broadcast's rows are counted and proved, an officer's answer is
part of a conversation."""
_UNDER_WAY = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.HELD, DeliveryStatus.SENDING})
"""One whose outcome is still unknown when all else is over may stay so for ever: it keeps nothing."""


def lock(session: Session, ids: Collection[int]) -> list[int]:
    """Lock those of these addresses that still are, before anything that speaks of them is deleted.

    Whoever signs up, confirms or says STOP there at this moment waits for the lock, or we do.
    """
    return list(session.scalars(select(Address.id).where(Address.id.in_(ids)).order_by(Address.id).with_for_update()))


def forget_addresses(session: Session, ids: Collection[int]) -> int:
    """Delete those of these addresses that nothing else speaks of, and our own messages to them; how many.

    Suppressions hold a hash and stay. Whatever table comes to point to addresses is looked at, without being named.
    """
    free = list(session.scalars(select(Address.id).where(Address.id.in_(lock(session, ids)), ~_spoken_of())))
    if not free:
        return 0
    theirs = select(Delivery.dispatch_id).where(Delivery.address_id.in_(free))
    session.execute(
        delete(Dispatch)
        .where(Dispatch.id.in_(theirs), Dispatch.purpose.in_(_OURS_ALONE))
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Address).where(Address.id.in_(free)).execution_options(synchronize_session=False))
    return len(free)


def under_way(address_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a message to an address is still to be sent, or on its way: the address waits, and what goes with it."""
    return exists().where(Delivery.address_id == address_id, Delivery.status.in_(_UNDER_WAY))


def _spoken_of() -> ColumnElement[bool]:
    """Whether a row of any other table, or a message that is not ours alone or still under way, holds an address."""
    others = exists().where(
        Delivery.address_id == Address.id, Dispatch.id == Delivery.dispatch_id, Dispatch.purpose.not_in(_OURS_ALONE)
    )
    return others | under_way(Address.id) | ~unreferenced(Address, but_by=Delivery)
