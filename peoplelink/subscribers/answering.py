"""Who answers a text, us or Twilio, and how often: nobody gets two answers.

Twilio answers its own words by itself unless that is switched off (`KeywordMode`), so where it answers we act and stay
silent. It answers a lone STOP, START or HELP word always, and a lone YES when that lifts a block. What it does not
understand ("Stop.", "stop please") we answer in every mode.
"""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import OptOutWord
from peoplelink.config import KeywordMode
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Suppression
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.subscribers import commands, limits
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.signup import STOPPED_BY_TEXT

_NOT_AT_TWILIO = frozenset({SuppressionReason.OFFICER})
"""What Twilio knows nothing of."""
_ONCE_IN = dt.timedelta(hours=1)
"""A STOP said again within this time is not answered again."""


@dataclass(frozen=True)
class TextBefore:
    """The text that came before this one from the same number, which was an order."""

    text: str = field(repr=False)
    at: dt.datetime


@dataclass(frozen=True)
class TextFromResident:
    """A text as it came, and the provider's own verdict where it gives one."""

    address: Address
    text: str = field(repr=False)
    opt_out: OptOutWord | None
    message_public_id: str
    fetched: bool = False
    """The provider listed it and did not bring it: a verdict that it gave is not known."""
    answerable: bool = True
    """Whether an automatic answer may go where it came from."""
    before: TextBefore | None = None
    """Of a YES: where the last one may have been answered with "did you mean" (`texts.MAY_BE_ASKED_BACK`)."""


@dataclass(frozen=True)
class TextSettings:
    """What answering needs of the configuration."""

    keyword_mode: KeywordMode
    address_key: str = field(repr=False)
    reply_number: str | None
    public_url: str
    secret_keys: tuple[str, ...] = field(repr=False)

    @property
    def links(self) -> Links:
        """Makes the links that answers hold."""
        return Links(self.public_url, self.secret_keys)


class Voice:
    """Says what there is to say to the sender of one text, unless Twilio says it.

    Made before the text is carried out: it remembers whether the sender was blocked then.
    """

    def __init__(self, session: Session, message: TextFromResident, settings: TextSettings, now: dt.datetime) -> None:
        self._session, self._message, self._now = session, message, now
        self._mode = settings.keyword_mode
        self._address = message.address
        self._reasons = outbound.suppressions_of(session, message.address) & STOPPED_BY_TEXT
        self.blocked = bool(self._reasons)
        """The sender had said STOP, to us or to Twilio."""
        self._blocked_at_twilio = bool(self._reasons - _NOT_AT_TWILIO) and not self._answered_their_stop()

    def twilio_answers_stop(self) -> bool:
        """Whether this STOP is one that Twilio answers."""
        return self._twilio_answers(commands.STOP_WORDS)

    def twilio_answers_help(self) -> bool:
        """Whether this HELP is one that Twilio answers."""
        return self._twilio_answers(commands.HELP_WORDS)

    def twilio_answers_start(self) -> bool:
        """Whether Twilio answers this START. Where it has no block to lift it says nothing, and we do."""
        return self._twilio_answers(commands.START_WORDS) and self._blocked_at_twilio

    def twilio_answers_yes(self) -> bool:
        """Whether this YES lifts a block at Twilio, which then answers."""
        lone = commands.is_word(self._message.text, commands.YES_WORDS)
        return lone and self._blocked_at_twilio and self._mode is not KeywordMode.OFF

    def say(self, words: str, *, owed: bool = False) -> None:
        """Queue an answer, unless this number has had many.

        It is owed where their consent or choices have changed: the last that they read of it must be true.
        """
        may = limits.answers_left_today if owed else limits.may_answer
        if may(self._session, self._address, now=self._now):
            self._queue(words, Purpose.KEYWORD_ANSWER)

    def say_while_stopped(self, words: str) -> bool:
        """Answer somebody who has said STOP and asks to join; False where Twilio would refuse it (21610), or often."""
        if not self._passes_twilio() or not limits.may_answer(self._session, self._address, now=self._now):
            return False
        self._queue(words, Purpose.OPT_OUT_ANSWER)
        return True

    def say_that_they_left(self, words: str, *, changed: bool) -> None:
        """Queue the one message that a STOP is answered with.

        The webhook may have stopped the address already: then nothing has changed just now, and it is still owed. Who
        leaves and comes back all day long is a machine, and hears nothing more that day.
        """
        owed = changed or not self._said_lately()
        if owed and limits.answers_left_today(self._session, self._address, now=self._now):
            self._queue(words, Purpose.OPT_OUT_ANSWER)

    def _queue(self, words: str, purpose: Purpose) -> None:
        if self._message.answerable:
            outbound.queue_message(self._session, self._address, purpose=purpose, body=words, now=self._now)

    def _twilio_answers(self, words: frozenset[str]) -> bool:
        # In advanced mode Twilio says so itself (`opt_out`), and the text is dealt with before anybody asks here; but
        # not of a text that we fetched, and then it is its usual words that count.
        answers = self._mode is KeywordMode.DEFAULT or (self._mode is KeywordMode.ADVANCED and self._message.fetched)
        return answers and commands.is_word(self._message.text, words)

    def _passes_twilio(self) -> bool:
        """Whether a text to a sender who said STOP gets past Twilio, as far as we can know."""
        if SuppressionReason.PROVIDER in self._reasons:
            return False
        if self._reasons <= _NOT_AT_TWILIO:
            return True
        # A "stop please" may have been followed by a STOP, so it is the latest that counts.
        return self._mode is KeywordMode.OFF or self._answered_since(func.max(Suppression.said_at))

    def _answered_their_stop(self) -> bool:
        """Whether it was us who answered the STOP that still holds: then Twilio did not take it for one."""
        return self._answered_since(func.min(Suppression.created_at))

    def _answered_since(self, moment: ColumnElement[dt.datetime]) -> bool:
        since = self._session.scalar(
            select(moment).where(
                Suppression.hash == self._address.hash,
                Suppression.reason.in_(STOPPED_BY_TEXT),
                Suppression.lifted_at.is_(None),
            )
        )
        return since is not None and self._said_since(since)

    def _said_lately(self) -> bool:
        """Whether we said so since they stopped; what we said before they came back does not count."""
        return self._said_since(self._now - _ONCE_IN) and self._answered_since(func.max(Suppression.created_at))

    def _said_since(self, since: dt.datetime) -> bool:
        return outbound.count_recent(self._session, self._address, [Purpose.OPT_OUT_ANSWER], since=since) > 0
