"""Emails that say MYDATA, SETTINGS or PREFERENCES: the link to their own page goes to the mailbox they came from.

Anybody can write another's mailbox into From; here a forger only has a link sent to its owner, and only where SPF or
DKIM passed for that domain.
"""

import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import mail_orders
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.subscribers import commands, mails, preference_links
from peoplelink.subscribers.commands import Order
from peoplelink.subscribers.leaving_by_text import Handled
from peoplelink.subscribers.links import Links

LINK = "settings"
"""How such a mail stands in the list of messages, as a text does."""


def link_by_email(
    session: Session, message: InboundMessage, received: ReceivedMessage, *, config: Config, now: dt.datetime
) -> Handled | None:
    """Send a resident the link they ask for; None where the mail says something else, no resident lives there, or
    they have had three today.

    Such a mail a person reads: they may have a right to what they ask. A person also reads a mail that
    says more than the order.
    """
    said = mails.orders(message.subject, message.text)
    asked = [words for words in said if commands.read(words).order is Order.SETTINGS]
    if not asked or not mail_orders.may_be_answered(message, received, config):
        return None
    if not preference_links.answer(session, received.address, links=Links.of(config), now=now):
        return None
    return Handled(LINK, flagged=mail_orders.says_more(message, asked))
