"""What residents are told by text and by mail about joining and leaving: one segment where it can be."""

from collections.abc import Sequence

from peoplelink.channels.segments import to_gsm
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext, listed
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, Zone
from peoplelink.subscribers.zones import named

_LONGEST_LIST = 60  # characters of zones' names that still fit into one segment with the rest

LEFT = lazy_gettext("People Link: you have left and we will not text you again. To come back, reply START.")
STOPPED = lazy_gettext("People Link: you told us to STOP, so we can't add you yet. Reply START first, then JOIN again.")
HELP = lazy_gettext(
    "People Link, from the Police and Crime Commissioner's office. To join: JOIN and your zone. To leave: STOP. "
    "Not watched 24 hours: call 999 or 101."
)
TOO_LATE = lazy_gettext(
    "People Link: it is too long since you asked to join. To start again, reply JOIN and your zone."
)
OVERTAKEN = lazy_gettext(
    "You have asked us to use another address since. Confirm that one, or ask for this one again on your own page."
)
CONFIRM_SUBJECT = lazy_gettext("Please confirm your email for People Link")


def asked_on_the_web(zones: Sequence[Zone]) -> str:
    """The text that asks for YES after the web form, which has shown the privacy page and 999 already."""
    words = _(
        "People Link: thanks. Reply YES to get texts about %(zones)s from the Commissioner's office, "
        "about 1 a week. Reply STOP any time. Help: HELP",
        zones=named(zones),
    )
    return to_gsm(words)


def asked_to_move(zones: Sequence[Zone]) -> str:
    """The text that asks for YES where a resident changes their number: it may be somebody else's by mistake."""
    words = _(
        "People Link, from the Commissioner's office: reply YES to get our texts about %(zones)s at this number. "
        "Not you? Do nothing, or reply STOP. Help: HELP",
        zones=named(zones),
    )
    return to_gsm(words)


def asked_by_text(zones: Sequence[Zone], wording: ConsentWording, links: Links) -> str:
    """The text that asks for YES after JOIN: the first one this person gets, so it says everything (two segments)."""
    return to_gsm(wording.words.replace("{zones}", named(zones)).replace("{privacy}", links.privacy))


def asked_by_mail(zones: Sequence[Zone], link: str, *, moved: bool = False) -> str:
    """The mail with the link that confirms, in Markdown; `moved` where a resident changes their address."""
    began = (
        somebody_asked_to_move()
        if moved
        else _("Thank you for joining People Link, from the Police and Crime Commissioner's office.")
    )
    paragraphs = (
        began,
        _("Please confirm that you want emails about **%(zones)s**, about 1 a week:", zones=named(zones)),
        _("[Confirm my email](%(link)s)", link=link),
        _("The link works for 14 days. If you did not ask for this, do nothing: we ask once more at most."),
        _(
            "People Link is not watched 24 hours. In an emergency call 999. "
            "To tell the police something that is not an emergency, call 101."
        ),
    )
    return "\n\n".join(paragraphs)


def another_since() -> str:
    """After a YES from a number in whose place a resident has asked for yet another one."""
    return to_gsm(f"People Link: {OVERTAKEN}")


def somebody_asked_to_move() -> str:
    """How a mail to a resident's new address begins: it may be somebody else's by mistake."""
    return _(
        "Somebody asked People Link, from the Police and Crime Commissioner's office, to write to this address "
        "from now on. If that was not you, do nothing: we write here only when you have pressed the button."
    )


def joined(zones: Sequence[Zone]) -> str:
    """After YES."""
    words = _(
        "You're in. People Link will text you about %(zones)s. To leave reply STOP. Emergency? Call 999.",
        zones=named(zones),
    )
    return to_gsm(words)


def added(zones: Sequence[Zone]) -> str:
    """After JOIN by somebody who is a member already."""
    words = _("People Link: done. We'll text you about %(zones)s too. To leave reply STOP.", zones=named(zones))
    return to_gsm(words)


def declined() -> str:
    """After a NO to the question whether we may write."""
    return to_gsm(_("People Link: all right, we won't text you. If you change your mind, text JOIN and your zone."))


def already(zones: Sequence[Zone]) -> str:
    """After JOIN or YES by somebody who gets it already."""
    words = _("People Link: you're in already. We text you about %(zones)s. To leave reply STOP.", zones=named(zones))
    return to_gsm(words)


def welcome_back(zones: Sequence[Zone]) -> str:
    """After START by a former member."""
    words = _("People Link: welcome back. We'll text you about %(zones)s. To leave reply STOP.", zones=named(zones))
    return to_gsm(words)


def how_to_join(zones: Sequence[Zone], links: Links) -> str:
    """After START by somebody who never joined."""
    words = _(
        "People Link: you can get our texts. To join, reply JOIN and your zone: %(zones)s.",
        zones=_choice(zones, links),
    )
    return to_gsm(words)


def several_left(zones: Sequence[Zone], links: Links) -> str:
    """After START at a number that several residents shared: nobody is put back, since it may be any of them."""
    words = _(
        "People Link: more than one person used this number. To get texts again, reply JOIN and your zone: %(zones)s.",
        zones=_choice(zones, links),
    )
    return to_gsm(words)


def left_long_ago(zones: Sequence[Zone], links: Links) -> str:
    """After START long after STOP: the number may be somebody else's by now."""
    words = _(
        "People Link: it is some time since this number left. To get texts again, reply JOIN and your zone: %(zones)s.",
        zones=_choice(zones, links),
    )
    return to_gsm(words)


def which_zone(zones: Sequence[Zone], links: Links) -> str:
    """After JOIN alone."""
    words = _("People Link: which zone? Reply JOIN and its name: %(zones)s.", zones=_choice(zones, links))
    return to_gsm(words)


def no_such_zone(zones: Sequence[Zone], close: Sequence[Zone], links: Links) -> str:
    """After JOIN and a name we do not know; a likely zone is offered, never taken."""
    if not close:
        words = _(
            "People Link: we could not find that zone. Reply JOIN and one of these: %(zones)s.",
            zones=_choice(zones, links),
        )
        return to_gsm(words)
    meant = listed([f"JOIN {zone.name.upper()}" for zone in close], last="or")
    words = _(
        "People Link: we could not find that zone. Did you mean %(zones)s? Reply %(words)s.",
        zones=named(close, last="or"),
        words=meant,
    )
    return to_gsm(words)


def _choice(zones: Sequence[Zone], links: Links) -> str:
    names = named(zones, last="or")
    return names if len(names) <= _LONGEST_LIST else _("see %(link)s", link=links.join)
