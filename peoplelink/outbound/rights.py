"""What this package holds of a person: their addresses, whether these may be written to, and what we sent there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, contains_eager

from peoplelink import keys
from peoplelink.channels.messages import Medium
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.outbound.models import Address, Delivery, Dispatch, StatusNews, Suppression
from peoplelink.outbound.render import said_to
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.outbound.words import LEAVE_TAG, PREFERENCES_TAG
from peoplelink.persons import (
    Due,
    Erasing,
    Held,
    Part,
    Person,
    Purger,
    RecordClass,
    Section,
    Wish,
    counting,
    purger,
    unreferenced,
)

NOT_OURS = (Purpose.BROADCAST, Purpose.REPLY)
"""Taken away by the packages above: with a link in the proof, and with the conversation."""
_OPEN = (DeliveryStatus.SENDING,)
_SAID_TO_ALL = (Purpose.BROADCAST,)
"""What a household is told at an address it shares; the rest may be meant for another of them."""


ABOUT = {
    Purpose.BROADCAST: lazy_gettext("A message to everybody in your zone"),
    Purpose.TEST: lazy_gettext("A test"),
    Purpose.CONFIRMATION: lazy_gettext("A request to confirm"),
    Purpose.KEYWORD_ANSWER: lazy_gettext("An answer to a word you sent"),
    Purpose.OPT_OUT_ANSWER: lazy_gettext("An answer to STOP"),
    Purpose.ACKNOWLEDGEMENT: lazy_gettext("A thank-you for your message"),
    Purpose.REPLY: lazy_gettext("An answer to your message"),
    Purpose.RIGHTS: lazy_gettext("An answer to what you asked by right"),
    Purpose.ZONE_OPENED: lazy_gettext("News that a zone opens where you live"),
    Purpose.PREFERENCES: lazy_gettext("A link to your own page, or news of a change there"),
    Purpose.DIGEST: lazy_gettext("The messages of a day or week in one email"),
    Purpose.NOTICE: lazy_gettext("A note about your work"),
}
STATE = {
    DeliveryStatus.QUEUED: lazy_gettext("Waits to be sent"),
    DeliveryStatus.HELD: lazy_gettext("Waits until quiet hours end"),
    DeliveryStatus.SENDING: lazy_gettext("On its way"),
    DeliveryStatus.UNCONFIRMED: lazy_gettext("We do not know whether it was sent"),
    DeliveryStatus.SENT: lazy_gettext("Sent"),
    DeliveryStatus.FAILED: lazy_gettext("Did not arrive"),
    DeliveryStatus.DELIVERED: lazy_gettext("Arrived"),
    DeliveryStatus.SUPPRESSED: lazy_gettext("Not sent: we may not write there"),
    DeliveryStatus.EXPIRED: lazy_gettext("Not sent: it was too late"),
    DeliveryStatus.CANCELLED: lazy_gettext("Not sent: taken back"),
}
NOT_WRITTEN_TO = {
    SuppressionReason.STOP: lazy_gettext("You texted STOP"),
    SuppressionReason.UNSUBSCRIBED: lazy_gettext("You left by a link or by email"),
    SuppressionReason.BOUNCED: lazy_gettext("There is no such number or mailbox"),
    SuppressionReason.COMPLAINED: lazy_gettext("You marked our email as spam"),
    SuppressionReason.PROVIDER: lazy_gettext("The phone or mail company says that you do not want our messages"),
    SuppressionReason.OFFICER: lazy_gettext("You asked an officer to stop"),
    SuppressionReason.ERASED: lazy_gettext("You asked us to erase everything"),
}


def by(medium: Medium) -> str:
    """How something is sent, in a word for residents."""
    return _("Text") if medium is Medium.SMS else _("Email")


def export(session: Session, person: Person, _wish: Wish) -> Sequence[Section]:
    """What we sent, word by word, and whether we may write."""
    return [_deliveries(session, person), _suppressions(session, person)]


def _deliveries(session: Session, person: Person) -> Section:
    columns = {
        "at": _("When"),
        "by": _("By"),
        "to": _("To"),
        "about": _("Kind of message"),
        "subject": _("Subject"),
        "words": _("What we wrote"),
        "state": _("What became of it"),
    }
    wanted = _sent_to(person)
    rows = [_delivery(one) for one in session.scalars(wanted)]
    note = _("Of what went to a number or mailbox that you share, only messages to everybody are shown.")
    return Section("deliveries", _("What we sent you"), columns, rows, note=note if person.shared else "", position=30)


def _sent_to(person: Person) -> Select[Any]:
    shown = or_(
        person.theirs(Delivery.address_id, Delivery.created_at),
        and_(person.shared_then(Delivery.address_id, Delivery.created_at), Dispatch.purpose.in_(_SAID_TO_ALL)),
    )
    return (
        select(Delivery)
        .join(Delivery.dispatch)
        .join(Delivery.address)
        .join(Delivery.content)
        .options(contains_eager(Delivery.dispatch), contains_eager(Delivery.address), contains_eager(Delivery.content))
        .where(shown)
        .order_by(Delivery.created_at, Delivery.id)
    )


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "at": one.sent_at or one.created_at,
        "by": by(one.address.medium),
        "to": one.address.value,
        "about": str(ABOUT[one.dispatch.purpose]),
        "subject": one.content.subject,
        "words": _without_links(said_to(one.content, one)),
        "state": str(STATE[one.status]),
    }


def _without_links(words: str) -> str:
    """A message with words where its reader's own links stood: who holds such a link acts as that reader."""
    words = keys.without_tokens(words, _("(your own link)"))
    words = words.replace(LEAVE_TAG, _("(your own link to leave)"))
    return words.replace(PREFERENCES_TAG, _("(the page of your choices)"))


