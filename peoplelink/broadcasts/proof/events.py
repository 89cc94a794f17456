"""What a link says of each event. The later checks in `checking` read the same facts again."""

import datetime as dt
import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, ProofKind, ProofLink
from peoplelink.broadcasts.proof import kept, rows
from peoplelink.broadcasts.proof.chain import add, canonical, digest, hold
from peoplelink.broadcasts.proof.mailing import mail_head
from peoplelink.officers.models import Officer
from peoplelink.outbound import progress
from peoplelink.outbound.models import Content, Delivery, Dispatch

NO_APPROVAL = "off: a single officer"


def sent(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> ProofLink:
    """An officer sent it off: these words, to this audience, with this approval."""
    facts = {"by": by.public_id, "edition": broadcast.edition, **signatures(session, broadcast), **draft(broadcast)}
    return add(session, broadcast, ProofKind.SENT, facts, now=now)


def frozen(session: Session, broadcast: Broadcast, *, now: dt.datetime) -> ProofLink:
    """The words are frozen, and the people counted."""
    facts = {
        "counted": broadcast.recipients,
        "left_out": broadcast.left_out,
        "dispatch": dispatch(session, broadcast),
        "contents": contents(session, broadcast),
    }
    return add(session, broadcast, ProofKind.FROZEN, facts, now=now)


def released(session: Session, broadcast: Broadcast, *, now: dt.datetime) -> ProofLink:
    """Everybody who gets it has been written down: the digest of who they are."""
    number = hold(session, broadcast)
    found = rows.stretches(rows.read(session, _dispatch_id(broadcast)))
    total = kept.write(session, broadcast.id, number, found, with_states=False)
    return add(session, broadcast, ProofKind.RELEASED, {"recipients": broadcast.recipients, **_said(total)}, now=now)


def finished(session: Session, broadcast: Broadcast, *, now: dt.datetime) -> ProofLink:
    """It is over: what became of each delivery. The head goes to the officers who sent and approved it.

    The caller has taken its turn (`take_turn`).
    """
    number, ends = hold(session, broadcast), kept.ends(session, broadcast.id)
    found = rows.stretches(rows.read(session, _dispatch_id(broadcast)), ends or None)
    known = range(1, len(ends) + 1)
    total = kept.write(session, broadcast.id, number, found, with_states=True, known=known)
    link = add(session, broadcast, ProofKind.FINISHED, {"counts": counts(session, broadcast), **_said(total)}, now=now)
    mail_head(session, broadcast, link, now=now)
    return link


def late(session: Session, broadcast: Broadcast, delivery_ids: Collection[int], *, now: dt.datetime) -> None:
    """News of deliveries came after the end: what has become of them now."""
    moved = session.execute(
        select(Delivery.public_id, Delivery.status, Delivery.reason)
        .where(Delivery.id.in_(delivery_ids), Delivery.dispatch_id == broadcast.dispatch_id)
        .order_by(Delivery.id)
    ).all()
    states = {row.public_id: f"{row.status}:{row.reason}" if row.reason else str(row.status) for row in moved}
    if states:
        add(session, broadcast, ProofKind.LATE, {"deliveries": states}, now=now)


def draft(broadcast: Broadcast) -> dict[str, Any]:
    """What an officer wrote, for whom, and when it may go out."""
    written = [
        {"medium": content.medium, "language": content.language, "subject": content.subject, "body": content.body}
        for content in broadcast.contents
    ]
    return {
        "title": broadcast.title,
        "words": sorted(written, key=lambda words: (words["medium"], words["language"])),
        "zones": sorted(({"id": zone.id, "name": zone.name} for zone in broadcast.zones), key=_by_id),
        "topics": sorted(({"id": topic.id, "name": topic.name} for topic in broadcast.topics), key=_by_id),
        "importance": broadcast.importance,
        "when": {
            "scheduled_for": broadcast.scheduled_for,
            "expires_at": broadcast.expires_at,
            "ignores_quiet_hours": broadcast.ignores_quiet_hours,
            "ignores_quiet_because": broadcast.ignores_quiet_because,
        },
    }


def signatures(session: Session, broadcast: Broadcast) -> dict[str, str]:
    """Who wrote it and who approved it, by public id."""
    approver = session.get(Officer, broadcast.approved_by_id) if broadcast.approved_by_id else None
    return {
        "written_by": broadcast.created_by.public_id,
        "approval": approver.public_id if approver else NO_APPROVAL,
    }


def dispatch(session: Session, broadcast: Broadcast) -> dict[str, Any]:
    """The dispatch that carries it."""
    found = session.get_one(Dispatch, _dispatch_id(broadcast))
    return {
        "public_id": found.public_id,
        "purpose": found.purpose,
        "urgency": found.urgency,
        "created_at": found.created_at,
    }


def contents(session: Session, broadcast: Broadcast) -> list[dict[str, Any]]:
    """The words as they are handed over; digests, since they follow from what the officer wrote."""
    found = session.scalars(
        select(Content)
        .where(Content.dispatch_id == broadcast.dispatch_id)
        .order_by(Content.medium, Content.language, Content.id)
    )
    return [
        {
            "id": content.id,
            "medium": content.medium,
            "language": content.language,
            "segments": content.segments,
            "personal": content.personal,
            "digest": digest([content.subject, content.text, content.html]),
        }
        for content in found
    ]


def counts(session: Session, broadcast: Broadcast) -> dict[str, dict[str, int]]:
    """How many deliveries stand where, by medium."""
    found = progress.counts(session, _dispatch_id(broadcast))
    return {str(medium): {str(status): number for status, number in of.items()} for medium, of in found.items()}


def plain(value: Any) -> Any:
    """A value as it stands in a link that was read back."""
    return json.loads(canonical(value))


def _said(total: kept.Total) -> dict[str, Any]:
    return {"deliveries": total.rows, "stretches": total.stretches, "digest": total.digest}


def _by_id(named: dict[str, Any]) -> int:
    return int(named["id"])


def _dispatch_id(broadcast: Broadcast) -> int:
    assert broadcast.dispatch_id is not None, "it has been released"
    return broadcast.dispatch_id
