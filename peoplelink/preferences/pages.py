"""What a resident's own page says of their choices, in words."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.clock import in_london
from peoplelink.languages import LANGUAGES, ngettext
from peoplelink.languages import gettext as _
from peoplelink.quiet_hours import clock_time
from peoplelink.subscribers import choosing, moving, services
from peoplelink.subscribers.choosing import Seat
from peoplelink.subscribers.models import Digest, Subscriber


@dataclass(frozen=True)
class Line:
    """One choice: what it is about, what stands, where to change it, and what the link says to who cannot see."""

    about: str
    says: str
    part: str = ""
    change: str = ""
    masked: tuple[str, ...] = ()
    """Addresses, for the template to mask."""
    until: dt.datetime | dt.date | None = None


def _from(until: dt.datetime | None) -> dt.datetime | dt.date | None:
    """The end of a break; a day where it is the midnight with which one begins: "Friday, midnight" may be its end."""
    here = in_london(until) if until else None
    return here.date() if here and here.time() == dt.time() else until


def lines(session: Session, seat: Seat, *, now: dt.datetime) -> list[tuple[str, list[Line]]]:
    """Every choice of a resident, under headings."""
    return [
        (_("What you hear about"), list(_about_what(session, seat))),
        (_("How we write to you"), list(_how(session, seat, now))),
        (_("How much and when"), list(_when(seat.person, now))),
        (_("About you"), list(_you(seat.person))),
    ]


def called(person: Subscriber) -> str:
    """What a resident is called among those who share an address."""
    return person.name or _("Somebody who gave no name")


def _about_what(session: Session, seat: Seat) -> Iterator[Line]:
    zones = ", ".join(zone.name for zone in services.zones_of(session, seat.person))
    yield Line(_("Zones"), zones, "zones", _("your zones"))
    topics = ", ".join(_(topic.name) for topic in choosing.topics_of(session, seat.person))
    yield Line(_("Topics"), topics or _("Everything in your zones"), "topics", _("your topics"))


def _how(session: Session, seat: Seat, now: dt.datetime) -> Iterator[Line]:
    waiting = set() if seat.shared else moving.waiting(session, seat.person, now=now)
    words = {
        Medium.SMS: (_("Texts"), "number", _("your number")),
        Medium.EMAIL: (_("Emails"), "mailbox", _("your email address")),
    }
    for medium, (about, part, change) in words.items():
        mine = tuple(link.address.value for link in seat.links() if link.address.medium is medium)
        says = "" if mine else _hidden(seat, medium)
        if medium in waiting:
            says = _("Waits for you to confirm your new one.")
        yield Line(about, says, "" if seat.shared else part, change, masked=mine)
    if seat.links():
        yield Line(_("Texts and emails"), _media_words(seat), "media", _("whether you get texts and emails"))


def _hidden(seat: Seat, medium: Medium) -> str:
    if any(link.address.medium is medium for link in seat.others):
        return _("To an address that is not shown here")
    return _("None")


def _media_words(seat: Seat) -> str:
    media = {link.address.medium for link in seat.links()}
    if len(media) > 1:
        return _("You get both")
    return _("You get texts") if Medium.SMS in media else _("You get emails")


def _when(person: Subscriber, now: dt.datetime) -> Iterator[Line]:
    which = _("Only what is important") if person.least_importance else _("Everything")
    yield Line(_("Messages"), which, "amount", _("which messages you get"))
    limit = person.weekly_limit
    most = _("No limit") if limit is None else ngettext("%(num)s a week", "%(num)s a week", limit)
    yield Line(_("At most"), most, "amount", _("how many you get"))
    digest = {None: _("Each at once"), Digest.DAILY: _("One a day"), Digest.WEEKLY: _("One a week")}
    yield Line(_("Emails come"), digest[person.digest], "amount", _("how emails come"))
    yield Line(_("Quiet hours"), _quiet(person), "times", _("your quiet hours"))
    pausing = person.paused_until is not None and person.paused_until > now
    says = _("Messages come again from") if pausing else _("No")
    yield Line(_("A break"), says, "times", _("your break"), until=_from(person.paused_until) if pausing else None)


def _quiet(person: Subscriber) -> str:
    start, end = person.quiet_from, person.quiet_until
    if start is None or end is None:
        return _("The usual ones of your zones")
    if start == end:
        return _("None")
    return _("%(start)s to %(end)s", start=clock_time(start), end=clock_time(end))


def _you(person: Subscriber) -> Iterator[Line]:
    yield Line(_("Name"), person.name or _("You gave none"), "about", _("your name"))
    language = LANGUAGES.get(person.language)
    yield Line(_("Language"), language.name if language else person.language, "about", _("your language"))
