"""What residents are told by mail about joining, and when they are asked once more: in the language spoken just now."""

from collections.abc import Sequence

from peoplelink.channels.segments import to_gsm
from peoplelink.languages import gettext as _
from peoplelink.subscribers import answers
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Zone
from peoplelink.subscribers.zones import named


def reminder_subject() -> str:
    """Of the mail that asks once more."""
    return _("One press of a button and you are in: People Link")


def moving_subject() -> str:
    """Of the mail that asks once more whether it may come to a resident's new address."""
    return _("One press of a button and our emails come here: People Link")


def reminded_by_text(zones: Sequence[Zone]) -> str:
    """The text that asks for YES once more."""
    return to_gsm(
        _(
            "People Link, from the Commissioner's office: you asked for texts about %(zones)s. To get them reply YES. "
            "If not, do nothing: we won't ask again.",
            zones=named(zones),
        )
    )


def reminded_by_mail(zones: Sequence[Zone], link: str, *, moved: bool = False) -> str:
    """The mail that asks once more, in Markdown; `moved` where a resident changes their address."""
    asked = (
        answers.somebody_asked_to_move()
        if moved
        else _(
            "You asked for emails about **%(zones)s** from People Link, the messages of the Police and Crime "
            "Commissioner's office. You are not signed up yet.",
            zones=named(zones),
        )
    )
    press = _("[Confirm my email](%(link)s)", link=link)
    nothing = _(
        "If you changed your mind, or did not ask for this, do nothing: we will not ask again, and will delete your "
        "address."
    )
    return f"{asked}\n\n{press}\n\n{nothing}\n\n{_not_watched()}"


def beside_the_request(links: Links, wording: str = "") -> str:
    """What a mail adds, under the request to confirm, for somebody who has seen none of our pages."""
    keeps = _("What we keep, and why: %(link)s", link=f"<{links.privacy}>")
    return f"{wording}\n\n{keeps}" if wording else keeps


def join_subject() -> str:
    """Of the mails that answer JOIN."""
    return _("Joining People Link")


def added_by_mail(zones: Sequence[Zone]) -> str:
    """After JOIN by somebody who gets our emails already."""
    done = _("Done: we will write to you about **%(zones)s** too, from now on.", zones=named(zones))
    return as_answer(done)


def already_by_mail(zones: Sequence[Zone]) -> str:
    """After JOIN by somebody who gets it already."""
    return as_answer(_("You are in already: we write to you about **%(zones)s**.", zones=named(zones)))


def which_zone_by_mail(choice: Sequence[Zone], close: Sequence[Zone], links: Links) -> str:
    """After JOIN without a zone, or with one we do not know; a likely one is offered, never taken."""
    if close:
        asked = _("We could not find that zone. Did you mean %(zones)s?", zones=named(close, last="or"))
    else:
        asked = _(
            "Thank you for writing. Which zone do you want to hear about? There are: %(zones)s.", zones=named(choice)
        )
    how = _(
        "Send us an email with the subject JOIN and the name of the zone, such as **JOIN %(zone)s**. Or "
        "[join on our website](%(link)s).",
        zone=(close or choice)[0].name.upper(),
        link=links.join,
    )
    return as_answer(f"{asked}\n\n{how}")


def nowhere_by_mail(sector: str, links: Links) -> str:
    """After JOIN and a postcode that lies in no zone."""
    return as_answer(
        _(
            "There is no People Zone at your postcode (%(sector)s) yet. "
            "[On our website](%(link)s) you can ask us to tell you when there is.",
            sector=sector,
            link=links.join,
        )
    )


def as_answer(words: str) -> str:
    """The mail that answers an order by mail: who writes, what is said, and that nobody watches it at night."""
    who = _("This is People Link, from the Police and Crime Commissioner's office.")
    return f"{who}\n\n{words}\n\n{_not_watched()}"


def _not_watched() -> str:
    return _(
        "People Link is not watched 24 hours. In an emergency call 999. To tell the police something that is not an "
        "emergency, call 101."
    )
