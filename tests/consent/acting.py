"""All acts: those of `joining` and `leaving`, and what residents do on their own page. Plays are made of them."""

from tests.consent.leaving import Leaving


class Acts(Leaving):
    # On their own page

    def _page(self, address, person):
        self.next_act()
        return self.residents.page_of(address, person, shared=len(self.town.living(address)) > 1)

    def leave_by_page(self, address, person):
        page = self._page(address, person)
        if page is None:
            return
        theirs = self.town.speaks_for(person, address)
        assert self.residents.changes(page, "leave", reason="too_many")
        self.town.leave_by_page(person, address)
        for one in theirs:
            if not self.town.living(one):
                self.ledger.withdraws(one)
        self.seen["left by their page"] += 1
        self.judge(leaving=[one for one in theirs if not self.town.living(one)], told=False)

    def choose_zones(self, address, person, zones):
        page = self._page(address, person)
        if page is None:
            return
        assert self.residents.changes(page, "zones", zones=list(zones))
        person.zones = set(zones)
        self.judge()

    def choose_digest(self, address, person, *, wanted):
        """Mails of a day in one, or each at once: then what has gathered goes out now, or when the night is over."""
        page = self._page(address, person)
        if page is None:
            return
        digest = "daily" if wanted else "once"
        assert self.residents.changes(page, "amount", importance="ordinary", weekly="none", digest=digest)
        letters = self.judge_digests(self.site.wire.take())
        if not wanted:
            self._check_told(person)
            self._owed = {mark: {one for one in owed if one[1] is not person} for mark, owed in self._owed.items()}
        person.digest = wanted
        self.seen["chose a digest"] += wanted
        self._judge(letters)

    def _check_told(self, person):
        """What has gathered for somebody who wants no digests any more."""
        owed = {(number, one) for (number, _), pairs in self._owed.items() for one, who in pairs if who is person}
        assert self.in_night or owed <= self._told, f"gathered and not told: {owed - self._told}"

    def looks(self, letter):
        """A mail scanner opens every link of a mail; that must change nothing."""
        self.next_act()
        for path in filter(None, (letter.confirm, letter.page, letter.leave)):
            self.site.get(path)
        self.site.work()
        self.judge()

    def move(self, address, person, new):
        """Another number or mailbox in place of the one they have of its kind; whoever shares one may not."""
        page = self._page(address, person)
        if page is None:
            return
        shared = len(self.town.living(address)) > 1
        mine = [one for one in person.live if ("@" in one) == ("@" in new)]
        done = self.residents.changes(page, "mailbox" if "@" in new else "number", value=new)
        got = self.judge(named={new})
        if shared or new in mine:
            assert not done
            return
        change = self.town.new_request(None, (), resident=person, is_change=True, replaces=mine[0] if mine else None)
        if new in got:
            self._asked(got[new], change)
            self.seen["asked to move"] += 1
        elif self.town.stopped_by_text(new):
            self.town.asks(new, change)

    # What is no order

    def chat(self, address):
        self.next_act()
        if "@" in address:
            self.residents.mail(address, "The lights by the park are out.")
        else:
            self.residents.text(address, "The lights by the park are out.")
        self.judge(by=address)
