"""What officers of the planted town see: something in every list, and broadcasts in each state that looks different."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.broadcasts import services as broadcasts
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import FailureReason, Medium
from peoplelink.inbound import failures
from peoplelink.inbound import services as inbound
from peoplelink.inbound.models import MessageKind
from peoplelink.intelligence import reading, services
from peoplelink.intelligence.grading import Grade
from peoplelink.intelligence.models import Handling, InformationGrade, SourceGrade
from peoplelink.intelligence.services import Account
from peoplelink.officers.models import Officer, Role
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import RANK, DeliveryStatus, Urgency
from peoplelink.rights import holding, requests
from peoplelink.rights.models import HoldKind, RequestKind, RetentionRun
from peoplelink.subscribers import partners
from peoplelink.subscribers.imports import services as imports
from peoplelink.subscribers.models import Leaving, LeavingReason, Zone
from tests.broadcasts import steered
from tests.factories import (
    ADDRESS_KEY,
    make_broadcast,
    make_conversation,
    make_message,
    make_officer,
    make_subscriber,
    make_webhook,
)
from tests.rights import life
from tests.subscribers import people
from tests.subscribers.imports import lists

TEXT = "Litter pick at the Rec on Saturday 14 March, 2pm, {name|neighbour}. Reply if you can come."
MAIL = """Hello {name|neighbour},

We meet **on Saturday 14 March at 2pm** by the gate.

- Bags and gloves are there
- Tea after

[How to get there](https://example.org/rec)"""
STATES = (
    DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED, DeliveryStatus.HELD, DeliveryStatus.DELIVERED,
    DeliveryStatus.SENT, DeliveryStatus.SUPPRESSED,
)  # fmt: skip


def plant(session: Session, robin: life.Life) -> dict[str, str]:
    """Everything; the ids that stand in addresses."""
    boss = make_officer(session, name="Sam Hill", role=Role.ADMINISTRATOR, email="sam.hill@example.org")
    make_officer(session, name="Ada Cole", role=Role.ANALYST, email="ada.cole@example.org")
    zone = people.zone(session)
    for number in range(4):
        make_subscriber(session, zones=[zone], sms=True, email=True, name=f"Neighbour {number}")
    return {
        "administrator": boss.get_id(),
        **_broadcasts(session, boss, zone),
        **_inbox(session, boss, zone, robin),
        **_reports(session, boss, zone, robin),
        **_imports(session),
        **_rights(session, boss, robin),
        **_settings(session),
    }


# Broadcasts


def _broadcasts(session: Session, boss: Officer, zone: Zone) -> dict[str, str]:
    soon = clock.now() + dt.timedelta(days=3)
    written = {"zones": [zone], "sms": TEXT, "email": MAIL, "created_by": boss}
    draft = make_broadcast(session, title="Litter pick", **written)
    scheduled = make_broadcast(
        session, title="Spring fair", status=BroadcastStatus.SCHEDULED, scheduled_for=soon,
        expires_at=soon + dt.timedelta(hours=4), **written,
    )  # fmt: skip
    over = _released(session, make_broadcast(session, title="Coffee morning", **written), [DeliveryStatus.DELIVERED])
    over.status = BroadcastStatus.FINISHED
    trouble = _released(session, make_broadcast(session, title="Summer fair", **written), STATES)
    trouble.status = BroadcastStatus.PAUSED
    return {
        "draft": draft.public_id, "scheduled": scheduled.public_id, "finished": over.public_id,
        "trouble": trouble.public_id,
    }  # fmt: skip


def _released(session: Session, broadcast: Broadcast, states: Sequence[DeliveryStatus]) -> Broadcast:
    """Sent to everybody, of whom each has come to one of these states, in turn."""
    now = clock.now()
    broadcasts.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)
    steered.release(session, broadcast, now)
    for index, delivery in enumerate(steered.deliveries(session, broadcast)):
        delivery.status = states[index % len(states)]
        delivery.rank = RANK[delivery.status]
        if delivery.status is DeliveryStatus.FAILED:
            delivery.reason = FailureReason.UNREACHABLE
        if delivery.status is DeliveryStatus.HELD:
            delivery.not_before = now + dt.timedelta(hours=9)
    session.flush()
    session.refresh(broadcast)
    return broadcast


# What residents write


