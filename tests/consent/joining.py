"""Joining and confirming, each act as a whole: done on the site, told to town and ledger, and judged."""

from tests.consent.stage import Stage
from tests.consent.wire import Kind

SPELT = {"new-parks": "JOIN NEW PARKS", "coalville": "join Coalville please"}
MISSPELT = {"new-parks": "JOIN NEWPRKS", "coalville": "join colvile"}


class Joining(Stage):
    def __init__(self, site):
        super().__init__(site)
        self.requests_of = {}

    # Joining

    def form(self, name, zones, *, mobile=None, email=None):
        self.next_act()
        self.residents.fills_in_the_form(name=name, zones=zones, mobile=mobile, email=email)
        return self._were_asked(name, zones, [mobile, email])

    def face_to_face(self, name, zones, *, mobile=None, email=None):
        self.next_act()
        self.office.signs_up(name=name, zones=zones, mobile=mobile, email=email)
        return self._were_asked(name, zones, [mobile, email])

    def imports_and_asks(self, name, zones, *, mobile=None, email=None):
        self.next_act()
        given = [address for address in (mobile, email) if address]
        welcome = all(self.town.may_import(address) for address in given)
        self.office.imports([(name, zones, mobile, email)], asks=True)
        if welcome:
            return self._were_asked(name, zones, given)
        self.judge()
        return None

    def imports(self, rows):
        """Rows of (name, zones, mobile, email) whose consent stands in the file."""
        self.next_act()
        welcome = []
        for name, zones, *given in rows:
            stated = [address for address in given if address]
            taken = {address for _, _, others in welcome for address in others}
            if not taken & set(stated) and all(self.town.may_import(address) for address in stated):
                welcome.append((name, zones, stated))
        self.office.imports(rows, asks=False)
        for row in welcome:
            self._joins_on_paper(*row)
        self.seen["refused an import"] += len(rows) - len(welcome)
        self.judge()

    def _joins_on_paper(self, name, zones, given):
        self.town.imported(name, zones, given)
        for address in given:
            self.ledger.agreed_on_paper(address)
        self.seen["imported"] += 1

    def text_join(self, number, zone):
        self.next_act()
        stopped, living = self.town.stopped_by_text(number), self.town.living(number)
        self.residents.text(number, SPELT[zone])
        got = self.judge(by=number, named={number})
        if not stopped:
            self._joined(number, zone, living, got)

    def text_join_nearly(self, number, zone):
        """A misspelt zone is offered, and a YES takes it. (Whoever has said STOP is offered nothing.)"""
        self.next_act()
        stopped, living = self.town.stopped_by_text(number), self.town.living(number)
        self.residents.text(number, MISSPELT[zone])
        self.judge(by=number)
        if stopped:
            return None
        self.clock.on(minutes=1)
        self.residents.text(number, "YES")
        got = self.judge(by=number, named={number})
        self.seen["took what was offered"] += 1
        return self._joined(number, zone, living, got)

    def mail_join(self, mailbox, zone):
        self.next_act()
        living, deaf = self.town.living(mailbox), "complained" in self.town.barred[mailbox]
        self.residents.mail(mailbox, "", subject=SPELT[zone])
        got = self.judge(by=mailbox, named={mailbox})
        if not deaf:
            self._joined(mailbox, zone, living, got)

    def _joined(self, address, zone, living, got):
        if living:
            return self.town.add_zone(address, zone)
        question = got.get(address)
        if question is None or question.kind is not Kind.QUESTION:
            # By mail a fourth request of a day goes unanswered.
            excused = self.in_night and "@" in address
            assert excused, f"{address} asked to join and was not asked back"
            return None
        return self._asked(question, self.town.new_request(None, {zone}))

    def _were_asked(self, name, zones, given):
        """Whoever saw a question was asked, and whoever said STOP waits for their START to be."""
        named = {address for address in given if address}
        got = self.judge(named=named)
        request = self.town.new_request(name, zones)
        for address in sorted(named):
            if address in got and got[address].kind is Kind.QUESTION:
                self._asked(got[address], request)
            elif self.town.stopped_by_text(address):
                self.town.asks(address, request)
        return request

    def _asked(self, letter, request):
        self.town.asks(letter.to, request)
        self.requests_of[_what(letter)] = request

    # Confirming

    def yes(self, number, words="YES"):
        self.next_act()
        waits, stopped = self.town.waiting(number), self.town.stopped_by_text(number)
        asked = number in self.ledger.asked
        self.residents.text(number, words)
        if stopped:
            self._starts(number, alone=words.upper() == "YES")
        elif waits and asked:
            self.agree(waits, number)
        self.judge(by=number)

    def no(self, number, words="NO"):
        self.next_act()
        waits, stopped = self.town.waiting(number), self.town.stopped_by_text(number)
        self.residents.text(number, words)
        if waits and not stopped:
            self.town.decline(number)
            self.ledger.asked.discard(number)
            self.seen["said no"] += 1
        self.judge(by=number)

    def press(self, mailbox, letter):
        """The button of any mail that ever came, newest or not."""
        self.next_act()
        request = self.requests_of.get(_what(letter))
        counts = request is not None and self.town.waiting(mailbox) is request and mailbox in self.ledger.asked
        done = self.residents.presses(letter.confirm)
        if counts:
            assert done, "the newest link was refused"
            self.agree(request, mailbox)
        else:
            self.seen["pressed in vain"] += 1
        self.judge()

    def confirms(self, address):
        """By whatever way this address confirms: a YES, or the button in the newest mail that has one."""
        if "@" not in address:
            self.yes(address)
        elif letters := self.questions(address):
            self.press(address, letters[-1])

    def questions(self, mailbox):
        """Every mail with a button that ever came to it."""
        return [letter for letter in self.site.wire.by_address.get(mailbox, ()) if letter.confirm]

    def ask_again(self, address):
        self.next_act()
        self.residents.asks_again(address)
        self.judge(named={address} if self.town.waiting(address) else ())

    def start(self, number, words="START"):
        self.next_act()
        self.residents.text(number, words)
        self._starts(number)
        self.judge(by=number)

    def _starts(self, number, *, alone=True):
        if not alone:
            return  # "yes please" from somebody who left is for a person to read
        self.said_that_they_left.pop(number, None)
        before = len(self.town.living(number))
        self.town.start(number)
        self.ledger.starts(number)
        self.seen["came back"] += len(self.town.living(number)) - before


def _what(letter):
    """Which request a question is about, the same in its reminder: a link without its moment and signature."""
    return letter.confirm.rsplit(".", 2)[0] if letter.confirm else letter.delivery
