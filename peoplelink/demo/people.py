"""Two hundred made-up residents: who lives where, and how they join. The same ones each time."""

from dataclasses import dataclass
from itertools import cycle

ZONES = (("New Parks", "NEWPARKS", 5), ("Coalville", "WHITWICK", 3), ("Bell Foundry", "BELLFOUNDRY", 2))
"""A zone, a word that stands for it, and how many of ten residents live there."""

_NOT_OURS = {0, 900}  # the sandbox's own number, and the first officer's


@dataclass(frozen=True)
class Resident:
    """Somebody who joins: by form with a number, a mailbox or both, or by text."""

    number: int
    zone: str
    keyword: str
    by_text: bool
    mobile: str | None
    mailbox: str | None
    name: str | None

    @property
    def network_address(self) -> str:
        """An address from a block kept for documentation, so that each resident is a client of their own."""
        return f"198.51.100.{self.number % 250 + 1}"


def make_residents(count: int) -> list[Resident]:
    """The first half by text, the others by form: of five, two with a mobile, one with a mailbox, two with both."""
    homes = cycle([(zone, word) for zone, word, share in ZONES for _ in range(share)])
    numbers = (f"+447700900{digits:03}" for digits in range(1000) if digits not in _NOT_OURS)
    return [_resident(index, count, next(homes), next(numbers)) for index in range(count)]


def _resident(index: int, count: int, home: tuple[str, str], mobile: str) -> Resident:
    by_text = index < count // 2
    kind = index % 5
    return Resident(
        number=index,
        zone=home[0],
        keyword=home[1],
        by_text=by_text,
        mobile=mobile if by_text or kind != 0 else None,
        mailbox=f"resident{index}@example.com" if not by_text and kind in {0, 1, 2} else None,
        name=f"Resident {index}" if not by_text and index % 2 else None,
    )
