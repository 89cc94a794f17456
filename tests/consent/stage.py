"""One play: every act is done for real, told to the town and the ledger, and what was sent is judged by both.

What may reach an address that has not agreed, or has left: an answer to its own message, one a message; the question
whether it wants to join, where somebody has just named it; the word that it has left, once. Nothing else, ever.
"""

import datetime as dt
from collections import Counter

from tests.consent.acts import Office, Residents
from tests.consent.ledger import Ledger
from tests.consent.town import Town
from tests.consent.wire import Kind

ZONES = ("new-parks", "coalville")
_ACTS_A_NIGHT = 4
_ACTS_A_LOOK = 4
DAY, EVENING, MORNING = 14, 22, 9


class Stage:
    def __init__(self, site):
        self.site, self.clock = site, site.clock
        self.residents, self.office = Residents(site), Office(site)
        self.town, self.ledger = Town(site.clock), Ledger()
        self.seen = Counter()
        """What has come about in this play, so that a test can tell that plays are not empty."""
        self._night = 0
        self._broadcasts = 0
        self._held = {}
        self._owed = {}
        """Broadcast → (mailbox, resident) who are to be told of it in a digest."""
        self._told = set()
        self.said_that_they_left = {}
        self._before = set()

    # Time

    def next_act(self):
        """A day goes by; in a night that was begun, some minutes."""
        self._hold_only_who_still_wants()
        self._count_heads()
        if self._night > 1:
            self._night -= 1
            self.clock.on(minutes=3)
        else:
            if self._night:
                self.morning()
            self.clock.to_hour(DAY)
            self.clock.on(minutes=1)  # more than a day after what was done at this hour yesterday
        self._before = set(self.ledger.live)

    def _count_heads(self):
        """A broadcast to everybody after every few acts, so that no mistake lies hidden until one is made by chance."""
        self.seen["acts"] += 1
        self.clock.on(seconds=1)  # no two things happen at one moment
        if self.seen["acts"] % _ACTS_A_LOOK == 0:
            self.broadcast(ZONES)

    @property
    def in_night(self):
        return self._night > 0

    def evening(self):
        """From here on it is night: some acts, and then the morning."""
        if not self._night:
            self.clock.to_hour(EVENING)
            self._night = _ACTS_A_NIGHT

    def morning(self):
        """What was held in the night goes out, to those who have wanted it all the while."""
        self._hold_only_who_still_wants()
        self._night = 0
        self.clock.to_hour(MORNING)
        self.site.tend()
        letters = self.judge_digests(self.site.wire.take())
        for mark, wanted in self._held.items():
            self._check_arrived(mark, letters, wanted)
            self.seen["held broadcast"] += 1
        self._held.clear()
        self._check_nothing_owed()
        self._judge([letter for letter in letters if letter.kind is not Kind.BROADCAST], named=self._waiting())

    def days(self, number):
        """The scheduler's work of some days: reminders, and letting go of who never answered."""
        if self._night:
            self.morning()
        for day in range(number):
            self.clock.to_hour(DAY)
            self.site.tend(night=day in (0, number - 1))
            self._judge(self.judge_digests(self.site.wire.take()), named=self._waiting())
            self._before = set(self.ledger.live)

    def _waiting(self):
        return {address for address in list(self.town.requests) if self.town.waiting(address)}

    # Judgement

    def judge(self, **act):
        """Take what was sent by this act and hold it against what may be sent: see `_judge`; letters by address."""
        return self._judge(self.site.wire.take(), **act)

    def _judge(self, letters, *, by=None, named=(), leaving=(), told=True):
        """`by` is who wrote to us, `named` are addresses that somebody typed, `leaving` those that left by this act;
        `told` says whether they may hear of it.
        """
        for address, number in Counter(letter.to for letter in letters).items():
            assert number == 1, f"{number} messages to {address}: {letters}"
        for letter in letters:
            assert letter.kind not in {Kind.BROADCAST, Kind.DIGEST}, letter
            if letter.to in leaving:
                assert told, letter
                assert letter.kind is Kind.LEFT, letter
                self._check_not_said_lately(letter.to)
            elif letter.to != by and letter.to not in self._before | self.ledger.live:
                assert letter.kind is Kind.QUESTION, letter
                assert letter.to in named, letter
                assert not self._deaf(letter.to), letter
            self._note(letter)
        return {letter.to: letter for letter in letters}

    def _check_not_said_lately(self, address):
        """Who says STOP again a minute later has been told already."""
        said = self.said_that_they_left.get(address)
        again = said is not None and address not in self._before and self.clock.now() - said < dt.timedelta(hours=1)
        assert not again, f"{address} was told twice that it has left"
        self.said_that_they_left[address] = self.clock.now()

    def _deaf(self, address):
        """Not even a question may follow a STOP by text or a report of spam."""
        return self.town.stopped_by_text(address) or "complained" in self.town.barred[address]

    def _note(self, letter):
        self.seen[letter.kind.value] += 1
        if letter.kind is Kind.QUESTION:
            self.ledger.was_asked(letter.to)

    # The ledger follows

    def agree(self, request, address):
        """A yes from an address, to the request that it was asked about."""
        assert self.ledger.says_yes(address)
        self.town.confirm(request, address)
        self._follow()
        self.seen["agreed"] += 1

    def withdraw(self, address, why):
        if self.town.living(address):
            self.seen["withdrew"] += 1
        self.town.withdraw(address, why)
        self.ledger.withdraws(address)

    def follow(self):
        """End in the ledger what ended in the town without a word from the address itself."""
        self._follow()

    def _follow(self):
        for address in list(self.ledger.live):
            if not self.town.living(address):
                self.ledger.ends(address)

    # Broadcasts

    def broadcast(self, zones):
        """An officer's word to some zones: at once, or in the morning where it is night."""
        self._broadcasts += 1
        wanted = self.town.recipients(zones)
        self._owed[self._broadcasts, tuple(zones)] = self.town.readers_of_digests(zones)
        self.office.broadcasts(self._broadcasts, zones)
        if self._night:
            assert self.site.wire.take() == []
            self._held[self._broadcasts, tuple(zones)] = wanted
            return
        letters = self.site.wire.take()
        self._check_arrived((self._broadcasts, tuple(zones)), letters, wanted)
        assert all(letter.kind is Kind.BROADCAST for letter in letters), letters

    def _check_arrived(self, mark, letters, wanted):
        number, _ = mark
        told = [letter.to for letter in letters if letter.kind is Kind.BROADCAST and str(number) in letter.marks]
        got = Counter(told)
        self._told |= {(number, address) for address in told}
        assert set(got) <= self.ledger.live, f"not live: {set(got) - self.ledger.live}"
        assert got == Counter(dict.fromkeys(wanted, 1)), f"broadcast {mark}: sent {dict(got)}, owed {sorted(wanted)}"
        self.seen["reached"] += len(got)
        self.seen["broadcast to somebody" if got else "broadcast to nobody"] += 1

    def _hold_only_who_still_wants(self):
        for mark, wanted in self._held.items():
            _, zones = mark
            still = wanted & self.town.wanting(zones)  # a digest begins with what is sent off after it was chosen
            self.seen["taken back in the night"] += len(wanted - still)
            self._held[mark] = still
        for mark, owed in self._owed.items():
            self._owed[mark] = owed & self.town.readers_of_digests(mark[1])

    # Digests

    def judge_digests(self, letters):
        """Take the digests out of what was sent: each to a live mailbox, and of no broadcast that it has had."""
        for letter in letters:
            if letter.kind is Kind.DIGEST:
                assert letter.to in self.ledger.live, letter
                told = {(int(number), letter.to) for number in letter.marks}
                assert not told & self._told, f"told twice: {told & self._told}"
                self._told |= told
                self.seen["digest"] += 1
        return [letter for letter in letters if letter.kind is not Kind.DIGEST]

    def _check_nothing_owed(self):
        """In the morning nobody who has read digests all the while waits for what was said before."""
        missed = {
            (number, address)
            for (number, _), owed in self._owed.items()
            for address, _ in owed
            if (number, address) not in self._told
        }
        assert missed == set(), f"owed in a digest and not told: {missed}"
        self._owed.clear()
