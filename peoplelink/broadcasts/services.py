"""Broadcasts: write, edit, try out and send; and what conversations ask of them."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.broadcasts import checks, proof, scheduling, settling, steering
from peoplelink.broadcasts.checks import Draft
from peoplelink.broadcasts.models import Broadcast, BroadcastContent, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.db import ring_after_commit
from peoplelink.errors import ConflictError, ForbiddenError, InvalidInputError
from peoplelink.officers.models import Officer
from peoplelink.outbound import addresses, words
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import HANDED_OVER, Purpose
from peoplelink.subscribers.models import Topic, Zone

settled = settling.settled
failing = steering.failing
check = checks.check

COPY_MARK = "Copy of "
TEST_MARK = "Test: "
"""Before the subject of a test email; the text message is sent exactly as residents would get it."""


class NotADraftError(ConflictError):
    """It has been sent, or is on its way: its words stand."""


class EditedMeanwhileError(ConflictError):
    """Somebody saved another edition since this form was opened."""


def create_draft(session: Session, draft: Draft, *, by: Officer, now: dt.datetime) -> Broadcast:
    """A new draft. Raises ForbiddenError for a zone that is not the officer's, InvalidInputError without a title."""
    broadcast = Broadcast(created_by=by, created_at=now, updated_at=now, title="")
    _write(session, broadcast, draft, by)
    session.add(broadcast)
    _record(session, broadcast, "broadcast.drafted", by, now)
    return broadcast


def edit(session: Session, broadcast: Broadcast, draft: Draft, *, by: Officer, edition: int, now: dt.datetime) -> None:
    """Save other words; `edition` is the one the form was filled in from.

    Raises NotADraftError and EditedMeanwhileError, and what `create_draft` raises.
    """
    _lock(session, broadcast, edition)
    _write(session, broadcast, draft, by)
    broadcast.edition += 1
    broadcast.updated_at = now
    _record(session, broadcast, "broadcast.edited", by, now)


