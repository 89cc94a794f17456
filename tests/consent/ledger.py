"""Who has said what, address by address: the one thing that decides whether we may write. Judged from outside.

An address is live when its reader said yes to a question that was really put there, and has not withdrawn since. This
knows nothing of residents, households or the product's tables.
"""


class Ledger:
    def __init__(self):
        self.live = set()
        self.asked = set()
        """A question has reached it since it last withdrew."""
        self.was_live = set()
        """It agreed once, so that START may mean "again"."""
        self.withdrew = set()

    def was_asked(self, address):
        self.asked.add(address)

    def says_yes(self, address):
        """Whether that counts: a yes to a question that was never put is none."""
        if address in self.asked:
            self._agree(address)
        return address in self.asked

    def starts(self, address):
        """START takes back what was said before; who never agreed has agreed to nothing by it."""
        if address in self.was_live:
            self._agree(address)
        else:
            self.withdrew.discard(address)

    def agreed_on_paper(self, address):
        """An imported row says so: it wakes nobody who has left since."""
        if address not in self.withdrew:
            self._agree(address)

    def withdraws(self, address):
        self.ends(address)
        self.asked.discard(address)

    def ends(self, address):
        """Nobody is to be written to there any more; a question that waits there still waits."""
        self.live.discard(address)
        self.withdrew.add(address)

    def _agree(self, address):
        self.live.add(address)
        self.was_live.add(address)
        self.withdrew.discard(address)
