"""A resident's phone, for tests."""

import datetime as dt

from peoplelink.config import KeywordMode
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.subscribers import services, texts
from tests.subscribers import people

MINUTE = dt.timedelta(minutes=1)
OFF = KeywordMode.OFF


class Handset:
    """A resident's phone. `text` says what was made of a text, `got` what came back since, unless it was suppressed."""

    def __init__(self, session, now, value=people.MOBILE):
        self.session, self.now = session, now
        self.address = people.address(session, now, value)
        self._seen = len(people.sent_to(session, self.address))

    def text(self, words, *, mode=OFF, opt_out=None):
        self.now += MINUTE
        message = texts.TextFromResident(self.address, words, opt_out, "message-1")
        how = texts.TextSettings(mode, people.ADDRESS_KEY, "+447700900000", "https://link.example.org", ("s" * 64,))
        self._seen = len(people.sent_to(self.session, self.address))
        handled = texts.handle(self.session, message, settings=how, now=self.now)
        self.flagged = bool(handled and handled.flagged)
        return handled.command if handled else None

    @property
    def got(self):
        new = people.sent_to(self.session, self.address)[self._seen :]
        return [words for _, status, words in new if status is DeliveryStatus.QUEUED]

    @property
    def zones(self):
        living = services.subscribers_at(self.session, self.address)
        return [zone.name for person in living for zone in services.zones_of(self.session, person)]

    @property
    def suppressed(self):
        return outbound.suppressions_of(self.session, self.address)
