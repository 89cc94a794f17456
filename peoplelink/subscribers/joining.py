"""What the text of somebody who wants to join brings about: a question, a zone more, or what to text instead."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.subscribers import (
    answers,
    confirming,
    consent,
    keywords,
    limits,
    services,
    signup,
    waiting,
    waiting_words,
    wishes,
    zones,
)
from peoplelink.subscribers.answering import TextFromResident, TextSettings, Voice
from peoplelink.subscribers.commands import Command, Order
from peoplelink.subscribers.models import SignUpSource, Subscriber, Zone
from peoplelink.subscribers.seed import TEXT, WAITING_TEXT
from peoplelink.subscribers.wishes import Wish

_LONGEST_UNKNOWN = 3
"""Words after JOIN that are taken for a zone we do not have; more ("join us at the hall tonight") go to a person."""


class Joining:
    """One text and what is done about its wish to join; each answers how it stands in the list of messages."""

    def __init__(
        self,
        session: Session,
        message: TextFromResident,
        settings: TextSettings,
        voice: Voice,
        now: dt.datetime,
        *,
        language: str,
    ) -> None:
        self.session, self.settings, self.voice, self.now = session, settings, voice, now
        self.address, self.text, self.links = message.address, message.text, settings.links
        self.evidence = {"message": message.message_public_id}
        self.language = language

    def ordered(self, command: Command) -> str | None:
        """Carry out a JOIN; None where it is none after all."""
        wish = wishes.read(self.session, command.rest)
        if not wish.understood and (command.guess or len(command.rest.split()) > _LONGEST_UNKNOWN):
            return None
        if self.voice.blocked:
            return self.while_stopped()
        return self._grant(wish) or self._ask_which_zone(command.rest)

    def unasked(self) -> str | None:
        """Carry out a text that only names a zone or a postcode; None for any other, which a person reads."""
        found = keywords.zones_in(self.session, self.text)
        if found:
            return self.while_stopped() if self.voice.blocked else self._join_zones(found, command="zone")
        # A resident who writes only a postcode answers a question, or says where something is: a person reads it.
        if self.voice.blocked or services.subscribers_at(self.session, self.address):
            return None
        return self._grant(wishes.read_alone(self.session, self.text), command="zone")

    def as_offered(self, command: Command, text: str) -> str | None:
        """Take the one zone that was offered after this earlier text; offer them once more where it was several."""
        says_join = command.order is Order.JOIN
        wish = wishes.read(self.session, command.rest) if says_join else wishes.read_alone(self.session, text)
        if len(wish.close) == 1:
            return self._join_zones(wish.close)
        return self._grant(wish) if wish.close else None

    def _grant(self, wish: Wish, *, command: str = "join") -> str | None:
        """Do what is certain of a wish, and ask about what is not; None where it names nothing."""
        if wish.zones:
            return self._join_zones(wish.zones, command=command)
        if wish.close:
            self.voice.say(answers.no_such_zone(zones.active(self.session), wish.close, self.links))
        elif wish.nowhere:
            self._offer_to_wait(wish.nowhere)
        elif wish.too_little:
            self.voice.say(waiting_words.which_postcode())
        return command if wish.understood else None

    def _offer_to_wait(self, sector: str) -> None:
        if not limits.may_answer(self.session, self.address, now=self.now):
            return
        wording = consent.wording(self.session, WAITING_TEXT)
        is_new = waiting.ask_by_text(
            self.session, self.address, sector, wording=wording, evidence=self.evidence, now=self.now
        )
        links = self.links
        self.voice.say(waiting_words.not_yet(sector, wording, links) if is_new else waiting_words.waits_already(sector))

    def _ask_which_zone(self, rest: str) -> str:
        choice, links = zones.active(self.session), self.links
        named = rest and not keywords.lookup(self.session, rest).topic
        self.voice.say(answers.no_such_zone(choice, (), links) if named else answers.which_zone(choice, links))
        return "join"

    def while_stopped(self) -> str | None:
        """They ask for our texts, so telling them why none come is an answer and no advertisement."""
        answered = self.voice.say_while_stopped(answers.STOPPED)
        audit.record(
            self.session,
            "join.while_stopped",
            actor="resident",
            subject_kind="address",
            subject_id=self.address.public_id,
            now=self.now,
            answered=answered,
            **self.evidence,
        )
        return "join" if answered else None

    def _join_zones(self, chosen: Sequence[Zone], *, command: str = "join") -> str:
        living = services.subscribers_at(self.session, self.address)
        if living:
            self._add_zones(living[0], chosen)
        else:
            self._ask_to_confirm(chosen)
        return command

    def _add_zones(self, subscriber: Subscriber, chosen: Sequence[Zone]) -> None:
        """In a household the zone goes to whoever has been there longest: the number gets its texts either way."""
        added = confirming.add_zones(
            self.session,
            subscriber,
            self.address,
            chosen,
            how="JOIN",
            evidence=self.evidence,
            wording_id=consent.wording(self.session, TEXT).id,
            now=self.now,
        )
        self.voice.say(answers.added(added) if added else answers.already(chosen), owed=bool(added))

    def _ask_to_confirm(self, chosen: Sequence[Zone]) -> None:
        if not limits.may_answer(self.session, self.address, now=self.now):
            return
        request = signup.SignUpRequest(
            source=SignUpSource.TEXT,
            zones=chosen,
            wording=consent.wording(self.session, TEXT),
            mobile=self.address.value,
            language=self.language,
            evidence=self.evidence,
        )
        signup.sign_up(
            self.session,
            request,
            links=self.links,
            address_key=self.settings.address_key,
            now=self.now,
        )
