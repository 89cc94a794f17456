"""Texts from residents that are orders: STOP, START, HELP, YES, JOIN and a zone's own word.

After STOP nobody is texted until they text START (or UNSTOP, or a lone YES) themselves. JOIN from such a number lifts
nothing: it is told how to come back, and goes to a person where Twilio would refuse that answer. `answering` says who
answers the rest, us or Twilio.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium, OptOutWord
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import (
    answers,
    commands,
    confirming,
    keywords,
    services,
    signup,
    spoken,
    waiting,
    waiting_words,
    zones,
)
from peoplelink.subscribers.answering import TextFromResident, TextSettings, Voice
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.commands import Command, Order, exact_stop, means_stop
from peoplelink.subscribers.joining import Joining
from peoplelink.subscribers.models import SignUp, Zone

__all__ = ["Handled", "TextFromResident", "TextSettings", "exact_stop", "handle", "means_stop"]

_JUST_NOW = dt.timedelta(hours=1)
"""A second YES within this time after joining is eagerness; later it may be the answer to a question."""
_LATE = dt.timedelta(days=30)
"""How long after a sign-up ran out a YES is still answered by saying so."""


@dataclass(frozen=True)
class Handled:
    """The text was an order and has been carried out."""

    command: str


def handle(session: Session, message: TextFromResident, *, settings: TextSettings, now: dt.datetime) -> Handled | None:
    """Carry out a text that is an order, and queue its answer; None when it is none, for a person to read.

    Harmless twice, but for a second answer (which `limits` holds back).
    """
    if message.address.medium is not Medium.SMS:
        return None
    with spoken.to(session, message.address):
        return _Turn(session, message, settings, now).take()


class _Turn:
    """One text and what is done about it. The order of routing is that of the design, section 5."""

    def __init__(self, session: Session, message: TextFromResident, settings: TextSettings, now: dt.datetime) -> None:
        self.session, self.message, self.settings, self.now = session, message, settings, now
        self.address = message.address
        self.evidence = {"message": message.message_public_id}
        self.voice = Voice(session, message, settings, now)

    def take(self) -> Handled | None:
        command = commands.read(self.message.text)
        return self._as_the_provider_says(command) or self._as_we_read(command)

    def _as_the_provider_says(self, command: Command) -> Handled | None:
        said = self.message.opt_out
        if said is OptOutWord.STOP:
            return self._stop(silent=True)
        if said is OptOutWord.START and command.order is not Order.YES:
            return self._start(silent=True)
        if said is OptOutWord.HELP:
            return Handled("help")
        return None

    def _as_we_read(self, command: Command) -> Handled | None:
        if command.order is Order.STOP:
            return self._stop(silent=self.voice.twilio_answers_stop())
        if command.order is Order.STOP_ABOUT:
            return self._stop_about(command.rest)
        if command.order is Order.START:
            return self._start(silent=self.voice.twilio_answers_start())
        if command.order is Order.HELP:
            return self._help()
        if command.order is Order.YES:
            return self._yes()
        return self._join(command)

    def _join(self, command: Command) -> Handled | None:
        joining = Joining(self.session, self.message, self.settings, self.voice, self.now)
        done = joining.ordered(command) if command.order is Order.JOIN else joining.unasked()
        return Handled(done) if done else None

    # STOP, START

    def _stop(self, *, silent: bool, words: str = answers.LEFT) -> Handled:
        changed = services.stop_address(
            self.session,
            self.address,
            reason=SuppressionReason.STOP,
            how="STOP",
            source="text",
            evidence=self.evidence,
            now=self.now,
        )
        if not silent:
            self.voice.say_that_they_left(words, changed=changed)
        return Handled("stop")

    def _stop_about(self, rest: str) -> Handled | None:
        """STOP and a zone or topic: a wish to hear less is never passed over, so it stops everything and says so."""
        found = keywords.lookup(self.session, rest)
        if found.zone or found.topic or found.close or keywords.zones_in(self.session, rest):
            return self._stop(silent=False, words=answers.LEFT_ALL)
        return None

    def _help(self) -> Handled:
        if not self.voice.twilio_answers_help():
            self.voice.say(answers.HELP)
        return Handled("help")

    def _start(self, *, silent: bool, how: str = "START") -> Handled:
        started = services.start_address(self.session, self.address, how=how, evidence=self.evidence, now=self.now)
        pending = signup.pending_at(self.session, self.address, now=self.now)
        if pending is not None and (self.voice.blocked or not silent):
            # They filled in the form after a STOP; the question could not be put to them until now.
            signup.ask(self.session, pending, self.address, links=self.settings.links, now=self.now)
        elif not silent or (self.voice.blocked and not self._zones_here()):
            # Where Twilio has lifted a block it says that they get texts again: not true of somebody who must join.
            self.voice.say(self._where_they_stand(started))
        return Handled("start")

    def _where_they_stand(self, started: services.Started) -> str:
        subscribed = self._zones_here()
        if subscribed:
            return answers.welcome_back(subscribed)
        choice, links = zones.active(self.session), self.settings.links
        if started is services.Started.SEVERAL:
            return answers.several_left(choice, links)
        if started is services.Started.LONG_AGO:
            return answers.left_long_ago(choice, links)
        return answers.how_to_join(choice, links)

    # YES

    def _yes(self) -> Handled | None:
        if self.voice.blocked:
            # Whoever said STOP has been asked nothing since: a form that somebody filled in waits unasked. A lone YES
            # is a wish to come back, and the question is put then; anything longer is for a person.
            alone = commands.is_word(self.message.text, commands.YES_WORDS)
            return self._start(silent=self.voice.twilio_answers_yes(), how="YES") if alone else None
        pending = signup.pending_at(self.session, self.address, now=self.now)
        waits = waiting.pending_at(self.session, self.address, now=self.now)
        if waits is not None and (pending is None or pending.created_at < waits.asked_at):
            return self._wait(waits)
        return self._confirm(pending) if pending is not None else self._yes_to_nothing()

    def _wait(self, row: Waiting) -> Handled:
        waiting.confirm(self.session, row, how="reply YES", now=self.now)
        if not self.voice.twilio_answers_yes():
            self.voice.say(waiting_words.waits(row.sector))
        return Handled("yes")

    def _confirm(self, pending: SignUp) -> Handled:
        confirming.confirm(self.session, pending, self.address, how="reply YES", evidence=self.evidence, now=self.now)
        if not self.voice.twilio_answers_yes():
            self.voice.say(answers.joined(signup.chosen_zones(self.session, pending)))
        return Handled("yes")

    def _yes_to_nothing(self) -> Handled | None:
        """A YES when nothing waits: said twice, or said too late. Any other is part of a conversation."""
        newest = signup.newest_at(self.session, self.address)
        if newest is None:
            return None
        if newest.confirmed_at is not None:
            if newest.confirmed_at < self.now - _JUST_NOW:
                return None
            self.voice.say(answers.already(self._zones_here()))
            return Handled("yes")
        if newest.sign_up.expires_at < self.now - _LATE:
            return None
        self.voice.say(answers.TOO_LATE)
        return Handled("yes")

    def _zones_here(self) -> list[Zone]:
        living = services.subscribers_at(self.session, self.address)
        found = {zone.id: zone for person in living for zone in services.zones_of(self.session, person)}
        return sorted(found.values(), key=lambda zone: zone.name)
