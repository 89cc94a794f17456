"""Any sequence of joining, confirming, leaving, coming back, moving, importing and erasing, as hypothesis finds it."""

from collections import Counter
from typing import ClassVar

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from peoplelink.config import KeywordMode
from tests.consent.acting import Acts
from tests.consent.site import Rig
from tests.consent.stage import ZONES

NUMBERS = ("+447700900201", "+447700900202")
MAILBOXES = ("ash@example.com", "bo@example.com")
STOPS = ("STOP", "Stop.", "stop please", "STOPALL", "Please stop texting me", "wypisz mnie", "unsubscribe")
MAIL_STOPS = ("unsubscribe", "STOP", "Please take me off your mailing list.")

numbers, mailboxes = st.sampled_from(NUMBERS), st.sampled_from(MAILBOXES)
addresses = st.sampled_from(NUMBERS + MAILBOXES)
names = st.sampled_from(("Ash", "Bo", "Ash", "Bo", None))
zones = st.sampled_from(ZONES)
some_zones = st.sampled_from((ZONES[:1], ZONES[1:], ZONES))
given = st.sampled_from(
    [(number, None) for number in NUMBERS]
    + [(None, mailbox) for mailbox in MAILBOXES]
    + [(number, mailbox) for number in NUMBERS for mailbox in MAILBOXES]
)
rows = st.lists(st.tuples(names, some_zones, given), min_size=1, max_size=2)
joins = st.tuples(names, some_zones, given, st.sampled_from(("form", "face_to_face", "imports_and_asks", "imports")))


