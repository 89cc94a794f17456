"""STOP and START by text: in whatever words they are said, and about all of it or a part."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from peoplelink.subscribers import (
    answers,
    answers_choices,
    choices_by_text,
    commands,
    leaving,
    plain_stop,
    services,
    signup,
    spoken,
    zones,
)
from peoplelink.subscribers.answering import TextFromResident, TextSettings, Voice
from peoplelink.subscribers.commands import Command, Order
from peoplelink.subscribers.models import Zone


@dataclass(frozen=True)
class Handled:
    """The text was an order and has been carried out."""

    command: str
    flagged: bool = False
    """We read it as an order, and may be wrong: a person is to look at it."""
    narrowed: frozenset[int] = frozenset()
    """Ids of addresses that get less now, so that what is queued for them is to be looked at again."""


class Leaving:
    """One text, and what is done about it if it is a STOP or a START. `voice` is made before it is carried out."""

    def __init__(self, session: Session, message: TextFromResident, settings: TextSettings, now: dt.datetime) -> None:
        self.session, self.message, self.settings, self.now = session, message, settings, now
        self.address = message.address
        self.evidence = {"message": message.message_public_id}
        self.voice = Voice(session, message, settings, now)
        self.command = choices_by_text.with_language(commands.read(message.text))

    @property
    def language(self) -> str:
        """Of the words they chose, else of whoever lives at the number."""
        chosen = self.command.language or plain_stop.language_of(self.message.text)
        return chosen or spoken.language_at(self.session, self.address)

    def leave(self, command: Command) -> Handled | None:
        """Carry out a STOP of any kind; None when it is none."""
        if command.order is Order.STOP:
            return self.stop(silent=self.voice.twilio_answers_stop())
        if about := leaving.asked(self.session, command):
            done = self._stop_about(about)
            return replace(done, flagged=True) if command.guess else done
        return self.stop(silent=False, flagged=True) if plain_stop.asks_to_stop(self.message.text) else None

    def stop(self, *, silent: bool, flagged: bool = False) -> Handled:
        """Write to this number no more; `silent` where Twilio says so."""
        changed = services.stop_as_asked(self.session, self.address, evidence=self.evidence, now=self.now)
        if not silent:
            self.voice.say_that_they_left(answers.LEFT, changed=changed)
        return Handled("stop", flagged=flagged)

    def _stop_about(self, what: leaving.Named) -> Handled:
        """STOP and a zone or topic. Where nobody lives at the number there is no part to leave: it stops everything."""
        if not services.subscribers_at(self.session, self.address):
            return self.stop(silent=False)
        if what.close:
            self.voice.say(answers_choices.stop_which([zone.name for zone in what.close]))
            return Handled("stop_which", flagged=True)
        left = leaving.leave(self.session, self.address, what, how="STOP", evidence=self.evidence, now=self.now)
        if left.altogether:
            self.voice.say_that_they_left(answers_choices.gave_up_all(left.names), changed=True)
            return Handled("stop", narrowed=left.addresses)
        still = [zone.name for zone in self.zones_here()]
        given_up = answers_choices.gave_up(left.names, still)
        self.voice.say(given_up if left.changed else answers_choices.not_theirs(what.names, still), owed=left.changed)
        return Handled("stop_part", narrowed=left.addresses)

    def start(self, *, silent: bool, how: str = "START") -> Handled:
        """Lift what forbids texts to this number, and write again to whom it can be; see docs/adr/0006."""
        started = services.start_address(self.session, self.address, how=how, evidence=self.evidence, now=self.now)
        pending = signup.pending_at(self.session, self.address, now=self.now)
        if pending is not None and (self.voice.blocked or not silent):
            # They filled in the form after a STOP; the question could not be put to them until now.
            signup.ask(self.session, pending, self.address, links=self.settings.links, now=self.now)
        elif not silent or (self.voice.blocked and not self.zones_here()):
            # Where Twilio has lifted a block it says that they get texts again: not true of somebody who must join.
            owed = self.voice.blocked or started is services.Started.BACK
            self.voice.say(self._where_they_stand(started), owed=owed)
        return Handled("start")

    def _where_they_stand(self, started: services.Started) -> str:
        subscribed = self.zones_here()
        if subscribed:
            came_back = self.voice.blocked or started is services.Started.BACK
            return answers.welcome_back(subscribed) if came_back else answers.already(subscribed)
        choice, links = zones.active(self.session), self.settings.links
        if started is services.Started.SEVERAL:
            return answers.several_left(choice, links)
        if started is services.Started.LONG_AGO:
            return answers.left_long_ago(choice, links)
        return answers.how_to_join(choice, links)

    def zones_here(self) -> list[Zone]:
        """The zones that somebody at this number hears about."""
        return leaving.zones_at(self.session, self.address)
