"""Emails that say STOP and a zone or topic, in the subject or the first line; see docs/adr/0013.

Only where the sender was checked: who forges From is not to take another's zone away.
"""

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import mail_orders
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.subscribers import commands, leaving, mails
from peoplelink.subscribers.leaving_by_text import Handled


def leave_by_email(
    session: Session, message: InboundMessage, received: ReceivedMessage, *, config: Config, now: dt.datetime
) -> Handled | None:
    """Give up what a mail names; None where it says something else. A person also reads one that says more.

    A mail may wait until it is read, and they may have agreed again meanwhile: less is sent than they asked for last,
    they are told so, and can join again.
    """
    if not mail_orders.may_be_answered(message, received, config):
        return None
    asked = {
        words: leaving.asked(session, commands.read(words)) for words in mails.orders(message.subject, message.text)
    }
    what = next(filter(None, asked.values()), None)
    if what is None:
        return None
    ordered = [words for words in asked if asked[words] == what]
    more = mail_orders.says_more(message, ordered)
    if (more and not what.zones) or mail_orders.tells_something(message, ordered):
        # "Stop burglary", and a story below it: a topic's word is also an everyday word, and a zone is a place.
        return None
    done = mails.leave_a_part(session, received.address, what, evidence={"message": received.public_id}, now=now)
    return dataclasses.replace(done, flagged=done.flagged or more)
