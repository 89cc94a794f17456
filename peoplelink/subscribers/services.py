"""Who lives at an address, and what happens when they say stop or start."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.errors import NotFoundError
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import consent
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import (
    ConsentAction,
    LinkStatus,
    SignUp,
    SignUpAddress,
    Subscriber,
    SubscriberAddress,
    Zone,
    ZoneSubscription,
)

LIFTED_BY_START = frozenset(
    {SuppressionReason.STOP, SuppressionReason.PROVIDER, SuppressionReason.UNSUBSCRIBED, SuppressionReason.OFFICER}
)
"""What the resident asked for, of us, the provider or an officer, and may take back; a bounce is not undone by it."""
_NOT_LIFTED = frozenset({SuppressionReason.COMPLAINED, SuppressionReason.ERASED})
"""What somebody who shared the address asked for, and START leaves standing. Whom it brought back we could not write
to, and would take for a resident who need not be asked when they text JOIN."""
COMES_BACK_WITHIN = dt.timedelta(days=30)
"""How long after a STOP a START is taken to come from the same person: phone companies hand numbers on after months."""


class Started(StrEnum):
    """Whom a START brought back."""

    BACK = "back"  # the one resident who left there last
    NOBODY = "nobody"  # nobody had left there, somebody lives there now, or it may not be written to all the same
    SEVERAL = "several"  # several had left at once, and a text does not say which of them wrote it
    LONG_AGO = "long ago"  # the number may have gone to somebody else since


def subscribers_at(session: Session, address: Address) -> list[Subscriber]:
    """The residents who may be written to at an address, longest known first; a household may share one."""
    return list(
        session.scalars(
            select(Subscriber)
            .join(SubscriberAddress)
            .where(SubscriberAddress.address_id == address.id, SubscriberAddress.status == LinkStatus.LIVE)
            .order_by(Subscriber.id)
        )
    )


def latest_at(session: Session, address: Address) -> list[Subscriber]:
    """The residents at an address, or, where nobody lives there any more, those who left it last."""
    living = subscribers_at(session, address)
    return living or [link.subscriber for link in _left_last(session, address)]


def addresses_of(session: Session, subscriber_id: int | None) -> set[int]:
    """The ids of every address of a resident, live or not, and of those they were asked to confirm; none for None."""
    known = subscriber_id or 0
    linked = select(SubscriberAddress.address_id).where(SubscriberAddress.subscriber_id == known)
    asked = select(SignUpAddress.address_id).join(SignUp).where(SignUp.subscriber_id == known)
    return {*session.scalars(linked), *session.scalars(asked)}


def has_given_up(session: Session, subscriber_id: int, address: Address, *, now: dt.datetime) -> bool:
    """Whether this was a resident's address and, as far as we know, is no more: what is said there is another's."""
    link = session.get(SubscriberAddress, (subscriber_id, address.id))
    until = theirs_until(link) if link else None
    return until is not None and until <= now


def theirs_until(link: SubscriberAddress) -> dt.datetime | None:
    """Until when what is said at an address is taken to be a resident's; None while it may be theirs.

    A number that has been stopped for long may have been handed on; a mailbox is not.
    """
    if link.status is LinkStatus.CLOSED:
        return link.stopped_at
    stopped = link.stopped_at if link.address.medium is Medium.SMS else None
    return stopped + COMES_BACK_WITHIN if stopped else None


def _long_ago(link: SubscriberAddress, now: dt.datetime) -> bool:
    return link.stopped_at is not None and link.stopped_at < now - COMES_BACK_WITHIN


def close(session: Session, address: Address, *, now: dt.datetime) -> bool:
    """Let nobody come back to those who stopped here: the address is not theirs, or they have died. Whether any did.

    Of several who shared it we know not whose it still is.
    """
    links = [link for link in _links(session, address, LinkStatus.STOPPED) if not _long_ago(link, now)]
    if len(links) != 1:
        return False
    links[0].status = LinkStatus.CLOSED
    return True


def address_of(session: Session, public_id: str) -> Address:
    """The address with this public id; raises NotFoundError."""
    found = session.scalar(select(Address).where(Address.public_id == public_id))
    if found is None:
        raise NotFoundError("this address is no longer kept")
    return found


def zones_of(session: Session, subscriber: Subscriber) -> list[Zone]:
    """The zones a resident chose, by name."""
    return list(
        session.scalars(
            select(Zone)
            .join(ZoneSubscription, ZoneSubscription.zone_id == Zone.id)
            .where(ZoneSubscription.subscriber_id == subscriber.id)
            .order_by(Zone.name)
        )
    )


def stop_address(
    session: Session,
    address: Address,
    *,
    reason: SuppressionReason,
    how: str,
    source: str,
    evidence: dict[str, Any],
    now: dt.datetime,
    actor: str = "resident",
) -> bool:
    """Write to this address no more, whoever shares it. True when that changed anything; harmless twice.

    Suppresses it (which takes back what is queued), stops every resident's link to it, forgets sign-ups that wait for
    it, and writes each withdrawal into the ledger. `how` is for the ledger ("STOP"), `source` for the suppression.
    """
    addresses.hold(session, [address.id])
    suppressed = outbound.suppress(session, address, reason, source=source, now=now)
    stopped = _stop_links(session, address, how=how, evidence=evidence, now=now)
    # A YES or a click that comes after STOP must not bring back what was asked before it.
    forgotten = _forget_questions(session, address)
    if suppressed or stopped or forgotten:
        detail: dict[str, object] = {
            "how": how, "reason": reason.value, "residents": stopped, "questions": forgotten,
        }  # fmt: skip
        _audit(session, "address.stopped", address, now=now, actor=actor, **detail)
    return suppressed or stopped > 0


def stop_as_asked(
    session: Session, address: Address, *, evidence: dict[str, Any], now: dt.datetime, how: str = "STOP"
) -> bool:
    """`stop_address` because whoever reads this address told us so from there, by text or by mail."""
    by_mail = address.medium is Medium.EMAIL
    reason, source = (SuppressionReason.UNSUBSCRIBED, "email") if by_mail else (SuppressionReason.STOP, "text")
    return stop_address(session, address, reason=reason, how=how, source=source, evidence=evidence, now=now)


def decline(session: Session, address: Address, *, evidence: dict[str, Any], now: dt.datetime) -> None:
    """A NO to what was asked at this address: forget that it was, and send no question that waits to be sent.

    Nobody who lives there is touched, nor a place on the waiting list that was confirmed.
    """
    _forget_questions(session, address, places=False)
    outbound.take_back(session, address, [Purpose.CONFIRMATION], now=now)
    _audit(session, "sign_up.declined", address, now=now, **evidence)


def has_left(session: Session, address: Address) -> bool:
    """Whether there is nothing to stop any more: we may not write to an address, and nobody lives there."""
    return bool(outbound.suppressions_of(session, address)) and not subscribers_at(session, address)


def opted_out(session: Session, address_id: int, how: str, now: dt.datetime) -> None:
    """What a provider told outbound, which has suppressed the address already: stop its residents' links too."""
    address = session.get(Address, address_id)
    if address is None:
        return
    stopped = _stop_links(session, address, how=how, evidence={}, now=now)
    _forget_questions(session, address)
    if stopped:
        _audit(session, "address.stopped", address, now=now, how=how, residents=stopped)


