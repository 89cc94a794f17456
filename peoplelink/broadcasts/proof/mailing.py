"""The head of a proof leaves the house: whoever can rewrite the database cannot rewrite an officer's mailbox."""

import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, ProofLink
from peoplelink.channels.messages import Medium
from peoplelink.db import keyring
from peoplelink.officers.models import Officer
from peoplelink.outbound import addresses
from peoplelink.outbound.services import queue_message
from peoplelink.outbound.states import Purpose

SUBJECT = "Keep this email: the proof of a broadcast"
_BODY = """\
A broadcast that you sent or approved is over. This email lets anybody prove later what was sent, to how many,
and what became of it. **Please keep it**, in a mailbox that People Link's administrators cannot change.

Broadcast: {broadcast}

Finished: {finished} (UTC)

Deliveries: {counts}

Head of the proof: {head}

To check it, an administrator runs this on the server. It says which part was changed, if any was:

    peoplelink proof verify {broadcast} --head {head}
"""


def mail_head(session: Session, broadcast: Broadcast, link: ProofLink, *, now: dt.datetime) -> None:
    """Queue an email with the head to each officer who sent or approved the broadcast. It names no resident."""
    body = _BODY.format(
        broadcast=broadcast.public_id,
        finished=link.made_at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S"),
        counts=_counts(link),
        head=link.link,
    )
    for mailbox in sorted({officer.email for officer in _officers(session, broadcast)}):
        mine = addresses.find_or_add(session, Medium.EMAIL, mailbox, address_key=keyring(session).address, now=now)
        queue_message(session, mine, purpose=Purpose.NOTICE, subject=SUBJECT, body=body, now=now)


def _officers(session: Session, broadcast: Broadcast) -> list[Officer]:
    ids = {broadcast.sent_by_id, broadcast.approved_by_id} - {None}
    found = [session.get_one(Officer, officer_id) for officer_id in ids]
    return [officer for officer in found if officer.active]


def _counts(link: ProofLink) -> str:
    said = [
        f"{number:,} {status.replace('_', ' ')} ({medium})"
        for medium, of in sorted(link.facts["counts"].items())
        for status, number in sorted(of.items())
    ]
    return ", ".join(said) or "none"
