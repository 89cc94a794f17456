"""What we hold about a resident, and which officers have looked at it, told to the resident.

A summary: everything word for word is the export (`peoplelink/rights`). Where several share an address it tells of this
address only, and what came from it may be another's; the resident's other addresses are not part of it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import Attachment, Conversation, ReceivedMessage
from peoplelink.intelligence.models import Report, ReportSource
from peoplelink.languages import gettext as _
from peoplelink.officers.models import Officer, Role
from peoplelink.officers.rights import done_with
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import NOT_SENT, Purpose
from peoplelink.subscribers import records, records_words
from peoplelink.subscribers.choosing import Seat
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, ConsentWording

MOST = 100
"""Lines of a list; the newest of them are shown."""


@dataclass(frozen=True)
class Agreed:
    """A line of the ledger, as it is shown."""

    at: dt.datetime
    says: str
    how: str
    words: str
    """What they agreed to, word for word."""


@dataclass(frozen=True)
class Look:
    """An officer looked at something of theirs."""

    at: dt.datetime
    who: str
    what: str


@dataclass(frozen=True)
class Held:
    """What the page tells."""

    since: dt.datetime
    addresses: list[str]
    sent: dict[str, int]
    """How many messages we sent, by what they were for."""
    received: int
    conversations: int
    reports: int
    agreed: list[Agreed]
    looks: list[Look]


def held(session: Session, seat: Seat) -> Held:
    """The summary for one resident."""
    links = seat.links()
    ids, hashes = [link.address_id for link in links], [link.address.hash for link in links]
    conversations = session.execute(
        select(Conversation.id, Conversation.public_id).where(Conversation.address_id.in_(ids))
    ).all()
    reports = session.execute(
        select(Report.id, Report.public_id)
        .join(ReportSource, ReportSource.report_id == Report.id)
        .where(ReportSource.conversation_id.in_([row.id for row in conversations]))
    ).all()
    return Held(
        since=seat.person.created_at,
        addresses=[link.address.value for link in links],
        sent=_sent(session, ids),
        received=_received(session, ids),
        conversations=len(conversations),
        reports=len(reports),
        agreed=_agreed(session, seat.person.id, hashes),
        looks=_looks(session, seat, [row.public_id for row in conversations], [row.public_id for row in reports], ids),
    )


def _sent(session: Session, address_ids: Sequence[int]) -> dict[str, int]:
    rows = session.execute(
        select(Dispatch.purpose, func.count())
        .select_from(Delivery)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(Delivery.address_id.in_(address_ids), Delivery.status.not_in(NOT_SENT))
        .group_by(Dispatch.purpose)
    )
    counted: Counter[str] = Counter()
    for purpose, number in rows:
        counted[_purpose_words(purpose)] += number
    return dict(counted)


def _purpose_words(purpose: Purpose) -> str:
    words = {
        Purpose.BROADCAST: _("News from your zones"),
        Purpose.DIGEST: _("News from your zones"),
        Purpose.REPLY: _("Answers to you by a person"),
    }
    return words.get(purpose, _("Automatic answers, links and questions"))


def _received(session: Session, address_ids: Sequence[int]) -> int:
    mine = select(func.count()).select_from(ReceivedMessage).where(ReceivedMessage.address_id.in_(address_ids))
    return session.scalar(mine) or 0


def _agreed(session: Session, subscriber_id: int, hashes: Sequence[str]) -> list[Agreed]:
    rows = session.execute(
        select(ConsentRecord, ConsentWording.words)
        .outerjoin(ConsentWording, ConsentWording.id == ConsentRecord.wording_id)
        .where(ConsentRecord.subscriber_id == subscriber_id, ConsentRecord.address_hash.in_(hashes))
        .order_by(ConsentRecord.id.desc())
        .limit(MOST)
    )
    return [
        Agreed(
            record.at,
            _said(record),
            records_words.how(record.how, record.medium),
            records.filled(session, record, words or ""),
        )
        for record, words in rows
    ]


def _said(record: ConsentRecord) -> str:
    given = record.action is ConsentAction.GIVEN
    if "zones" in record.evidence:
        return _("You asked to hear about a zone") if given else _("You asked not to hear about a zone any more")
    if record.medium is Medium.SMS:
        return _("You agreed to get texts") if given else _("You asked us to stop texts")
    return _("You agreed to get emails") if given else _("You asked us to stop emails")


def _looks(
    session: Session, seat: Seat, conversations: Collection[str], reports: Collection[str], address_ids: Sequence[int]
) -> list[Look]:
    """What officers did with what is theirs, newest first. Never who the officer was: the office answers for them."""
    attachments = session.scalars(
        select(Attachment.public_id)
        .join(ReceivedMessage, ReceivedMessage.id == Attachment.message_id)
        .where(ReceivedMessage.address_id.in_(address_ids))
    )
    addresses = [link.address.public_id for link in seat.links()]
    theirs = {
        "conversation": list(conversations),
        "report": list(reports),
        "attachment": list(attachments),
        "address": addresses,
        "resident": [seat.person.public_id],
    }
    subjects = [
        and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id.in_(ids)) for kind, ids in theirs.items() if ids
    ]
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.actor, AuditEvent.subject_kind, AuditEvent.action)
        .where(or_(*subjects), AuditEvent.actor.startswith("officer:", autoescape=True))
        .order_by(AuditEvent.id.desc())
        .limit(MOST)
    ).all()
    roles = _roles(session, {row.actor for row in rows})
    return [
        Look(row.at, roles.get(row.actor, _("An officer")), done_with(row.subject_kind, row.action)) for row in rows
    ]


def _roles(session: Session, actors: Collection[str]) -> dict[str, str]:
    ids = [actor.partition(":")[2] for actor in actors]
    officers = session.execute(select(Officer.public_id, Officer.role).where(Officer.public_id.in_(ids)))
    words = {
        Role.VIEWER: _("An officer who reads"),
        Role.COMPOSER: _("An officer who writes messages"),
        Role.APPROVER: _("An officer who approves messages"),
        Role.ANALYST: _("An officer who makes reports"),
        Role.ADMINISTRATOR: _("An administrator"),
        Role.CONNECTOR: _("A community connector"),
        Role.DATA_PROTECTION: _("The data protection officer"),
    }
    return {f"officer:{public_id}": words[role] for public_id, role in officers}