def start_address(
    session: Session, address: Address, *, how: str, evidence: dict[str, Any], now: dt.datetime
) -> Started:
    """A START from this address: lift what its holder may take back, and write again to the one resident it can be.

    See docs/adr/0006. Harmless twice.
    """
    lifted = outbound.lift(session, address, LIFTED_BY_START, by=how, now=now)
    left = _left_last(session, address)
    if not left or outbound.suppressions_of(session, address) & _NOT_LIFTED:
        started = Started.NOBODY
    elif len(left) > 1:
        started = Started.SEVERAL
    elif _long_ago(left[0], now):
        started = Started.LONG_AGO
    else:
        started = Started.BACK
        _revive(session, left[0], how=how, evidence=evidence, now=now)
    if lifted or left:
        _audit(session, "address.started", address, now=now, how=how, lifted=lifted, who=started.value)
    return started


def _left_last(session: Session, address: Address) -> list[SubscriberAddress]:
    """The residents whose link to an address ended when it was last stopped; none while anybody lives there."""
    stopped = _links(session, address, LinkStatus.STOPPED)
    if not stopped or subscribers_at(session, address):
        return []
    last = max(link.stopped_at for link in stopped if link.stopped_at is not None)
    return [link for link in stopped if link.stopped_at == last]


def _revive(session: Session, link: SubscriberAddress, *, how: str, evidence: dict[str, Any], now: dt.datetime) -> None:
    link.status, link.stopped_at = LinkStatus.LIVE, None
    before = consent.last_given(session, link.subscriber, link.address)
    consent.write(
        session,
        link.subscriber,
        link.address,
        ConsentAction.GIVEN,
        how=how,
        evidence=evidence,
        now=now,
        wording_id=before.wording_id if before else None,
    )


def _stop_links(session: Session, address: Address, *, how: str, evidence: dict[str, Any], now: dt.datetime) -> int:
    links = _links(session, address, LinkStatus.LIVE)
    for link in links:
        link.status, link.stopped_at = LinkStatus.STOPPED, now
        consent.write(session, link.subscriber, address, ConsentAction.WITHDRAWN, how=how, evidence=evidence, now=now)
    return len(links)


def _forget_questions(session: Session, address: Address, *, places: bool = True) -> int:
    """Forget what waits to be confirmed at an address; and `places`, those on the waiting list that were confirmed."""
    waits = delete(Waiting).where(Waiting.address_id == address.id)
    asked = delete(SignUpAddress).where(SignUpAddress.address_id == address.id, SignUpAddress.confirmed_at.is_(None))
    gone = [
        session.execute((waits if places else waits.where(Waiting.confirmed_at.is_(None))).returning(Waiting.id)).all(),
        session.execute(asked.returning(SignUpAddress.sign_up_id)).all(),
    ]
    return sum(map(len, gone))


def _links(session: Session, address: Address, status: LinkStatus) -> list[SubscriberAddress]:
    return list(
        session.scalars(
            select(SubscriberAddress)
            .where(SubscriberAddress.address_id == address.id, SubscriberAddress.status == status)
            .order_by(SubscriberAddress.subscriber_id)
            .with_for_update()
        )
    )


def _audit(
    session: Session, action: str, address: Address, *, now: dt.datetime, actor: str = "resident", **detail: object
) -> None:
    audit.record(session, action, actor=actor, subject_kind="address", subject_id=address.public_id, now=now, **detail)
