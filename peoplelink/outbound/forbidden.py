"""Why an address may not be written to, in words for officers."""

from sqlalchemy.orm import Session

from peoplelink.outbound import services
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import PASSES, Purpose, SuppressionReason

_WHY_NOT = {
    SuppressionReason.STOP: "They texted STOP, so we may not text them. They can text START if they change their mind.",
    SuppressionReason.UNSUBSCRIBED: "They asked us to stop writing to this address.",
    SuppressionReason.BOUNCED: "Messages to this address come back: there is no such number or mailbox.",
    SuppressionReason.COMPLAINED: "They reported a message of ours as spam, so we may not write to this address.",
    SuppressionReason.PROVIDER: "They told the company that carries our messages to stop them, and it refuses them. "
    "Neither we nor a form can lift that: for texts they must text START to our number themselves.",
    SuppressionReason.OFFICER: "An officer was asked not to write to this address any more. They can text START, or "
    "sign up again for emails, if they change their mind.",
    SuppressionReason.ERASED: "They asked us to erase what we hold, so we may not write to this address.",
}


def why_not(session: Session, address: Address, purpose: Purpose) -> str | None:
    """Why an address may not be written to for this purpose; None when it may."""
    reasons = services.suppressions_of(session, address) - PASSES.get(purpose, frozenset())
    return next((text for reason, text in _WHY_NOT.items() if reason in reasons), None)
