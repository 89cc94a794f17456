"""An officer stops our messages to somebody who asked for it, and not by text. Only the resident can come back."""

import datetime as dt
from enum import StrEnum

from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.errors import ConflictError
from peoplelink.inbound.models import Conversation
from peoplelink.officers.models import Officer
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import answers, mails, services, spoken


class Because(StrEnum):
    """Why an officer stops messages. A choice and no free words: it stands in the audit log, which names nobody."""

    SAID = "said"
    WROTE = "wrote"
    WRONG = "wrong"
    DIED = "died"


BECAUSE_WORDS = {
    Because.SAID: "They asked us, by phone or face to face",
    Because.WROTE: "They asked in what they wrote here",
    Because.WRONG: "It is the wrong number or mailbox",
    Because.DIED: "We were told that they have died",
}
BECAUSE_WORDS_BY_HAND = BECAUSE_WORDS | {Because.WROTE: "They asked in a letter, or in a message to somebody else"}
"""The same where there is no conversation with them."""
_OWN_WISH = frozenset({Because.SAID, Because.WROTE})
"""They asked themselves, so they hear that it is done; nobody else is written to once more."""


class StoppedAlreadyError(ConflictError):
    """The address may not be written to anyway."""


def stop_writing(
    session: Session, conversation: Conversation, because: Because, *, by: Officer, now: dt.datetime
) -> None:
    """Write to the address of a conversation no more, whoever shares it. Raises StoppedAlreadyError."""
    subject = ("conversation", conversation.public_id)
    evidence = {"conversation": conversation.public_id}
    _stop(session, conversation.address, because, evidence=evidence, subject=subject, by=by, now=now)
    if because in _OWN_WISH:
        _confirm(session, conversation.address, now=now)


def stop_writing_to(session: Session, address: Address, because: Because, *, by: Officer, now: dt.datetime) -> None:
    """The same for somebody who has never written to us. Raises StoppedAlreadyError.

    Where no resident has lived nobody is told that they have left: the number may have been mistyped.
    """
    lived = services.latest_at(session, address)
    _stop(session, address, because, evidence={}, subject=("address", address.public_id), by=by, now=now)
    if lived and because in _OWN_WISH:
        _confirm(session, address, now=now)


def _stop(
    session: Session,
    address: Address,
    because: Because,
    *,
    evidence: dict[str, str],
    subject: tuple[str, str],
    by: Officer,
    now: dt.datetime,
) -> None:
    # Two presses of the button send one confirmation.
    addresses.hold(session, [address.id])
    stopped = bool(outbound.suppressions_of(session, address))
    if not stopped:
        services.stop_address(
            session,
            address,
            reason=SuppressionReason.OFFICER,
            how="officer",
            source="officer",
            evidence=evidence | {"because": because.value},
            actor=by.actor,
            now=now,
        )
    # Whoever reads a wrong number, or a dead person's, must not come back as them.
    closed = because not in _OWN_WISH and services.close(session, address, now=now)
    if stopped and not closed:
        raise StoppedAlreadyError("We write to this address no more already.")
    kind, public_id = subject
    audit.record(
        session, f"{kind}.stopped_on_request", actor=by.actor, subject_kind=kind, subject_id=public_id, now=now,
        because=because.value,
    )  # fmt: skip


def _confirm(session: Session, address: Address, *, now: dt.datetime) -> None:
    with spoken.to(session, address):
        if address.medium is Medium.EMAIL:
            mails.say_that_they_left(session, address, now=now)
        else:
            outbound.queue_message(session, address, purpose=Purpose.OPT_OUT_ANSWER, body=answers.LEFT, now=now)
