"""Who lives where and wants what, by the rules that README and docs/adr promise to residents, told a second time.

Kept by the test from what people did and what reached them. It says to whom a broadcast must go, exactly; `ledger`
says, more simply, to whom it may.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

STOPPED_BY_TEXT = frozenset({"stop", "provider", "officer"})
TAKEN_BACK_BY_START = frozenset({"stop", "provider", "unsubscribed", "officer"})
ENDED_BY_CONFIRMING = frozenset({"unsubscribed", "erased", "officer"})
WAITS = dt.timedelta(days=14)
COMES_BACK_WITHIN = dt.timedelta(days=30)


@dataclass(eq=False)
class Resident:
    name: str | None
    zones: set = field(default_factory=set)
    links: dict = field(default_factory=dict)
    """Address → when it ended; None while it is live."""
    digest: bool = False
    """They want the mails of a day in one."""
    closed: set = field(default_factory=set)
    """Addresses that are theirs no more: nobody comes back to them from there."""

    def lives_at(self, address):
        return address in self.links and self.links[address] is None

    @property
    def live(self):
        return [address for address, ended in self.links.items() if ended is None]


@dataclass(eq=False)
class Request:
    """Somebody asked to join, or to have another address of theirs."""

    name: str | None
    zones: frozenset
    until: dt.datetime
    resident: Resident | None = None
    is_change: bool = False
    replaces: str | None = None
    confirmed: set = field(default_factory=set)


class Town:
    def __init__(self, clock):
        self._clock = clock
        self.residents = []
        self.requests = defaultdict(list)
        self.barred = defaultdict(set)
        """Why an address may not be written to, whoever lives there."""
        self.left = set()
        """Addresses of which the last that was agreed or withdrawn is that somebody left."""

    # Who

    def living(self, address):
        return [person for person in self.residents if person.lives_at(address)]

    def ever_at(self, address):
        return [person for person in self.residents if address in person.links]

    def may_come_back_at(self, address):
        return [person for person in self.ever_at(address) if address not in person.closed]

    def stopped_by_text(self, address):
        return "@" not in address and bool(self.barred[address] & STOPPED_BY_TEXT)

    def recipients(self, zones):
        """The addresses that a broadcast to these zones must reach at once, each once."""
        return {address for address, person in self._wanting(zones) if not (person.digest and "@" in address)}

    def wanting(self, zones):
        """The addresses that these zones are for, at once or in a digest."""
        return {address for address, _ in self._wanting(zones)}

    def readers_of_digests(self, zones):
        """(mailbox, resident) to whom it must be told in a digest; not where the mailbox gets it at once."""
        at_once = self.recipients(zones)
        return {
            (address, person)
            for address, person in self._wanting(zones)
            if person.digest and "@" in address and address not in at_once
        }

    def _wanting(self, zones):
        wanting = [person for person in self.residents if person.zones & set(zones)]
        return [(address, person) for person in wanting for address in person.live if not self.barred[address]]

    # Joining

    def asks(self, address, request):
        self.requests[address].append(request)

    def waiting(self, address):
        """The request that a yes from here is an answer to."""
        newest = self.requests[address][-1] if self.requests[address] else None
        over = newest is None or address in newest.confirmed or newest.until <= self._clock.now()
        return None if over else newest

    def new_request(self, name, zones, **more):
        return Request(name, frozenset(zones), self._clock.now() + WAITS, **more)

    def confirm(self, request, address):
        person = request.resident or self._same_person(request.name, address) or self._move_in(request.name)
        person.name = person.name or request.name
        request.resident = person
        request.confirmed.add(address)
        person.zones |= request.zones
        self._settle(person, address)
        self.barred[address] -= ENDED_BY_CONFIRMING
        if request.replaces and person.lives_at(request.replaces):
            self._end(person, request.replaces)
        if request.is_change:
            same_kind = {one for one in person.links if ("@" in one) == ("@" in address)}
            person.closed |= same_kind - set(person.live)

    def add_zone(self, address, zone):
        self.living(address)[0].zones.add(zone)

    def may_import(self, address):
        pending = [one for one in self.requests[address] if address not in one.confirmed]
        waits = any(one.until > self._clock.now() for one in pending)
        return not (waits or self.living(address) or address in self.left or self.barred[address])

    def imported(self, name, zones, addresses):
        person = self._move_in(name)
        person.zones = set(zones)
        done = self.new_request(name, zones, resident=person, confirmed=set(addresses))
        for address in addresses:
            self.requests[address].append(done)
            self._settle(person, address)

    def _move_in(self, name):
        self.residents.append(Resident(name))
        return self.residents[-1]

    def _settle(self, person, address):
        person.links[address] = None
        person.closed.discard(address)
        self.left.discard(address)

    def _same_person(self, name, address):
        living = self.living(address)
        same = [person for person in living if name and person.name == name]
        if same:
            return same[0]
        if len(living) == 1 and not (name and living[0].name):
            return living[0]
        if living or not name:
            return None
        return next((person for person in self.may_come_back_at(address) if person.name == name), None)

    # Leaving

    def withdraw(self, address, why):
        """Nobody is written to there any more, and what waited to be confirmed there is void."""
        for person in self.living(address):
            self._end(person, address)
        self.barred[address].add(why)
        self.decline(address)

    def is_not_theirs(self, address):
        """An officer was told so, of who has just stopped there; of several it is not known whose it still is."""
        since = self._clock.now() - COMES_BACK_WITHIN
        stopped = [one for one in self.may_come_back_at(address) if not one.lives_at(address)]
        lately = [one for one in stopped if one.links[address] >= since]
        if len(lately) == 1:
            lately[0].closed.add(address)

    def decline(self, address):
        """What waited to be confirmed there is void."""
        self.requests[address] = [one for one in self.requests[address] if address in one.confirmed]

    def leave_zone(self, address, zone):
        """STOP and a zone: for everybody at the address; whoever has no other zone leaves altogether."""
        living = self.living(address)
        having = [person for person in living if zone in person.zones]
        ending = [person for person in having if person.zones == {zone}]
        for person in having:
            if person not in ending:
                person.zones.discard(zone)
        if not living or len(ending) == len(living):
            self.withdraw(address, "unsubscribed" if "@" in address else "stop")
        for person in ending:
            for other in [address] if len(living) > 1 else person.live:
                if person.lives_at(other):
                    self._end(person, other)

    def leave_by_page(self, person, address):
        for mine in self.speaks_for(person, address):
            if len(self.living(mine)) == 1:
                self.withdraw(mine, "unsubscribed")
            else:
                self._end(person, mine)
        if not person.live:
            self._forget_requests(lambda one: one.resident is person)

    def speaks_for(self, person, address):
        """The addresses that the reader of one may end or change: of a shared one only itself."""
        return [address] if len(self.living(address)) > 1 else person.live

    def start(self, address):
        self.barred[address] -= TAKEN_BACK_BY_START
        back = self._left_last(address)
        if len(back) == 1 and not self.barred[address]:
            self._settle(back[0], address)

    def erase(self, person):
        own = [address for address in person.links if self.ever_at(address) == [person]]
        for address in person.links:
            if [other for other in self.living(address) if other is not person]:
                if person.lives_at(address):
                    self._end(person, address)
            else:
                self.withdraw(address, "erased")
        self._forget_requests(lambda one: one.resident is person, even_confirmed=True)
        self.residents.remove(person)
        return own

    def _left_last(self, address):
        gone = [person for person in self.may_come_back_at(address) if not person.lives_at(address)]
        if not gone or self.living(address):
            return []
        last = max(person.links[address] for person in gone)
        if last < self._clock.now() - COMES_BACK_WITHIN:
            return []
        return [person for person in gone if person.links[address] == last]

    def _end(self, person, address):
        person.links[address] = self._clock.now()
        self.left.add(address)

    def _forget_requests(self, which, *, even_confirmed=False):
        for address, requests in self.requests.items():
            self.requests[address] = [
                one for one in requests if not which(one) or (address in one.confirmed and not even_confirmed)
            ]
