"""What our own short words for things are called towards residents, in what is shown to them of what is held."""

from peoplelink.channels.messages import Medium
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.subscribers.imports.models import RowStatus
from peoplelink.subscribers.models import Digest, SignUp, SignUpSource

ASKED_BY = {
    SignUpSource.WEB: lazy_gettext("With the form on our website"),
    SignUpSource.TEXT: lazy_gettext("By text"),
    SignUpSource.EMAIL: lazy_gettext("By email"),
    SignUpSource.OFFICER: lazy_gettext("Face to face, with one of us"),
    SignUpSource.IMPORT: lazy_gettext("On a list that was kept before"),
}
ON_A_LIST = {
    RowStatus.WAITING: lazy_gettext("Waits for its turn"),
    RowStatus.ADDED: lazy_gettext("You were signed up"),
    RowStatus.ASKED: lazy_gettext("You were asked to confirm"),
    RowStatus.REFUSED: lazy_gettext("It was not used"),
}
EMAILS_COME = {
    None: lazy_gettext("Each at once"),
    Digest.DAILY: lazy_gettext("One a day"),
    Digest.WEEKLY: lazy_gettext("One a week"),
}
_HOW = {
    "link": lazy_gettext("by a link we sent"),
    "preferences": lazy_gettext("on your own page"),
    "changed": lazy_gettext("because another address took its place"),
    "one-click": lazy_gettext("by the button of a mail program"),
    "import": lazy_gettext("on a list that was kept before"),
    "officer": lazy_gettext("by an officer, because you asked"),
    "erased": lazy_gettext("because you had everything erased"),
}
_REPLY = "reply "


def asked_by(asked: SignUp) -> str:
    """How a request to join, or to be written to elsewhere, came."""
    if asked.is_change:
        return _("On your own page, for another number or email address")
    return str(ASKED_BY[asked.source])


def how(written: str, medium: Medium) -> str:
    """How a line came to the ledger; a word that they sent stands as they sent it."""
    if written in _HOW:
        return str(_HOW[written])
    words = written.removeprefix(_REPLY)
    return _("by text: %(words)s", words=words) if medium is Medium.SMS else _("by email: %(words)s", words=words)


def circumstance(name: str, said: str) -> str:
    """Something that was noted of how somebody agreed, with what it says."""
    told = {
        "source": _("From: %(said)s", said=said),
        "given_on": _("Agreed on: %(said)s", said=said),
        "where": _("Where: %(said)s", said=said),
        "witness": _("Who was there: %(said)s", said=said),
    }
    return told[name]