def _inbox(session: Session, boss: Officer, zone: Zone, robin: life.Life) -> dict[str, str]:
    now = clock.now()
    mine = make_conversation(session, zone=zone, opened_at=now, last_message_at=now)
    make_message(session, mine, text="Cars race down Glenfield Road at night.", received_at=now)
    make_message(session, mine, text="please take me off the list", kind=MessageKind.COMMAND, command="stop",
                 received_at=now)  # fmt: skip
    inbound.take(session, mine, by=boss, now=now)
    over = make_conversation(session, zone=zone, opened_at=now, last_message_at=now)
    make_message(session, over, text="Thank you for the fair!", received_at=now)
    inbound.finish(session, over, by=boss, now=now)
    new = make_conversation(session, zone=zone, opened_at=now, last_message_at=now)
    make_message(session, new, text="The lights on the path by the school are out again.", received_at=now)
    return {"conversation": robin.conversation.public_id, "mine": mine.public_id, **_unplaced(session)}


def _unplaced(session: Session) -> dict[str, str]:
    now = clock.now()
    body = b"From=%2B447700900123&Body=Cars+race+at+night"
    unread = make_webhook(session, problem=failures.UNREADABLE, processed_at=now, body=body, received_at=now)
    machine = make_conversation(session, zone=None)
    make_message(session, machine, text="I am away until Monday.", subject="Out of office",
                 kind=MessageKind.AUTOMATIC)  # fmt: skip
    return {"unplaced": unread.public_id}


def _reports(session: Session, boss: Officer, zone: Zone, robin: life.Life) -> dict[str, str]:
    now, theme = clock.now(), reading.themes(session)[0]
    account = Account("A shed burns now and then.", theme, zone, place="Behind the shops", period="Friday nights")
    latest = services.latest_report(session, robin.conversation, by=boss)
    report = services.open_report(
        session, robin.conversation, account, seen_report_id=latest.id if latest else 0, by=boss, now=now
    )
    given = Grade(SourceGrade.UNTESTED, InformationGrade.KNOWN_DIRECTLY, Handling.SHARE)
    services.grade(session, report, given, "", edition=report.edition, by=boss, now=now)
    services.add_note(session, report, "Told the fire service.", by=boss, now=now)
    return {"report": report.public_id}


# The rest


def _imports(session: Session) -> dict[str, str]:
    now = clock.now()
    data = lists.file_of(lists.row(), lists.row("07700 900124", source=""), lists.row(email="ash@example.org"))
    ready = lists.looked_at(session, data, now)
    finished = lists.imported(session, lists.file_of(lists.row("07700 900125"), lists.row("07700")), now)
    cancelled = lists.looked_at(session, lists.file_of(lists.row("07700 900126")), now)
    imports.cancel(session, cancelled, by="officer:x", now=now)
    return {"import": ready.public_id, "imported": finished.public_id, "import-cancelled": cancelled.public_id}


def _rights(session: Session, boss: Officer, robin: life.Life) -> dict[str, str]:
    now = clock.now()
    complaint = requests.Complaint("You wrote to my mother.", name="Ash", email="ash@example.org")
    made = requests.complain(session, complaint, address_key=ADDRESS_KEY, now=now)
    asked = requests.record(session, RequestKind.ACCESS, person=robin.resident.public_id, by=boss.actor, now=now)
    settled = requests.record(session, RequestKind.RECTIFICATION, words="My name is Robyn", by=boss.actor, now=now)
    requests.close(session, settled, "Put right.", by=boss, now=now)
    holding.place(session, HoldKind.PERSON, robin.resident.public_id, "A claim", by=boss, now=now)
    session.add(RetentionRun(night="2026-03-20", started_at=now, finished_at=now, counts={}))
    return {"complaint": made.public_id, "access": asked.public_id, "settled": settled.public_id}


def _settings(session: Session) -> dict[str, str]:
    now = clock.now()
    partners.add(session, "The Library", "https://library.example.org", by="officer:x", now=now)
    outbound.pause_lane(session, outbound.lane_of(Medium.SMS, Urgency.BULK), because="The token is wrong.", now=now)
    for words in (None, "Too far away now"):
        session.add(Leaving(month=now.date().replace(day=1), reason=LeavingReason.MOVED, words=words))
    return {}
