"""The language in which we write to an address: that of whoever lives there, or asked to join from there."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.catalogues import services as catalogues
from peoplelink.languages import ENGLISH, Language
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import LinkStatus, SignUp, SignUpAddress, Subscriber, SubscriberAddress


@contextmanager
def to(session: Session, address: Address) -> Iterator[Language]:
    """Speak to whoever reads at an address, in their language where its words have been checked, else in English.

    In a household it is that of whoever is there longest.
    """
    with catalogues.speaking(session, language_at(session, address)) as language:
        yield language


def language_at(session: Session, address: Address) -> str:
    """The code of the language spoken at an address; of those who have left where nobody else is there."""
    return _of_residents(session, address) or _of_sign_ups(session, address) or ENGLISH.code


def _of_residents(session: Session, address: Address) -> str | None:
    return session.scalar(
        select(Subscriber.language)
        .join(SubscriberAddress)
        .where(SubscriberAddress.address_id == address.id)
        .order_by(SubscriberAddress.status != LinkStatus.LIVE, Subscriber.id)
        .limit(1)
    )


def _of_sign_ups(session: Session, address: Address) -> str | None:
    return session.scalar(
        select(SignUp.language)
        .join(SignUpAddress)
        .where(SignUpAddress.address_id == address.id)
        .order_by(SignUp.id.desc())
        .limit(1)
    )
