"""Leaving, in every way there is: see `joining`."""

from tests.consent.joining import Joining


class Leaving(Joining):
    def text_stop(self, number, words):
        self.next_act()
        self.residents.text(number, words)
        self.withdraw(number, "stop")
        self.judge(by=number, leaving={number})

    def mail_stop(self, mailbox, words):
        self.next_act()
        self.residents.mail(mailbox, words)
        self.withdraw(mailbox, "unsubscribed")
        self.judge(by=mailbox, leaving={mailbox})

    def one_click(self, letter):
        self.next_act()
        assert self.residents.one_click(letter)
        self.withdraw(letter.to, "unsubscribed")
        self.judge(leaving={letter.to}, told=False)

    def report_spam(self, letter):
        self.next_act()
        self.residents.report_spam(letter)
        self.withdraw(letter.to, "complained")
        self.judge(leaving={letter.to}, told=False)

    def blocked_at_the_provider(self, letter):
        self.next_act()
        self.residents.is_blocked_at_the_provider(letter)
        self.withdraw(letter.to, "provider")
        self.judge(leaving={letter.to}, told=False)

    def stop_zone(self, address, zone):
        self.next_act()
        had = bool(self.town.living(address))
        say = self.residents.mail if "@" in address else self.residents.text
        say(address, f"STOP {zone.replace('-', ' ').upper()}")
        self.town.leave_zone(address, zone)
        gone = not self.town.living(address)
        if gone:
            self.ledger.withdraws(address)
        self.follow()
        self.seen["left the last zone" if had and gone else "stopped a zone"] += 1
        self.judge(by=address, leaving={address} if gone else ())

    def officer_stops(self, address, because):
        self.next_act()
        barred = bool(self.town.barred[address])
        done = self.office.stops_writing(address, because)
        if done and not barred:
            self.withdraw(address, "officer")
            self.seen["stopped by an officer"] += 1
        if done and because in {"wrong", "died"}:
            self.town.is_not_theirs(address)
        self.judge(leaving={address}, told=done and not barred and because in {"said", "wrote"})

    def erase(self, address, person):
        self.next_act()
        self.office.erases(address, person.name)
        addresses, alone = list(person.links), self.town.erase(person)
        for one in addresses:
            if "erased" in self.town.barred[one]:
                self.ledger.withdraws(one)
        for one in alone:
            self.site.wire.forget(one)
        self.follow()
        self.seen["erased"] += 1
        self.judge(leaving=addresses, told=False)
