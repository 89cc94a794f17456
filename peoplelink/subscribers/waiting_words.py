"""What those are told who live in no zone yet: by text, in one segment where it can be, and by mail, in Markdown."""

from peoplelink.channels.segments import to_gsm
from peoplelink.languages import gettext as _
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, Zone


def not_yet(sector: str, wording: ConsentWording, links: Links) -> str:
    """After a postcode in no zone, by text: the first one this person gets, so it says everything (two segments)."""
    return to_gsm(wording.words.replace("{sector}", sector).replace("{privacy}", links.privacy))


def waits_already(sector: str) -> str:
    """After the same postcode once more."""
    said = _("People Link: we have no zone in %(sector)s yet. We will text you once, when one opens.", sector=sector)
    return to_gsm(said)


def asked_by_text(sector: str) -> str:
    """The text that asks for YES after the web form, which has shown the privacy page and 999 already."""
    said = _(
        "People Link: thanks. Reply YES and we will text you once, when a zone opens in %(sector)s. "
        "Reply STOP any time. Help: HELP",
        sector=sector,
    )
    return to_gsm(said)


def waits(sector: str) -> str:
    """After YES."""
    said = _(
        "People Link: thank you. We will text you once, when a zone opens in %(sector)s. To stop that, reply STOP.",
        sector=sector,
    )
    return to_gsm(said)


def subject() -> str:
    """Of the mail that asks to confirm."""
    return _("Shall we tell you when People Link comes to you?")


def asked_by_mail(sector: str, link: str) -> str:
    """The mail with the link that confirms."""
    return _(
        "You asked us to tell you when a People Zone opens in **%(sector)s**. We are People Link, from the Police and "
        "Crime Commissioner's office.\n\n"
        "Please confirm that it was you:\n\n"
        "[Yes, tell me](%(link)s)\n\n"
        "The link works for 14 days. We will write once, when a zone opens. If none does within 12 months, we delete "
        "your address. If you did not ask for this, do nothing: we will not write again.\n\n"
        "People Link is not watched 24 hours. In an emergency call 999.",
        sector=sector,
        link=link,
    )


def opened_by_text(zone: Zone, links: Links) -> str:
    """The one text they waited for."""
    said = _(
        "People Link: a zone has opened near you: %(zone)s. To get its texts reply JOIN %(word)s, or see %(link)s. "
        "This is the one text you asked for. STOP: no more",
        zone=zone.name,
        word=zone.name.upper(),
        link=links.join_zone(zone),
    )
    return to_gsm(said)


def opened_subject(zone: Zone) -> str:
    """Of the one mail they waited for."""
    return _("A People Zone has opened near you: %(zone)s", zone=zone.name)


def opened_by_mail(zone: Zone, links: Links) -> str:
    """The one mail they waited for."""
    return _(
        "You asked us to tell you when a People Zone opens where you live. **%(zone)s** has.\n\n"
        "To get its messages you must still join:\n\n"
        "[Join %(zone)s](%(link)s)\n\n"
        "If you do nothing, we will not write again, and we have already taken you off our list.",
        zone=zone.name,
        link=links.join_zone(zone),
    )


def which_postcode() -> str:
    """After the first half of a postcode."""
    return to_gsm(_("People Link: we need your whole postcode to find your zone. Reply like this: JOIN LE3 6AB"))
