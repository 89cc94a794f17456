"""What upper layers ask of outbound: queue one message, suppress an address, lift a suppression, resume a lane."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from peoplelink import languages
from peoplelink.channels.messages import Medium
from peoplelink.db import is_sqlite, ring_after_commit
from peoplelink.outbound import words
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch, Lane, Suppression
from peoplelink.outbound.states import RANK, DeliveryStatus, Purpose, SuppressionReason, Urgency

_KEY_ID = "1"  # of the address key; a rotation will count on


def lane_of(medium: Medium, urgency: Urgency) -> str:
    """The name of a lane: a sender and an urgency. There is one sender a medium so far."""
    return f"{medium.value}:{urgency.value}"


def queue_message(
    session: Session,
    address: Address,
    *,
    purpose: Purpose,
    body: str,
    now: dt.datetime,
    subject: str = "",
    expires_at: dt.datetime | None = None,
) -> Delivery:
    """One urgent message to one address, in the language spoken: a finished text, or an email's subject and Markdown.

    A suppressed address is found out at the claim, unless the purpose passes (see `states.PASSES`).
    """
    dispatch = Dispatch(purpose=purpose, urgency=Urgency.URGENT, created_at=now, released_at=now, expires_at=expires_at)
    content = make_content(
        dispatch, words.Words(address.medium, str(body), str(subject), languages.current().code), merge=False
    )
    delivery = Delivery(
        dispatch=dispatch,
        address=address,
        content=content,
        lane=lane_of(address.medium, Urgency.URGENT),
        segments=content.segments,
        expires_at=expires_at,
        created_at=now,
    )
    session.add_all([dispatch, content, delivery])
    session.flush()
    ring_after_commit(session, f"lane:{delivery.lane}")
    return delivery


def make_content(dispatch: Dispatch, said: words.Words, *, merge: bool = True) -> Content:
    """Words frozen for a dispatch; without `merge` curly brackets are words like any other."""
    is_email, at_work = said.medium is Medium.EMAIL, dispatch.purpose is Purpose.NOTICE
    with languages.speaking(said.language):
        text = words.email_text(said.body, at_work=at_work) if is_email else said.body
        html = words.email_html(said.body, at_work=at_work) if is_email else ""
    return Content(
        dispatch=dispatch,
        medium=said.medium,
        language=said.language,
        subject=said.subject,
        text=text,
        html=html,
        segments=words.segments_of(said),
        personal=merge and words.has_merge_fields(said.subject + said.body),
    )


def suppress(session: Session, address: Address, reason: SuppressionReason, *, source: str, now: dt.datetime) -> bool:
    """Write to this address no more, and take back what is queued for it. True when that is new; harmless twice."""
    values = {
        "medium": address.medium,
        "hash": address.hash,
        "key_id": _KEY_ID,
        "reason": reason,
        "source": source,
        "created_at": now,
        "said_at": now,
    }
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    added = session.execute(
        insert(Suppression).values(values).on_conflict_do_nothing().returning(Suppression.id)
    ).scalar()
    if added is None:
        live = (Suppression.hash == address.hash, Suppression.reason == reason, Suppression.lifted_at.is_(None))
        session.execute(update(Suppression).where(*live, Suppression.said_at < now).values(said_at=now))
    _cancel_queued(session, address, now=now)
    return added is not None


def _cancel_queued(session: Session, address: Address, *, now: dt.datetime) -> None:
    answers = select(Dispatch.id).where(Dispatch.purpose == Purpose.OPT_OUT_ANSWER)
    _settle_waiting(session, address, DeliveryStatus.SUPPRESSED, Delivery.dispatch_id.not_in(answers), now=now)


def take_back(session: Session, address: Address, purposes: Collection[Purpose], *, now: dt.datetime) -> None:
    """Send nothing of these purposes to an address that still waits to be sent; what is on its way may arrive."""
    theirs = select(Dispatch.id).where(Dispatch.purpose.in_(purposes))
    _settle_waiting(session, address, DeliveryStatus.CANCELLED, Delivery.dispatch_id.in_(theirs), now=now)


def _settle_waiting(
    session: Session, address: Address, status: DeliveryStatus, which: ColumnElement[bool], *, now: dt.datetime
) -> None:
    waits = Delivery.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.HELD])
    session.execute(
        update(Delivery)
        .where(Delivery.address_id == address.id, waits, which)
        .values(status=status, rank=RANK[status], held_because=None, settled_at=now)
        .execution_options(synchronize_session="fetch")
    )


def lift(
    session: Session, address: Address, reasons: Collection[SuppressionReason], *, by: str, now: dt.datetime
) -> int:
    """End the live suppressions of an address that have one of these reasons; how many there were."""
    result = session.execute(
        update(Suppression)
        .where(Suppression.hash == address.hash, Suppression.reason.in_(reasons), Suppression.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by)
        .returning(Suppression.id)
    )
    return len(result.all())


def suppressions_of(session: Session, address: Address) -> frozenset[SuppressionReason]:
    """Why this address may not be written to just now; empty when it may."""
    live = select(Suppression.reason).where(Suppression.hash == address.hash, Suppression.lifted_at.is_(None))
    return frozenset(session.scalars(live))


def said_since(session: Session, address: Address, reason: SuppressionReason, *, since: dt.datetime) -> bool:
    """Whether a live suppression was said, or said again, after a moment."""
    live = (Suppression.hash == address.hash, Suppression.reason == reason, Suppression.lifted_at.is_(None))
    return bool(session.scalar(select(exists().where(*live, Suppression.said_at > since))))


def count_recent(session: Session, address: Address, purposes: Collection[Purpose], *, since: dt.datetime) -> int:
    """How many messages of these purposes were queued for an address since then, whatever became of them."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Dispatch)
            .where(Delivery.address_id == address.id, Dispatch.purpose.in_(purposes), Delivery.created_at >= since)
        )
        or 0
    )


def count_arriving(session: Session, address: Address, purposes: Collection[Purpose], *, since: dt.datetime) -> int:
    """How many messages of these purposes were queued or sent since then, or still wait: of what may be answered."""
    waits = Delivery.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.HELD, DeliveryStatus.SENDING])
    then = or_(Delivery.created_at >= since, Delivery.sent_at >= since, waits)
    asked = (Delivery.address_id == address.id, Dispatch.purpose.in_(purposes), then)
    return session.scalar(select(func.count()).select_from(Delivery).join(Dispatch).where(*asked)) or 0


def pause_lane(session: Session, name: str, *, because: str, now: dt.datetime) -> None:
    """Claim nothing from a lane until somebody has put right what `because` says."""
    lane = session.get(Lane, name) or Lane(name=name)
    session.add(lane)
    lane.paused_at, lane.paused_because = now, because


def resume_lane(session: Session, name: str) -> None:
    """Claim from a lane again."""
    lane = session.get(Lane, name)
    if lane is not None:
        lane.paused_at = lane.paused_because = None
    ring_after_commit(session, f"lane:{name}")


def paused_lanes(session: Session) -> list[Lane]:
    """The lanes that wait for somebody to put something right."""
    return list(session.scalars(select(Lane).where(Lane.paused_at.is_not(None)).order_by(Lane.name)))
