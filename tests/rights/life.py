"""A resident with something in every table, and their neighbours."""

from dataclasses import dataclass

from peoplelink import audit
from peoplelink.app import PARTS
from peoplelink.broadcasts.models import DigestIssue, DigestItem
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import Answer, Attachment, Conversation, ReceivedMessage, WebhookKind
from peoplelink.intelligence.models import Report
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.persons import Person
from peoplelink.rights import erasing
from peoplelink.subscribers import consent, people
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus
from peoplelink.subscribers.models import ConsentAction, Subscriber
from tests.factories import (
    NOW,
    make_address,
    make_broadcast,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_report,
    make_sign_up,
    make_subscriber,
    make_topic,
    make_webhook,
    make_wording,
    make_zone,
)

NUMBER, MAILBOX, NAME = "+447700900111", "robin@example.org", "Robin Oak"
SECRETS = (NUMBER, NUMBER[1:], MAILBOX, NAME, "the shed behind number 12", "We told the council")
"""What must be nowhere once Robin is erased."""
OLDER_FORM = "older-form"
"""No form of ours any more: the newest words of each are what its page shows."""
WORDS = "There is smoke from the shed behind number 12. Robin Oak"


@dataclass
class Life:
    """What Robin did."""

    resident: Subscriber
    number: Address
    mailbox: Address
    conversation: Conversation
    message: ReceivedMessage
    report: Report
    broadcast_delivery: Delivery
    person: Person


def lead(session, *, number=None, zone=None, topic=None) -> Life:
    """Robin joined, was written to, wrote, was answered, and a report was made of it."""
    zone, topic = zone or make_zone(session, name="New Parks"), topic or make_topic(session, name="Events")
    number = number or make_address(session, Medium.SMS, NUMBER)
    mailbox = make_address(session, Medium.EMAIL, MAILBOX)
    resident = make_subscriber(session, zones=[zone], topics=[topic], sms=number, email=mailbox, name=NAME)
    _agree(session, resident, number, zone)
    delivery = _broadcast(session, resident, number)
    wording = make_wording(session, code=OLDER_FORM)
    session.add(Waiting(address=mailbox, sector="LE3 6", wording_id=wording.id, by_form=True, asked_at=NOW,
                        expires_at=NOW))  # fmt: skip
    listed = Import(status=ImportStatus.FINISHED, file_name="list.csv", digest="d", encoding="utf-8", delimiter=",",
                    created_at=NOW, created_by="officer:x")  # fmt: skip
    session.add(listed)
    session.flush()
    session.add(ImportRow(import_id=listed.id, line=2, status=RowStatus.REFUSED, mobile_hash=number.hash,
                          cells={"name": NAME, "mobile": NUMBER}))  # fmt: skip
    issue = DigestIssue(subscriber_id=resident.id, ends_at=NOW)
    session.add(issue)
    session.flush()
    session.add(DigestItem(address_id=mailbox.id, broadcast_id=make_broadcast(session).id, issue_id=issue.id))
    conversation, message = _conversation(session, resident, number, zone)
    report = make_report(session, conversation, text="Smoke from a shed.")
    audit.record(
        session, "conversation.read", actor="officer:x", subject_kind="conversation",
        subject_id=conversation.public_id, now=NOW,
    )  # fmt: skip
    session.flush()
    return Life(resident, number, mailbox, conversation, message, report, delivery, people.person_of(session, resident))


def _agree(session, resident, number, zone):
    wording = make_wording(session, code=OLDER_FORM, words="Reply YES to get texts about {zones}.")
    asked = make_sign_up(session, zones=[zone], addresses=[number], name=NAME, subscriber_id=resident.id,
                         wording_id=wording.id)  # fmt: skip
    asked.addresses[0].confirmed_at = NOW
    consent.write(session, resident, number, ConsentAction.GIVEN, how="reply YES",
                  evidence={"sign_up": asked.public_id}, now=NOW, wording_id=wording.id)  # fmt: skip


def _broadcast(session, resident, number):
    broadcast = make_broadcast(session, dispatch=make_dispatch(session))
    words = make_content(session, broadcast.dispatch, text="Hello {name|neighbour}, a fair.", personal=True)
    return make_delivery(session, number, content=words, status=DeliveryStatus.DELIVERED, merge={"name": NAME})


def _conversation(session, resident, number, zone):
    conversation = make_conversation(session, number, subscriber=resident, zone=zone, subject="")
    body = f"From=%2B{NUMBER[1:]}&Body=smoke+from+the+shed+behind+number+12".encode()
    webhook = make_webhook(session, body=body, processed_at=NOW)
    message = make_message(session, conversation, text=WORDS, webhook_id=webhook.id)
    session.add(Attachment(message_id=message.id, filename="../shed.jpg", content_type="image/jpeg", content=b"jpeg"))
    sent = outbound.queue_message(session, number, purpose=Purpose.REPLY, body="We told the council", now=NOW)
    sent.status, sent.rank = DeliveryStatus.DELIVERED, 50
    session.add(Answer(conversation=conversation, officer=make_officer(session), delivery=sent,
                       text="We told the council", at=NOW))  # fmt: skip
    thanks = outbound.queue_message(session, number, purpose=Purpose.ACKNOWLEDGEMENT, body="Thanks", now=NOW)
    thanks.status, thanks.rank = DeliveryStatus.DELIVERED, 50
    make_webhook(session, WebhookKind.TWILIO_STATUS, body=f"To=%2B{NUMBER[1:]}&MessageStatus=sent".encode(),
                 processed_at=NOW)  # fmt: skip
    events = b'[{"email":"ROBIN@example.org","event":"delivered"},{"email":"ash@example.org","event":"delivered"}]'
    make_webhook(session, WebhookKind.SENDGRID_EVENTS, body=events, processed_at=NOW)
    session.flush()
    return conversation, message


def erase(session, person, *, now=NOW, rounds=20):
    """From the wish to the end, as the worker does it; the record."""
    record = erasing.begin(session, person, PARTS, by="resident", now=now)
    for _ in range(rounds):
        if erasing.go_on(session, record.id, PARTS, now=now):
            break
    session.expire_all()
    return record