class ConsentMachine(RuleBasedStateMachine):
    """One play. The test sets `rig`, and `seen`, which adds up what all plays have come to."""

    rig: Rig
    seen: ClassVar[Counter]

    @initialize(mode=st.sampled_from(KeywordMode), people=st.lists(joins, min_size=1, max_size=3))
    def open(self, mode, people):
        """Nothing can be taken from an empty town: some have joined already."""
        self.acts = Acts(self.rig.open(mode))
        for person in people:
            self._join(*person)

    def teardown(self):
        if not hasattr(self, "acts"):
            return
        type(self).seen += self.acts.seen
        type(self).seen["plays"] += 1
        for what in self.acts.seen:
            event(what)
        self.acts.site.close()

    # Joining

    @rule(name=names, zones=some_zones, given=given)
    def form(self, name, zones, given):
        self.acts.form(name, zones, mobile=given[0], email=given[1])

    @rule(join=joins)
    def join_and_confirm(self, join):
        self._join(*join)

    def _join(self, name, zones, given, by):
        number, mailbox = given
        if by == "imports":
            self.acts.imports([(name, zones, number, mailbox)])
            return
        getattr(self.acts, by)(name, zones, mobile=number, email=mailbox)
        for address in filter(None, (number, mailbox)):
            self.acts.confirms(address)

    @rule(name=names, zones=some_zones, given=given)
    def face_to_face(self, name, zones, given):
        self.acts.face_to_face(name, zones, mobile=given[0], email=given[1])

    @rule(rows=rows)
    def imports(self, rows):
        self.acts.imports([(name, zones, *given) for name, zones, given in rows])

    @rule(name=names, zones=some_zones, given=given)
    def imports_and_asks(self, name, zones, given):
        self.acts.imports_and_asks(name, zones, mobile=given[0], email=given[1])

    @rule(number=numbers, zone=zones)
    def text_join(self, number, zone):
        self.acts.text_join(number, zone)

    @rule(number=numbers, zone=zones)
    def text_join_nearly(self, number, zone):
        self.acts.text_join_nearly(number, zone)

    @rule(mailbox=mailboxes, zone=zones)
    def mail_join(self, mailbox, zone):
        self.acts.mail_join(mailbox, zone)

    @rule(number=numbers, words=st.sampled_from(("YES", "Yes", "yes please")))
    def yes(self, number, words):
        self.acts.yes(number, words)

    @rule(number=numbers, words=st.sampled_from(("No", "no thanks", "nie")))
    def no(self, number, words):
        self.acts.no(number, words)

    @precondition(lambda self: any(map(self._questions, MAILBOXES)))
    @rule(data=st.data())
    def press(self, data):
        mailbox = data.draw(st.sampled_from([one for one in MAILBOXES if self._questions(one)]))
        # The newest comes first, so that it is pressed most often.
        self.acts.press(mailbox, data.draw(st.sampled_from(self._questions(mailbox)[::-1])))

    @rule(address=addresses)
    def ask_again(self, address):
        self.acts.ask_again(address)

    @rule(number=numbers, words=st.sampled_from(("START", "UNSTOP", "Start")))
    def start(self, number, words):
        self.acts.start(number, words)

    # Leaving

    @rule(number=numbers, words=st.sampled_from(STOPS))
    def text_stop(self, number, words):
        self.acts.text_stop(number, words)

    @rule(address=addresses, zone=zones)
    def stop_zone(self, address, zone):
        self.acts.stop_zone(address, zone)

    @rule(mailbox=mailboxes, words=st.sampled_from(MAIL_STOPS))
    def mail_stop(self, mailbox, words):
        self.acts.mail_stop(mailbox, words)

    @precondition(lambda self: any(map(self._letters, MAILBOXES)))
    @rule(data=st.data(), how=st.sampled_from(("one_click", "one_click", "report_spam")))
    def leaves_by_a_mail(self, data, how):
        mailbox = data.draw(st.sampled_from([one for one in MAILBOXES if self._letters(one)]))
        getattr(self.acts, how)(data.draw(st.sampled_from(self._letters(mailbox)[::-1])))

    @precondition(lambda self: any(map(self._letters, NUMBERS)))
    @rule(data=st.data())
    def blocked_at_the_provider(self, data):
        number = data.draw(st.sampled_from([one for one in NUMBERS if self._letters(one)]))
        self.acts.blocked_at_the_provider(self._letters(number)[-1])

    @rule(address=addresses, because=st.sampled_from(("said", "wrote", "wrong", "died")))
    def officer_stops(self, address, because):
        self.acts.officer_stops(address, because)

    @precondition(lambda self: self._erasable())
    @rule(data=st.data())
    def erase(self, data):
        self.acts.erase(*data.draw(st.sampled_from(self._erasable())))

    # On their own page

    @precondition(lambda self: self._seats())
    @rule(data=st.data())
    def leave_by_page(self, data):
        self.acts.leave_by_page(*data.draw(st.sampled_from(self._seats())))

    @precondition(lambda self: self._seats())
    @rule(data=st.data(), zones=some_zones)
    def choose_zones(self, data, zones):
        self.acts.choose_zones(*data.draw(st.sampled_from(self._seats())), zones)

    @precondition(lambda self: self._readers())
    @rule(data=st.data(), wanted=st.sampled_from((True, True, False)))
    def choose_digest(self, data, wanted):
        self.acts.choose_digest(*data.draw(st.sampled_from(self._readers())), wanted=wanted)

    @precondition(lambda self: any(map(self._letters, MAILBOXES)))
    @rule(data=st.data())
    def scanner_looks(self, data):
        letters = [letter for mailbox in MAILBOXES for letter in self._letters(mailbox)]
        self.acts.looks(data.draw(st.sampled_from(letters[::-1])))

    @precondition(lambda self: self._seats())
    @rule(data=st.data(), new=addresses, confirms=st.booleans())
    def move(self, data, new, confirms):
        address, person = data.draw(st.sampled_from(self._seats()))
        if sum(("@" in one) == ("@" in new) for one in person.live) > 1:
            return  # which of two numbers goes is not promised
        self.acts.move(address, person, new)
        if confirms:
            self.acts.confirms(new)

    # The rest of the world

    @rule(address=addresses)
    def chat(self, address):
        self.acts.chat(address)

    @rule(zones=some_zones)
    def broadcast(self, zones):
        self.acts.next_act()
        self.acts.broadcast(zones)

    @rule(zones=some_zones)
    def broadcast_in_the_evening(self, zones):
        self.acts.evening()
        self.acts.broadcast(zones)

    @rule(number=st.integers(2, 4))
    def days(self, number):
        self.acts.days(number)

    # What there is to choose from

    def _letters(self, address):
        return self.acts.site.wire.by_address.get(address, [])

    def _questions(self, mailbox):
        return self.acts.questions(mailbox)

    def _seats(self):
        """(address, resident) where a link to their page can be asked for, and the page tells who is who."""
        seats = [(one, person) for one in NUMBERS + MAILBOXES for person in self.acts.town.living(one)]
        return [seat for seat in seats if self._alone_of_their_name(self.acts.town.living(seat[0]), seat[1])]

    def _readers(self):
        """Seats of residents who have, or had, a mailbox: the page offers digests to no others."""
        return [(one, person) for one, person in self._seats() if any("@" in mine for mine in person.links)]

    def _erasable(self):
        town = self.acts.town
        found = [(one, person) for one in NUMBERS + MAILBOXES for person in town.ever_at(one)]
        return [one for one in found if self._alone_of_their_name(town.ever_at(one[0]), one[1])]

    def _alone_of_their_name(self, people, person):
        return [other.name for other in people].count(person.name) == 1
