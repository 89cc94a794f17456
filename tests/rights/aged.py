"""Records of each kind, made as old as a test asks for, and the nightly run that finds them."""

import datetime as dt

from sqlalchemy import delete, func, select

from peoplelink import audit
from peoplelink.app import PARTS
from peoplelink.broadcasts.models import BroadcastStatus, DigestIssue, DigestItem
from peoplelink.intelligence.models import ReportChange, ReportStatus
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.rights import periods, retention
from peoplelink.rights.models import RequestKind, RequestSource, RightsRequest
from peoplelink.subscribers.models import ConsentRecord
from tests.factories import (
    NOW,
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_report,
    make_sign_up,
    make_subscriber,
)

SECOND = dt.timedelta(seconds=1)


def run(session, *, now=NOW):
    """A night's run to its end."""
    made = retention.begin(session, f"{now:%Y-%m-%d %H:%M:%S}", now=now)
    while not retention.go_on(session, made.id, PARTS, now=now):
        pass
    session.expire_all()
    return {what: number for what, number in made.counts.items() if number}


def due(session, *, now=NOW):
    """What such a run would take away, as `--dry-run` says it."""
    return {line.what: line.number for line in retention.preview(session, PARTS, now=now)}


def cutoff(session, of, now=NOW):
    return next(rule.period for rule in periods.rules(session) if rule.of is of).before(now)


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def make_message_at(session, at):
    conversation = make_conversation(session, last_message_at=at, opened_at=at)
    return make_message(session, conversation, received_at=at)


def make_thanks_at(session, at):
    sent = outbound.queue_message(
        session, make_address(session), purpose=Purpose.ACKNOWLEDGEMENT, body="Thanks", now=at
    )
    sent.status, sent.rank = DeliveryStatus.DELIVERED, 50
    session.flush()
    return sent


def make_broadcast_at(session, at):
    broadcast = make_broadcast(
        session, dispatch=make_dispatch(session, created_at=at), created_at=at, finished_at=at,
        status=BroadcastStatus.FINISHED,
    )  # fmt: skip
    words = make_content(session, broadcast.dispatch)
    return make_delivery(session, content=words, status=DeliveryStatus.DELIVERED, created_at=at)


def make_digest_at(session, at):
    resident = make_subscriber(session, email=True)
    issue = DigestIssue(subscriber_id=resident.id, ends_at=at)
    session.add(issue)
    session.flush()
    mailbox, broadcast = resident.addresses[0].address_id, make_broadcast(session, created_at=NOW)
    session.add(DigestItem(address_id=mailbox, broadcast_id=broadcast.id, issue_id=issue.id))
    session.flush()
    return issue


def make_passed_on_at(session, at):
    report = make_report(session, status=ReportStatus.PASSED_ON, updated_at=at)
    session.add(ReportChange(report_id=report.id, officer_id=report.created_by_id, field="status", before="new",
                             after="passed_on", at=at))  # fmt: skip
    session.flush()
    return report


def make_left_at(session, at):
    resident = make_subscriber(session)
    line = session.scalars(select(ConsentRecord).where(ConsentRecord.subscriber_id == resident.id)).one()
    session.execute(delete(ConsentRecord).where(ConsentRecord.id == line.id))
    for action, moment in (("given", at - dt.timedelta(days=900)), ("withdrawn", at)):
        session.add(ConsentRecord(subscriber_id=resident.id, address_hash=line.address_hash, medium="sms",
                                  action=action, how="STOP", at=moment))  # fmt: skip
    session.flush()
    return session.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()


def make_sign_up_at(session, at):
    return make_sign_up(session, addresses=[make_address(session)], created_at=at, expires_at=at)


def make_event_at(session, at):
    return audit.record(session, "x.done", actor="system", subject_kind="x", subject_id="x", now=at)


def make_request_at(session, at):
    made = RightsRequest(kind=RequestKind.COMPLAINT, source=RequestSource.WEB, received_at=at, due_at=at, closed_at=at)
    session.add(made)
    session.flush()
    return made