def copy(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> Broadcast:
    """A new draft with the words, topics and importance of another broadcast, sent or not; its times are left out.

    Zones that the officer may not write to are left out too.
    """
    draft = checks.draft_of(broadcast)
    zones = tuple(id_ for id_ in draft.zone_ids if by.allows("broadcasts.write", [id_]))
    title = f"{COPY_MARK}{draft.title.removeprefix(COPY_MARK)}"[: checks.MAX_TITLE]
    plain = Draft(
        title=title, zone_ids=zones, topic_ids=draft.topic_ids, importance=draft.importance,
        sms=draft.sms, subject=draft.subject, email=draft.email,
    )  # fmt: skip
    made = create_draft(session, plain, by=by, now=now)
    _record(session, made, "broadcast.copied", by, now, of=broadcast.public_id)
    return made


def discard(session: Session, broadcast: Broadcast, *, by: Officer, edition: int, now: dt.datetime) -> None:
    """Throw a draft away. One that was scheduled before has a record that stays: it is kept as cancelled.

    Raises NotADraftError, EditedMeanwhileError and ForbiddenError.
    """
    _lock(session, broadcast, edition)
    if not by.allows("broadcasts.write", [zone.id for zone in broadcast.zones]):
        raise ForbiddenError("You may not write to all of these zones.")
    _record(session, broadcast, "broadcast.discarded", by, now)
    if proof.summary(session, broadcast) is None:
        session.delete(broadcast)
        return
    broadcast.status, broadcast.updated_at = BroadcastStatus.CANCELLED, now
    proof.add(session, broadcast, proof.Kind.CANCELLED, {"by": by.public_id, "because": "discarded"}, now=now)


def send_now(session: Session, broadcast: Broadcast, *, by: Officer, edition: int, now: dt.datetime) -> None:
    """Send this edition to its audience, or schedule it for the time it holds.

    Of two clicks one sends; the other raises NotADraftError.

    Raises EditedMeanwhileError, ForbiddenError, and InvalidInputError naming the first problem that blocks.
    """
    _lock(session, broadcast, edition)
    draft = checks.draft_of(broadcast)
    if not by.allows("broadcasts.send", draft.zone_ids):
        raise ForbiddenError("You may not send to all of these zones.")
    blocking = [problem for problem in [*check(draft), *checks.check_times(draft, now=now)] if problem.blocks]
    if blocking:
        raise InvalidInputError(blocking[0].words)
    broadcast.sent_by, broadcast.updated_at = by, now
    if broadcast.ignores_quiet_hours:
        reason = broadcast.ignores_quiet_because
        _record(session, broadcast, "broadcast.quiet_hours_ignored", by, now, reason=reason)
    if broadcast.scheduled_for is not None:
        scheduling.schedule(session, broadcast, by=by, now=now)
        return
    broadcast.status = BroadcastStatus.RELEASING
    _record(session, broadcast, "broadcast.sent", by, now, approval="off", edition=broadcast.edition)
    proof.sent(session, broadcast, by=by, now=now)
    ring_after_commit(session, "release")


def test_send(
    session: Session, broadcast: Broadcast, *, by: Officer, address_key: str, now: dt.datetime
) -> list[Medium]:
    """Send the draft to the officer's own mobile and mailbox only; the media it went by. Raises InvalidInputError."""
    draft = checks.draft_of(broadcast)
    for text in (draft.sms, draft.subject, draft.email):
        words.check_merge_fields(text)
    sent: list[Medium] = []
    if draft.sms and by.mobile:
        body = words.fill(draft.sms_as_sent, by.name)
        mine = addresses.find_or_add(session, Medium.SMS, by.mobile, address_key=address_key, now=now)
        outbound.queue_message(session, mine, purpose=Purpose.TEST, body=body, now=now)
        sent.append(Medium.SMS)
    if draft.email:
        mine = addresses.find_or_add(session, Medium.EMAIL, by.email, address_key=address_key, now=now)
        subject, body = TEST_MARK + words.fill(draft.subject, by.name), words.fill(draft.email, by.name)
        outbound.queue_message(session, mine, purpose=Purpose.TEST, subject=subject, body=body, now=now)
        sent.append(Medium.EMAIL)
    _record(session, broadcast, "broadcast.tested", by, now, media=[str(medium) for medium in sent])
    return sent


def latest_to(session: Session, address_id: int, *, since: dt.datetime) -> list[Broadcast]:
    """The broadcasts handed over for this address since then, newest first: what a reply may be about."""
    handed_over = func.coalesce(Delivery.sent_at, Delivery.created_at)
    return list(
        session.scalars(
            select(Broadcast)
            .join(Delivery, Delivery.dispatch_id == Broadcast.dispatch_id)
            .where(Delivery.address_id == address_id, Delivery.status.in_(HANDED_OVER), handed_over >= since)
            .order_by(handed_over.desc(), Delivery.id.desc())
        )
    )


def by_dispatch(session: Session, dispatch_id: int) -> Broadcast | None:
    """The broadcast that a dispatch carries out, if it is one's."""
    return session.scalar(select(Broadcast).where(Broadcast.dispatch_id == dispatch_id))


def _lock(session: Session, broadcast: Broadcast, edition: int) -> None:
    """Read the row anew and hold it, so that of two requests the second sees what the first did."""
    session.refresh(broadcast, with_for_update=True)
    if broadcast.status is not BroadcastStatus.DRAFT:
        raise NotADraftError("This broadcast has been sent, or is to go out. Its words can no longer be changed.")
    if broadcast.edition != edition:
        raise EditedMeanwhileError("Somebody has changed this broadcast since you opened it. Look at it again first.")


def _write(session: Session, broadcast: Broadcast, draft: Draft, by: Officer) -> None:
    if not by.allows("broadcasts.write", draft.zone_ids):
        raise ForbiddenError("You may not write to all of these zones.")
    if not draft.title.strip():
        raise InvalidInputError("Give the broadcast a title.")
    broadcast.title = _one_line(draft.title)
    broadcast.importance = draft.importance
    broadcast.scheduled_for, broadcast.expires_at = draft.scheduled_for, draft.expires_at
    broadcast.ignores_quiet_hours = draft.ignores_quiet_hours
    broadcast.ignores_quiet_because = draft.quiet_because.strip() or None if draft.ignores_quiet_hours else None
    with session.no_autoflush:
        broadcast.zones = list(session.scalars(select(Zone).where(Zone.id.in_(draft.zone_ids))))
        broadcast.topics = list(session.scalars(select(Topic).where(Topic.id.in_(draft.topic_ids))))
        _put(broadcast, Medium.SMS, "", draft.sms)
        _put(broadcast, Medium.EMAIL, _one_line(draft.subject), draft.email)


def _put(broadcast: Broadcast, medium: Medium, subject: str, body: str) -> None:
    """Set, change or take away the words of one medium; a subject alone is kept, so that nothing typed is lost."""
    body = body.replace("\r\n", "\n").strip()
    present = next((content for content in broadcast.contents if content.medium is medium), None)
    if not body and not subject:
        if present:
            broadcast.contents.remove(present)
    elif present:
        present.subject, present.body = subject, body
    else:
        broadcast.contents.append(BroadcastContent(medium=medium, subject=subject, body=body))


def _one_line(text: str) -> str:
    # A line end has no business in a title, and in a subject it would be a way to add headers.
    return " ".join(text.split())


def _record(session: Session, broadcast: Broadcast, action: str, by: Officer, now: dt.datetime, **detail: Any) -> None:
    session.flush()
    it = broadcast.public_id
    audit.record(session, action, actor=by.actor, subject_kind="broadcast", subject_id=it, now=now, **detail)
