"""What may be changed, part by part: the form it is changed in, what the form starts from, and what it does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from peoplelink import quiet_hours
from peoplelink.broadcasts import digests
from peoplelink.channels.messages import Medium
from peoplelink.clock import in_london
from peoplelink.config import Config
from peoplelink.forms import PlainForm
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext as _l
from peoplelink.preferences import forms
from peoplelink.subscribers import choosing, consent, moving, services, zones
from peoplelink.subscribers.choosing import Seat
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Digest, Importance
from peoplelink.subscribers.seed import WEB_FORM


@dataclass(frozen=True)
class Turn:
    """A resident at work on one part."""

    session: Session
    seat: Seat
    config: Config
    now: dt.datetime


@dataclass(frozen=True)
class Part:
    """One page of choices."""

    title: Any
    form: Callable[..., PlainForm]
    start: Callable[[Turn], dict[str, Any]]
    """What the fields hold at first."""
    apply: Callable[[Turn, Any], str]
    """Carries out what a valid form says; the words that say so. Raises InvalidInputError."""
    offer: Callable[[Turn, Any], None] = lambda _turn, _form: None
    """Sets what may be chosen."""


def _about(turn: Turn) -> dict[str, Any]:
    return {"name": turn.seat.person.name, "language": turn.seat.person.language}


def _set_about(turn: Turn, form: forms.AboutForm) -> str:
    choosing.change(turn.session, turn.seat, now=turn.now, name=form.name.data, language=form.language.data)
    return _saved()


def _zones(turn: Turn) -> dict[str, Any]:
    mine = services.zones_of(turn.session, turn.seat.person)
    return {"zones": [zone.slug for zone in mine], "wording": consent.wording(turn.session, WEB_FORM).id}


def _offer_zones(turn: Turn, form: forms.ZonesForm) -> None:
    form.zones.choices = forms.choices(zones.active(turn.session))


def _set_zones(turn: Turn, form: forms.ZonesForm) -> str:
    wording = consent.agreed(turn.session, WEB_FORM, form.wording.number)
    chosen = [zone for zone in zones.active(turn.session) if zone.slug in (form.zones.data or ())]
    choosing.choose_zones(turn.session, turn.seat, chosen, wording_id=wording.id, now=turn.now)
    return _saved()


def _topics(turn: Turn) -> dict[str, Any]:
    return {"topics": [topic.slug for topic in choosing.topics_of(turn.session, turn.seat.person)]}


def _offer_topics(turn: Turn, form: forms.TopicsForm) -> None:
    form.topics.choices = forms.choices(zones.topics(turn.session))


def _set_topics(turn: Turn, form: forms.TopicsForm) -> str:
    chosen = [topic for topic in zones.topics(turn.session) if topic.slug in (form.topics.data or ())]
    choosing.choose_topics(turn.session, turn.seat, chosen, now=turn.now)
    return _saved()


def _amount(turn: Turn) -> dict[str, Any]:
    person = turn.seat.person
    limit = person.weekly_limit
    return {
        "importance": "important" if person.least_importance else "ordinary",
        "weekly": forms.NO_LIMIT if limit is None else str(limit),
        "digest": person.digest.value if person.digest else "once",
    }


def _offer_amount(turn: Turn, form: forms.AmountForm) -> None:
    # A limit that an officer or an import has set is kept as it is unless they choose another.
    limit, offered = turn.seat.person.weekly_limit, form.weekly.choices
    if limit is not None and limit not in forms.LIMITS:
        form.weekly.choices = [*offered, SelectChoice(str(limit), str(limit))]
    if not any(link.address.medium is Medium.EMAIL for link in turn.seat.person.addresses):
        del form.digest


def _set_amount(turn: Turn, form: forms.AmountForm) -> str:
    digest = Digest(form.digest.data) if "digest" in form and form.digest.data in set(Digest) else None
    if digest is None:
        digests.close(turn.session, turn.seat.person, now=turn.now, quiet=turn.config.quiet_hours)
    choosing.change(
        turn.session,
        turn.seat,
        now=turn.now,
        least_importance=Importance.IMPORTANT if form.importance.data == "important" else None,
        weekly_limit=None if form.weekly.data == forms.NO_LIMIT else int(form.weekly.data),
        digest=digest,
    )
    return _saved()


def _times(turn: Turn) -> dict[str, Any]:
    start, end, until = turn.seat.person.quiet_from, turn.seat.person.quiet_until, turn.seat.person.paused_until
    own = start is not None and end is not None
    usual = turn.config.quiet_hours if turn.config.quiet_hours.any else quiet_hours.parse(quiet_hours.DEFAULT)
    assert usual is not None, "the default can be read"
    day = f"{in_london(until):%Y-%m-%d}" if until and until > turn.now else ""
    return {
        "quiet": (forms.OWN if start != end else forms.NONE) if own else forms.USUAL,
        "quiet_from": str(_full_hour(start if own and start != end else usual.start)),
        "quiet_until": str(_full_hour(end if own and start != end else usual.end)),
        "pause": forms.DAY if day else forms.NONE,
        "pause_day": day,
    }


def _full_hour(minute: int | None) -> int:
    return (minute or 0) // 60 * 60


def _set_times(turn: Turn, form: forms.TimesForm) -> str:
    hours = {
        forms.USUAL: (None, None),
        forms.NONE: (0, 0),
        forms.OWN: (int(form.quiet_from.data), int(form.quiet_until.data)),
    }[form.quiet.data]
    until = form.first_day() if form.pause.data == forms.DAY else None
    if form.pause.data in forms.PAUSES:
        until = turn.now + forms.PAUSES[form.pause.data]
    choosing.change(
        turn.session, turn.seat, now=turn.now, quiet_from=hours[0], quiet_until=hours[1], paused_until=until
    )
    return _saved()


def _media(turn: Turn) -> dict[str, Any]:
    return {"media": sorted({link.address.medium.value for link in turn.seat.links()})}


def _offer_media(turn: Turn, form: forms.MediaForm) -> None:
    words = {Medium.SMS: _("Texts"), Medium.EMAIL: _("Emails")}
    have = {link.address.medium for link in turn.seat.links()}
    form.media.choices = [SelectChoice(medium.value, words[medium]) for medium in Medium if medium in have]


def _set_media(turn: Turn, form: forms.MediaForm) -> str:
    stopped = {choice.value for choice in form.media.choices} - set(form.media.data or ())
    for medium in Medium:
        if medium.value in stopped:
            choosing.stop_medium(turn.session, turn.seat, medium, now=turn.now)
    return _saved()


def _nothing(_turn: Turn) -> dict[str, Any]:
    return {}


def _allow_fiction(turn: Turn, form: forms.NumberForm) -> None:
    form.fictional_allowed = turn.config.sandboxed


def _ask_address(turn: Turn, form: forms.NumberForm | forms.MailboxForm) -> str:
    moving.ask(
        turn.session,
        turn.seat,
        form.medium,
        form.address(),
        wording=consent.wording(turn.session, WEB_FORM),
        links=Links.of(turn.config),
        address_key=turn.config.address_key,
        now=turn.now,
    )
    if form.medium is Medium.SMS:
        return _("We are sending a text to your new number. Reply YES to it. Until then nothing changes.")
    return _("We are sending an email to your new address. Press the button in it. Until then nothing changes.")


def _saved() -> str:
    return _("Saved. A message that was already on its way may still arrive.")


PARTS = {
    "about": Part(_l("Your name and language"), forms.AboutForm, _about, _set_about),
    "zones": Part(_l("Your zones"), forms.ZonesForm, _zones, _set_zones, _offer_zones),
    "topics": Part(_l("Your topics"), forms.TopicsForm, _topics, _set_topics, _offer_topics),
    "amount": Part(_l("How much you get"), forms.AmountForm, _amount, _set_amount, _offer_amount),
    "times": Part(_l("When you get it"), forms.TimesForm, _times, _set_times),
    "media": Part(_l("Texts and emails"), forms.MediaForm, _media, _set_media, _offer_media),
    "number": Part(_l("Your mobile number"), forms.NumberForm, _nothing, _ask_address, _allow_fiction),
    "mailbox": Part(_l("Your email address"), forms.MailboxForm, _nothing, _ask_address, _allow_fiction),
}
