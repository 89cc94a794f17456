"""What residents are told by mail about leaving, all of it or a part: in the language spoken just now."""

from collections.abc import Sequence

from peoplelink.languages import gettext as _
from peoplelink.languages import listed
from peoplelink.subscribers.joining_words import as_answer
from peoplelink.subscribers.models import Zone
from peoplelink.subscribers.zones import named


def left_subject() -> str:
    """Of the mail that says that they have left."""
    return _("You have left People Link")


def left() -> str:
    """After STOP by mail, or an officer's on their word."""
    return _(
        "You have left People Link, from the Police and Crime Commissioner's office, and we will not write to this "
        "mailbox again.\n\n"
        "If you change your mind, you can sign up again on our website at any time.\n\n"
        "Do you get texts from us too? To stop those, reply STOP to any of them."
    )


def part_subject() -> str:
    """Of the mails that answer STOP and a zone or topic."""
    return _("What you get from People Link")


def gave_up_by_mail(names: Sequence[str], still: Sequence[str]) -> str:
    """After STOP and a zone or topic."""
    done = _(
        "Done: you will get nothing more from us about **%(what)s**, by email or by text. You still hear from us about "
        "%(zones)s.",
        what=listed(names),
        zones=listed(still),
    )
    return as_answer(f"{done}\n\n{_to_stop_all()}")


def gave_up_all_by_mail(names: Sequence[str], *, shared: bool) -> str:
    """After STOP and the last zone, or topic, that somebody had; at a mailbox that several share it is for this one."""
    done = _("You got only **%(what)s** from us, so you have left.", what=listed(names))
    if shared:
        end = _("We will not write to this mailbox again.")
    else:
        end = _("We will not write to you again, by email or by text.")
    again = _("If you change your mind, you can sign up again on our website at any time.")
    return as_answer(f"{done} {end}\n\n{again}")


def not_theirs_by_mail(names: Sequence[str], still: Sequence[str]) -> str:
    """After STOP and a zone or topic that they did not get anyway."""
    had = _("You get nothing from us about **%(what)s**.", what=listed(names, last="or"))
    gets = _("You hear from us about %(zones)s.", zones=listed(still)) if still else ""
    return as_answer(f"{had} {gets}\n\n{_to_stop_all()}")


def which_by_mail(close: Sequence[Zone]) -> str:
    """After STOP and a word that is nearly a zone: nothing is taken silently."""
    asked = _("Which zone did you mean: %(zones)s?", zones=named(close, last="or"))
    how = _("Answer with STOP and its name, such as **STOP %(zone)s**.", zone=close[0].name.upper())
    return as_answer(f"{asked} {how}\n\n{_to_stop_all()}")


def _to_stop_all() -> str:
    return _("To stop all our emails, answer with the one word STOP.")
