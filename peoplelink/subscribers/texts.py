"""Texts from residents that are orders: STOP, START, HELP, YES, JOIN, a zone's own word, and choices (`choosing`).

After STOP nobody is texted until they text START (or UNSTOP, or a lone YES) themselves. JOIN from such a number lifts
nothing: it is told how to come back, and goes to a person where Twilio would refuse that answer. `answering` says who
answers the rest, us or Twilio.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import Medium, OptOutWord
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import (
    answers,
    answers_choices,
    choices_by_text,
    commands,
    confirming,
    keywords,
    leaving,
    plain_stop,
    services,
    signup,
    voiding,
    waiting,
    waiting_words,
    zones,
)
from peoplelink.subscribers.answering import TextBefore, TextFromResident, TextSettings
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.commands import Command, Order, exact_stop
from peoplelink.subscribers.joining import Joining
from peoplelink.subscribers.leaving_by_text import Handled, Leaving
from peoplelink.subscribers.models import SignUp, SignUpAddress

__all__ = ["Handled", "TextBefore", "TextFromResident", "TextSettings", "exact_stop", "handle", "means_stop"]

MAY_BE_ASKED_BACK = frozenset({"join", "zone", "stop_which"})
"""Commands that may have been answered with "did you mean", and so by YES."""

_JUST_NOW = dt.timedelta(hours=1)
"""A second YES within this time after joining is eagerness; later it may be the answer to a question."""
_LATE = dt.timedelta(days=30)
"""How long after a sign-up ran out a YES is still answered by saying so."""


def handle(session: Session, message: TextFromResident, *, settings: TextSettings, now: dt.datetime) -> Handled | None:
    """Carry out a text that is an order, and queue its answer; None when it is none, for a person to read.

    Harmless twice, but for a second answer (which `limits` holds back).
    """
    if message.address.medium is not Medium.SMS:
        return None
    turn = _Turn(session, message, settings, now)
    with catalogues.speaking(session, turn.language):
        return turn.take()


def means_stop(session: Session, text: str) -> bool:
    """Whether a text asks us to write no more, in these or other words; one that names a zone or topic does not."""
    command = commands.read(text)
    if leaving.asked(session, command):
        return False
    return command.order is Order.STOP or plain_stop.asks_to_stop(text)


def says_yes(text: str) -> bool:
    """Whether a text is a YES and nothing more."""
    return commands.read(text).order is Order.YES


def begins_with_stop(text: str) -> bool:
    """Whether a text is STOP and a few words more, which may or may not name something we know."""
    command = commands.read(text)
    return command.order is Order.STOP_ABOUT and not command.guess


class _Turn(Leaving):
    """One text and what is done about it. The order of routing is that of the design, section 5."""

    def take(self) -> Handled | None:
        return self._as_the_provider_says(self.command) or self._as_we_read(self.command)

    def _as_the_provider_says(self, command: Command) -> Handled | None:
        said = self.message.opt_out
        if said is OptOutWord.STOP:
            return self.stop(silent=True)
        if said is OptOutWord.START and command.order is not Order.YES:
            return self.start(silent=True)
        if said is OptOutWord.HELP:
            return Handled("help")
        return None

    def _as_we_read(self, command: Command) -> Handled | None:
        orders: dict[Order, Callable[[], Handled | None]] = {
            Order.START: lambda: self.start(silent=self.voice.twilio_answers_start()),
            Order.HELP: self._help,
            Order.YES: self._yes,
            Order.NO: self._no,
            Order.JOIN: lambda: self._join(command),
            Order.SETTINGS: self._settings,
            **dict.fromkeys(choices_by_text.ORDERS, lambda: self._choose(command)),
        }
        return self.leave(command) or orders.get(command.order, self._unasked)()

    def _joining(self) -> Joining:
        return Joining(self.session, self.message, self.settings, self.voice, self.now, language=self.language)

    def _join(self, command: Command) -> Handled | None:
        if self._adds_topic(command):
            return self._choose(replace(command, order=Order.ADD))
        done = self._joining().ordered(command)
        return Handled(done) if done else None

    def _adds_topic(self, command: Command) -> bool:
        """JOIN and a topic by a resident: what STOP and the topic gave up. "I'd like to join volunteering" is none."""
        says_so = command.order is Order.JOIN and not command.guess
        names_topic = says_so and keywords.lookup(self.session, command.rest).topic is not None
        return names_topic and bool(services.subscribers_at(self.session, self.address))

    def _unasked(self) -> Handled | None:
        done = self._joining().unasked()
        return Handled(done) if done else None

    def _help(self) -> Handled:
        if not self.voice.twilio_answers_help():
            self.voice.say(answers.HELP)
        return Handled("help")

    # YES

    def _yes(self) -> Handled | None:
        if self.voice.blocked:
            # Whoever said STOP has been asked nothing since: a form that somebody filled in waits unasked. A lone YES
            # is a wish to come back, and the question is put then; anything longer is for a person.
            alone = commands.is_word(self.message.text, commands.YES_WORDS)
            return self.start(silent=self.voice.twilio_answers_yes(), how="YES") if alone else None
        return self._as_offered() or self._as_asked()

    def _as_offered(self) -> Handled | None:
        """A YES to "did you mean New Parks?": the order before it, with that zone; asked again where it was several."""
        before = self.message.before
        if before is None or not self._was_asked_last(before):
            return None
        command = choices_by_text.with_language(commands.read(before.text))
        if about := leaving.asked(self.session, command):
            return self._stop_about(leaving.Named(zones=about.close)) if len(about.close) == 1 else None
        done = self._joining().as_offered(command, before.text)
        return Handled(done) if done else None

    def _was_asked_last(self, before: TextBefore) -> bool:
        def said(*purposes: Purpose) -> int:
            return outbound.count_recent(self.session, self.address, purposes, since=before.at)

        # A broadcast may have waited for the end of a night, and come after the offer.
        broadcast = outbound.count_arriving(self.session, self.address, [Purpose.BROADCAST], since=before.at)
        return bool(said(Purpose.KEYWORD_ANSWER)) and not said(Purpose.CONFIRMATION, Purpose.REPLY) and not broadcast

    def _as_asked(self) -> Handled | None:
        """A YES to the question whether we may write."""
        pending = signup.pending_at(self.session, self.address, now=self.now)
        waits = waiting.pending_at(self.session, self.address, now=self.now)
        if waits is not None and (pending is None or pending.created_at < waits.asked_at):
            return self._wait(waits)
        return self._confirm(pending) if pending is not None else self._yes_to_nothing()

    def _wait(self, row: Waiting) -> Handled:
        waiting.confirm(self.session, row, how="reply YES", now=self.now)
        if not self.voice.twilio_answers_yes():
            self.voice.say(waiting_words.waits(row.sector), owed=True)
        return Handled("yes")

    def _confirm(self, pending: SignUp) -> Handled:
        resident = confirming.confirm(
            self.session, pending, self.address, how="reply YES", evidence=self.evidence, now=self.now
        )
        if not self.voice.twilio_answers_yes():
            self.voice.say(answers.joined(signup.chosen_zones(self.session, pending)), owed=True)
        given_up = [link.address_id for link in resident.addresses] if pending.is_change else []
        return Handled("yes", narrowed=frozenset(given_up))

    def _yes_to_nothing(self) -> Handled | None:
        """A YES when nothing waits: said twice, or said too late. Any other is part of a conversation."""
        newest = signup.newest_at(self.session, self.address)
        if newest is None:
            return None
        if newest.confirmed_at is not None:
            if newest.confirmed_at < self.now - _JUST_NOW:
                return None
            self.voice.say(answers.already(self.zones_here()))
            return Handled("yes")
        if newest.sign_up.expires_at < self.now - _LATE:
            return None
        self.voice.say(self._why_it_counts_no_more(newest))
        return Handled("yes")

    def _why_it_counts_no_more(self, asked: SignUpAddress) -> str:
        if signup.is_overtaken(self.session, asked):
            return answers.another_since()
        if voiding.was_voided(asked.sign_up):
            return answers.how_to_join(zones.active(self.session), self.settings.links)
        return str(answers.TOO_LATE)

    def _no(self) -> Handled | None:
        """A NO to the question whether we may write: it is asked no more. Any other is part of a conversation."""
        if self.voice.blocked:
            return None  # what waits has not been asked since their STOP
        pending = signup.pending_at(self.session, self.address, now=self.now)
        waits = waiting.pending_at(self.session, self.address, now=self.now)
        asked = [one for one in (pending and pending.created_at, waits and waits.asked_at) if one]
        if not asked or outbound.count_recent(self.session, self.address, [Purpose.REPLY], since=max(asked)):
            return None  # nothing was asked, or an officer has asked something since
        services.decline(self.session, self.address, evidence=self.evidence, now=self.now)
        self.voice.say(answers.declined(), owed=True)
        # Somebody of the household may have answered a broadcast.
        return Handled("no", flagged=bool(services.subscribers_at(self.session, self.address)))

    # Choices

    def _choose(self, command: Command) -> Handled | None:
        choice = choices_by_text.read(self.session, command)
        if choice is None:
            adds_zone = command.order is Order.ADD and keywords.zones_in(self.session, command.rest)
            return self._join(command) if adds_zone else None
        if self.voice.blocked:
            return Handled("join") if self._joining().while_stopped() else None
        done = choices_by_text.carry_out(self.session, self.address, choice, now=self.now)
        self.voice.say(done, owed=choice.topic is not None or choice.language is not None)
        return Handled(command.order.value)

    def _settings(self) -> Handled | None:
        """A link to their choices and what we hold. Also after a STOP: they ask for it, and have a right to it."""
        words = answers_choices.settings(self.settings.links.preferences(self.address))
        if self.voice.blocked:
            return Handled("settings") if self.voice.say_while_stopped(words) else None
        if services.latest_at(self.session, self.address):
            self.voice.say(words)
        else:
            self.voice.say(answers.how_to_join(zones.active(self.session), self.settings.links))
        return Handled("settings")