def _suppressions(session: Session, person: Person) -> Section:
    found = session.execute(
        select(Suppression, Address.value)
        .join(Address, Address.hash == Suppression.hash)
        .where(or_(*(there(Address.id, Suppression.created_at) for there in (person.theirs, person.shared_then))))
        .order_by(Suppression.id)
    )
    rows = [
        {"address": value, "reason": str(NOT_WRITTEN_TO[one.reason]), "since": one.created_at, "until": one.lifted_at}
        for one, value in found
    ]
    columns = {
        "address": _("Number or email address"),
        "reason": _("Why we do not write to it"),
        "since": _("Since"),
        "until": _("Until"),
    }
    return Section("suppressions", _("Where we do not write"), columns, rows, position=20)


def open_now(session: Session, address_ids: frozenset[int]) -> bool:
    """Whether a message to one of these is under way this moment: its outcome is known in seconds, or minutes."""
    under_way = (Delivery.address_id.in_(address_ids), Delivery.status.in_(_OPEN))
    return bool(session.scalar(select(exists().where(*under_way))))


def erase(session: Session, person: Person, erasing: Erasing) -> bool:
    """Messages and the addresses themselves; at a shared one only their name is taken out of what was sent.

    What is under way waits for its outcome. The packages above have taken their messages away already.
    """
    if open_now(session, person.own):
        return False
    theirs = select(Delivery.dispatch_id).where(Delivery.address_id.in_(person.own))
    alone = Dispatch.purpose.not_in(NOT_OURS)
    dispatches = list(session.scalars(select(Dispatch.id).where(Dispatch.id.in_(theirs), alone)))
    at_own = (Delivery.dispatch_id.in_(dispatches), Delivery.address_id.in_(person.own))
    gone = session.execute(delete(Delivery).where(*at_own).returning(Delivery.id)).all()
    erasing.count("messages we sent", len(gone))
    # With its words, unless it went to others as well.
    emptied = ~exists().where(Delivery.dispatch_id == Dispatch.id)
    session.execute(delete(Dispatch).where(Dispatch.id.in_(dispatches), emptied))
    gone = session.execute(
        delete(Address).where(Address.id.in_(person.own), unreferenced(Address)).returning(Address.id)
    ).all()
    erasing.count("numbers and email addresses", len(gone))
    session.expire_all()
    return not session.scalar(select(exists().where(Address.id.in_(person.own), unreferenced(Address))))


def widen(session: Session, held: Held) -> Held:
    """The addresses that a hold names."""
    return held.more(addresses=session.scalars(select(Address.id).where(Address.public_id.in_(held.subjects))))


def _due(due: Due) -> list[ColumnElement[bool]]:
    kept = or_(
        Delivery.created_at >= due.before,
        Delivery.address_id.in_(due.held.addresses),
        Delivery.status.in_((*_OPEN, DeliveryStatus.QUEUED, DeliveryStatus.HELD)),
    )
    needed = exists().where(Delivery.dispatch_id == Dispatch.id, kept)
    return [Dispatch.created_at < due.before, Dispatch.purpose.not_in(NOT_OURS), ~needed]


def _of_nobody(due: Due) -> list[ColumnElement[bool]]:
    return [StatusNews.received_at < due.before, StatusNews.delivery_id.is_(None)]


def _unused(due: Due) -> list[ColumnElement[bool]]:
    return [Address.created_at < due.before, Address.id.not_in(due.held.addresses), unreferenced(Address)]


def _purge_unused(session: Session, due: Due, limit: int) -> int:
    ids = list(session.scalars(select(Address.id).where(*_unused(due)).order_by(Address.id).limit(limit)))
    return len(
        session.execute(delete(Address).where(Address.id.in_(ids), unreferenced(Address)).returning(Address.id)).all()
    )


PART = Part(
    name="outbound",
    tables=frozenset(
        {"addresses", "suppressions", "dispatches", "contents", "deliveries", "attempts", "status_events"}
    ),
    impersonal={
        "lanes": "how sending stands",
        "dispatch_health": "how the last messages of a dispatch fared, as letters",
        "delivery_counts": "counts",
        "scheduler_leases": "which process acts",
        "restore_watch": "whether the database is a copy",
    },
    export=export,
    erase=erase,
    widen=widen,
    purgers=(
        purger(RecordClass.DELIVERIES, "confirmations, answers to keywords and thank-yous", Dispatch, _due),
        purger(RecordClass.PROVIDER_EVENTS, "news of messages that we do not know", StatusNews, _of_nobody),
        # After the purgers of the packages above, which let go of what refers to them.
        Purger(
            RecordClass.SIGN_UPS,
            "numbers and mailboxes that nothing refers to",
            counting(Address, _unused),
            _purge_unused,
        ),
    ),
    cannot_be_recalled=lazy_gettext(
        "What was sent is on the phone or in the mailbox it went to, and with the companies that carried it "
        "(Twilio, SendGrid) for as long as they keep it."
    ),
)
