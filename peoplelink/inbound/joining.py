"""Emails that say JOIN and a zone, in the subject or the first line.

Anybody can write another's mailbox into From, so only a mail whose SPF or DKIM passed for that domain is answered at
all: else we would send mail to whomever a forger names. Machines and mailing lists never come here (`routing`).
"""

import datetime as dt
from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import mail_orders
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import (
    choices_by_text,
    commands,
    confirming,
    consent,
    joining_words,
    limits,
    mails,
    services,
    signup,
    spoken,
    wishes,
)
from peoplelink.subscribers import zones as zones_of_all
from peoplelink.subscribers.commands import Order
from peoplelink.subscribers.leaving_by_text import Handled
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import SignUpSource, Subscriber, Zone
from peoplelink.subscribers.seed import WEB_FORM
from peoplelink.subscribers.wishes import Wish

log = structlog.get_logger(__name__)

JOIN = "join"
"""How such a mail stands in the list of messages."""
_LONGEST_UNKNOWN = 3
"""Words after JOIN that are taken for a zone we do not have; more ("join us at the hall tonight") go to a person."""


def join_by_email(
    session: Session, message: InboundMessage, received: ReceivedMessage, *, config: Config, now: dt.datetime
) -> Handled | None:
    """Ask whoever sent a JOIN to confirm; None when the mail says something else, or its sender cannot be trusted.

    A person also reads a mail that tells something.
    """
    if not mail_orders.may_be_answered(message, received, config):
        return None
    with spoken.to(session, received.address):
        turn = _Turn(session, received, config, now)
        taken = next((words for words in mails.orders(message.subject, message.text) if turn.take(words)), None)
    if taken is None:
        return None
    return Handled(JOIN, flagged=bool(message.media) or mail_orders.tells_something(message, [taken]))


class _Turn:
    """One mail and what is done about it."""

    def __init__(self, session: Session, received: ReceivedMessage, config: Config, now: dt.datetime) -> None:
        self._session, self._config, self._now = session, config, now
        self._address = received.address
        self._evidence = {"message": received.public_id}
        self._links = Links.of(config)
        self._language = spoken.language_at(session, received.address)

    def take(self, words: str) -> bool:
        """Carry out a line that is an order to join; False when it is none."""
        command = choices_by_text.with_language(commands.read(words))
        if command.order is not Order.JOIN:
            return False
        wish = wishes.read(self._session, command.rest)
        sure = wish.zones or (not command.guess and (wish.understood or len(command.rest.split()) <= _LONGEST_UNKNOWN))
        if not sure:
            return False
        self._language = command.language or self._language
        with catalogues.speaking(self._session, self._language):
            self._grant(wish)
        return True

    def _grant(self, wish: Wish) -> None:
        """Do what is certain of a wish, and ask about what is not."""
        if wish.zones:
            self._join(wish.zones)
        elif wish.nowhere:
            self._say(joining_words.nowhere_by_mail(wish.nowhere, self._links))
        elif choice := zones_of_all.active(self._session):
            self._say(joining_words.which_zone_by_mail(choice, wish.close, self._links))

    def _join(self, chosen: Sequence[Zone]) -> None:
        living = services.subscribers_at(self._session, self._address)
        if living:
            self._add_zones(living[0], chosen)
        else:
            self._ask_to_confirm(chosen)

    def _add_zones(self, resident: Subscriber, chosen: Sequence[Zone]) -> None:
        wording = consent.wording(self._session, WEB_FORM)
        added = confirming.add_zones(
            self._session,
            resident,
            self._address,
            chosen,
            how="JOIN by email",
            evidence=self._evidence,
            wording_id=wording.id,
            now=self._now,
        )
        self._say(joining_words.added_by_mail(added) if added else joining_words.already_by_mail(chosen))

    def _ask_to_confirm(self, chosen: Sequence[Zone]) -> None:
        request = signup.SignUpRequest(
            source=SignUpSource.EMAIL,
            zones=chosen,
            wording=consent.wording(self._session, WEB_FORM),
            email=self._address.value,
            language=self._language,
            evidence=self._evidence,
        )
        key = self._config.address_key
        try:
            signup.sign_up(self._session, request, links=self._links, address_key=key, now=self._now)
        except signup.TooManyTodayError:
            log.warning("email_joins_over_the_days_cap")

    def _say(self, body: str) -> None:
        """Queue an answer, unless this mailbox has had many, or may not be written to."""
        if limits.may_answer(self._session, self._address, now=self._now):
            outbound.queue_message(
                self._session,
                self._address,
                purpose=Purpose.KEYWORD_ANSWER,
                body=body,
                subject=joining_words.join_subject(),
                now=self._now,
            )
