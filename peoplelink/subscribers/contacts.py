"""One box for a number or a mailbox, as people type either."""

from typing import NamedTuple

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.languages import gettext as _
from peoplelink.outbound.addresses import normalise_email, normalise_mobile


class Contact(NamedTuple):
    """A number or a mailbox in its one spelling."""

    medium: Medium
    value: str


def read(typed: str, *, fictional_allowed: bool) -> Contact:
    """What somebody typed; raises InvalidInputError that says what to do."""
    typed = typed.strip()
    if not typed:
        raise InvalidInputError(_("Enter your mobile number or your email address"))
    if "@" in typed:
        return Contact(Medium.EMAIL, normalise_email(typed))
    return Contact(Medium.SMS, normalise_mobile(typed, fictional_allowed=fictional_allowed))
