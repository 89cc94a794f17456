"""Thanks for a message: at most once a day to an address, and the first time with who reads it."""

import datetime as dt

from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import spoken

ONCE_IN = dt.timedelta(days=1)
"""Facts on UK rules, R23: at most one automatic thank-you a person in 24 hours."""
_USEFUL_FOR = dt.timedelta(hours=12)
_EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

THANKS = lazy_gettext(
    "Thanks, we've got your message and a person will read it within 3 days. Not urgent help: in an emergency call 999."
)
SUBJECT = lazy_gettext("Thanks for your message")
_PURPOSES = (Purpose.ACKNOWLEDGEMENT,)
_MOST_ABOUT_STOP = 3
"""A day: whoever tries to leave and finds the words wrong is told each time, and a machine is not told for ever."""


def acknowledge(
    session: Session, address: Address, *, public_url: str, now: dt.datetime, how_to_stop: bool = False
) -> Delivery | None:
    """Say thanks, unless we did in the last 24 hours or the address may not be written to.

    `how_to_stop` is for a text that says STOP and something that we do not know: it may have been meant for one.
    """
    if outbound.suppressions_of(session, address):
        return None
    most = _MOST_ABOUT_STOP if how_to_stop else 1
    if outbound.count_recent(session, address, _PURPOSES, since=now - ONCE_IN) >= most:
        return None
    first = not outbound.count_recent(session, address, _PURPOSES, since=_EVER)
    privacy = f"{public_url}/privacy" if first else None
    with spoken.to(session, address):
        return outbound.queue_message(
            session,
            address,
            purpose=Purpose.ACKNOWLEDGEMENT,
            body=_email(privacy) if address.medium is Medium.EMAIL else _text(privacy, how_to_stop=how_to_stop),
            subject=SUBJECT if address.medium is Medium.EMAIL else "",
            now=now,
            expires_at=now + _USEFUL_FOR,  # thanks that come the next day confuse
        )


def _text(privacy: str | None, *, how_to_stop: bool) -> str:
    stop = " " + _("To stop all texts, reply STOP.") if how_to_stop else ""
    reads = " " + _("Who reads it: %(link)s", link=privacy) if privacy else ""
    return f"People Link: {THANKS}{stop}{reads}"


def _email(privacy: str | None) -> str:
    paragraphs = [
        _("This is People Link, from the Police and Crime Commissioner's office."),
        _("Thanks, we've got your message and a person will read it within 3 days."),
        _("We are not an emergency service, and nobody watches this mailbox at night. In an emergency call 999."),
    ]
    if privacy:
        paragraphs.append(_("Who reads your message, and what we do with it: %(link)s", link=privacy))
    return "\n\n".join(paragraphs)
