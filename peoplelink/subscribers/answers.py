"""What residents are told by text and by mail about joining and leaving: one segment where it can be."""

from collections.abc import Sequence

from peoplelink.channels.segments import to_gsm
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, Zone
from peoplelink.subscribers.zones import listed, named

_LONGEST_LIST = 60  # characters of zones' names that still fit into one segment with the rest

LEFT = "People Link: you have left and we will not text you again. To come back, reply START."
LEFT_ALL = (
    "People Link: we can't stop one zone at a time by text yet, so we have stopped all our texts to you. "
    "To come back, reply START."
)
STOPPED = "People Link: you told us to STOP, so we can't add you yet. Reply START first, then JOIN again."
HELP = (
    "People Link, from the Police and Crime Commissioner's office. To join: JOIN and your zone. To leave: STOP. "
    "Not watched 24 hours: call 999 or 101."
)
TOO_LATE = "People Link: it is too long since you asked to join. To start again, reply JOIN and your zone."
CONFIRM_SUBJECT = "Please confirm your email for People Link"


def asked_on_the_web(zones: Sequence[Zone]) -> str:
    """The text that asks for YES after the web form, which has shown the privacy page and 999 already."""
    return to_gsm(
        f"People Link: thanks. Reply YES to get texts about {named(zones)} from the Commissioner's office, "
        "about 1 a week. Reply STOP any time. Help: HELP"
    )


def asked_by_text(zones: Sequence[Zone], wording: ConsentWording, links: Links) -> str:
    """The text that asks for YES after JOIN: the first one this person gets, so it says everything (two segments)."""
    return to_gsm(wording.words.replace("{zones}", named(zones)).replace("{privacy}", links.privacy))


def asked_by_mail(zones: Sequence[Zone], link: str) -> str:
    """The mail with the link that confirms, in Markdown."""
    return (
        f"Thank you for joining People Link, from the Police and Crime Commissioner's office.\n\n"
        f"Please confirm that you want emails about **{named(zones)}**, about 1 a week:\n\n"
        f"[Confirm my email]({link})\n\n"
        "The link works for 14 days. If you did not ask for this, do nothing: we will not write again.\n\n"
        "People Link is not watched 24 hours. In an emergency call 999. "
        "To tell the police something that is not an emergency, call 101."
    )


def joined(zones: Sequence[Zone]) -> str:
    """After YES."""
    return to_gsm(
        f"You're in. People Link will text you about {named(zones)}. To leave reply STOP. Emergency? Call 999."
    )


def added(zones: Sequence[Zone]) -> str:
    """After JOIN by somebody who is a member already."""
    return to_gsm(f"People Link: done. We'll text you about {named(zones)} too. To leave reply STOP.")


def already(zones: Sequence[Zone]) -> str:
    """After JOIN or YES by somebody who gets it already."""
    return to_gsm(f"People Link: you're in already. We text you about {named(zones)}. To leave reply STOP.")


def welcome_back(zones: Sequence[Zone]) -> str:
    """After START by a former member."""
    return to_gsm(f"People Link: welcome back. We'll text you about {named(zones)}. To leave reply STOP.")


def how_to_join(zones: Sequence[Zone], links: Links) -> str:
    """After START by somebody who never joined."""
    return to_gsm(f"People Link: you can get our texts. To join, reply JOIN and your zone: {_choice(zones, links)}.")


def several_left(zones: Sequence[Zone], links: Links) -> str:
    """After START at a number that several residents shared: nobody is put back, since it may be any of them."""
    how = f"To get texts again, reply JOIN and your zone: {_choice(zones, links)}."
    return to_gsm(f"People Link: more than one person used this number. {how}")


def left_long_ago(zones: Sequence[Zone], links: Links) -> str:
    """After START long after STOP: the number may be somebody else's by now."""
    how = f"To get texts again, reply JOIN and your zone: {_choice(zones, links)}."
    return to_gsm(f"People Link: it is some time since this number left. {how}")


def which_zone(zones: Sequence[Zone], links: Links) -> str:
    """After JOIN alone."""
    return to_gsm(f"People Link: which zone? Reply JOIN and its name: {_choice(zones, links)}.")


def no_such_zone(zones: Sequence[Zone], close: Sequence[Zone], links: Links) -> str:
    """After JOIN and a name we do not know; a likely zone is offered, never taken."""
    if close:
        meant = listed([f"JOIN {zone.name.upper()}" for zone in close], last="or")
        return to_gsm(
            f"People Link: we could not find that zone. Did you mean {named(close, last='or')}? Reply {meant}."
        )
    return to_gsm(f"People Link: we could not find that zone. Reply JOIN and one of these: {_choice(zones, links)}.")


def _choice(zones: Sequence[Zone], links: Links) -> str:
    names = named(zones, last="or")
    return names if len(names) <= _LONGEST_LIST else f"see {links.join}"
