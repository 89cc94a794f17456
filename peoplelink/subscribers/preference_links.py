"""The link to the preference centre, sent to whoever asks from or for an address that residents live at."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.audit import AuditEvent
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import to_gsm
from peoplelink.errors import InvalidInputError
from peoplelink.languages import gettext as _
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import services, spoken
from peoplelink.subscribers.links import PREFERENCES_HOURS, Links

LINKS_A_DAY = 3
"""To one address: as many as may be asked to confirm."""
WEB_TEXTS_A_DAY = 1_000
"""Links by text that the web page sends to everybody together: what an attack by many clients can cost."""
ASKED_PER_CLIENT = "10/hour"
"""By one client address: a family or a library gets by, a script does not."""
_DAY = dt.timedelta(days=1)
_SENT = "preferences.link_sent"
_ANSWERED = "preferences.link_answered"


class TooManyLinksError(InvalidInputError):
    """The page has sent all the texts that it may send today."""


class _NobodyThereError(Exception):
    """Nobody lives at an address, or it has had its links today: takes back what was written for it."""


def ask(session: Session, medium: Medium, value: str, *, links: Links, address_key: str, now: dt.datetime) -> None:
    """Somebody typed an address (in its one spelling): send its residents a link, if there are any.

    The page must not tell whether there are, nor must its clock: for an address nobody lives at the same is done and
    taken back. Raises TooManyLinksError over the day's cap, whoever asks.
    """
    if medium is Medium.SMS and _texts_today(session, now) >= WEB_TEXTS_A_DAY:
        raise TooManyLinksError(_("We cannot send any more texts today. Please try again tomorrow."))
    sent_to: str | None = None
    try:
        with session.begin_nested():
            sent_to = _try(session, medium, value, links=links, address_key=address_key, now=now)
    except _NobodyThereError:
        pass
    _note(session, sent_to, now=now)


def _try(session: Session, medium: Medium, value: str, *, links: Links, address_key: str, now: dt.datetime) -> str:
    """Queue a link for an address, whose public id comes back; raises _NobodyThereError when all is done."""
    # Two presses of the button at once would both be within the limit: the second waits for the first.
    [address] = addresses.locked(session, [(medium, value)], address_key=address_key, now=now)
    wanted = bool(services.subscribers_at(session, address)) and may_send(session, address, now=now)
    send(session, address, links=links, now=now)
    if not wanted:
        raise _NobodyThereError
    return address.public_id


def answer(session: Session, address: Address, *, links: Links, now: dt.datetime) -> bool:
    """Send the link to who wrote from an address; False where nobody lives there, or it has had its links today."""
    # Whoever asks by form for another's mailbox must not use up what its owner may ask from there: counted apart.
    if not services.subscribers_at(session, address) or _answered_today(session, address, now) >= LINKS_A_DAY:
        return False
    send(session, address, links=links, now=now)
    it = address.public_id
    audit.record(session, _ANSWERED, actor="resident", subject_kind="address", subject_id=it, now=now)
    return True


def may_send(session: Session, address: Address, *, now: dt.datetime) -> bool:
    """Whether this address may be sent another link today."""
    return outbound.count_recent(session, address, [Purpose.PREFERENCES], since=now - _DAY) < LINKS_A_DAY


def send(session: Session, address: Address, *, links: Links, now: dt.datetime) -> Delivery:
    """Queue the link, without asking whether anybody lives there or has had many (`ask` and `may_send` do)."""
    is_email = address.medium is Medium.EMAIL
    with spoken.to(session, address):
        link = links.preferences(address)
        return outbound.queue_message(
            session,
            address,
            purpose=Purpose.PREFERENCES,
            subject=_("Your People Link choices") if is_email else "",
            body=_mail(link) if is_email else _text(link),
            now=now,
            expires_at=now + dt.timedelta(hours=PREFERENCES_HOURS),
        )


def _text(link: str) -> str:
    return to_gsm(
        _(
            "People Link: your page, to change what you get: %(link)s It works for %(hours)s hours. Do not share it.",
            link=link, hours=PREFERENCES_HOURS,
        )
    )  # fmt: skip


def _mail(link: str) -> str:
    parts = (
        _("You asked for the link to your own page at People Link."),
        f"[{_('Change what you get')}]({link})",
        _("The link works for %(hours)s hours. Do not share it: whoever has it can change what you get.",
          hours=PREFERENCES_HOURS),
        _("If you did not ask for this, do nothing. Nothing has changed."),
    )  # fmt: skip
    return "\n\n".join(parts)


def _note(session: Session, sent_to: str | None, *, now: dt.datetime) -> None:
    kind, subject = ("address", sent_to) if sent_to else ("form", "preferences")
    action = _SENT if sent_to else "preferences.link_not_sent"
    audit.record(session, action, actor="resident", subject_kind=kind, subject_id=subject, now=now)


def _answered_today(session: Session, address: Address, now: dt.datetime) -> int:
    answered = (AuditEvent.action == _ANSWERED, AuditEvent.subject_id == address.public_id, AuditEvent.at > now - _DAY)
    return session.scalar(select(func.count()).select_from(AuditEvent).where(*answered)) or 0


def _texts_today(session: Session, now: dt.datetime) -> int:
    # The audit log has an index on time; dispatches, of which there is one a message, have none.
    sent = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .join(Address, Address.public_id == AuditEvent.subject_id)
        .where(AuditEvent.at > now - _DAY, AuditEvent.action == _SENT, Address.medium == Medium.SMS)
    )
    return sent or 0
