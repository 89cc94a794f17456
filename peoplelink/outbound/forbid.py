"""What follows when a provider tells us that an address may not, or cannot, be written to."""

import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.channels.messages import EventKind, FailureReason
from peoplelink.outbound.models import Address
from peoplelink.outbound.services import suppress
from peoplelink.outbound.states import SuppressionReason
from peoplelink.runtime import Listeners

_BY_REASON = {
    FailureReason.OPTED_OUT: SuppressionReason.PROVIDER,
    FailureReason.BAD_ADDRESS: SuppressionReason.BOUNCED,
    FailureReason.NOT_MOBILE: SuppressionReason.BOUNCED,
}
_BY_KIND = {
    EventKind.COMPLAINED: SuppressionReason.COMPLAINED,
    EventKind.UNSUBSCRIBED: SuppressionReason.UNSUBSCRIBED,
}
# The person's own wish, which upper layers must hear of; a dead number is no wish.
_WISHES = frozenset({SuppressionReason.PROVIDER, SuppressionReason.COMPLAINED, SuppressionReason.UNSUBSCRIBED})


def why(kind: EventKind, reason: FailureReason | None, *, permanent: bool) -> SuppressionReason | None:
    """Which suppression a piece of news calls for, if any. `permanent`: the provider blames the address itself."""
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if kind is not EventKind.FAILED:
        return None
    if reason is FailureReason.OPTED_OUT or permanent:
        return _BY_REASON.get(reason or FailureReason.UNKNOWN, SuppressionReason.BOUNCED)
    return None


def forbid(
    session: Session,
    address_id: int,
    reason: SuppressionReason,
    *,
    source: str,
    listeners: Listeners,
    now: dt.datetime,
) -> None:
    """Suppress an address, and tell those above when it was the person's wish. Harmless twice."""
    address = session.get_one(Address, address_id)
    is_new = suppress(session, address, reason, source=source, now=now)
    if is_new and reason in _WISHES:
        for listener in listeners.opted_out:
            listener(session, address_id, source, now)
