"""What a round is made of: how many people, how long things go wrong, and the short leases that make it two minutes."""

from dataclasses import dataclass

from peoplelink.timing import PREFIX

MODES = ("off", "default", "advanced")
"""Who answers STOP, by round. In the first nobody but us keeps a message from somebody who has said it."""

LEASE = 8.0
"""Seconds after which a claim is a dead worker's. Whoever is frozen is frozen for longer."""

_TIMING = {
    "slice": 2.0,
    "lease": LEASE,
    "sms_timeout": 2.0,
    "email_timeout": 4.0,
    "look_up": 4.0,
    "look_up_again": 4.0,
    "email_logs_lag": 4.0,
    "receipt": 10.0,
    "catch_up": 4.0,
    "catch_up_settle": 2.0,
    "catch_up_overlap": 60.0,
    "sweep": 2.0,
    "scheduler_lease": 5.0,
}
TIMING = {f"{PREFIX}{name.upper()}": str(seconds) for name, seconds in _TIMING.items()}
"""Settings of the installation under test: leases and waits short, in the proportion that peoplelink/timing.py asks
for. How fresh a claim must be stays as it is: the second after a STOP is a promise, not a setting."""


@dataclass(frozen=True)
class Size:
    """How large a round is."""

    texts: int
    emails: int
    broadcasts: int
    """Among which the people are parted unevenly: small ones are urgent, large ones are bulk."""
    window: float
    """Seconds in which things go wrong."""
    settle: float
    """Seconds after which everybody must have come to an end."""
    stops: int
    """Residents who text STOP."""
    rate: int
    """Text segments a second, so that sending lasts about as long as the window."""


FULL = Size(texts=5000, emails=5000, broadcasts=24, window=70, settle=180, stops=100, rate=110)
SHORT = Size(texts=700, emails=700, broadcasts=8, window=25, settle=180, stops=20, rate=50)


@dataclass(frozen=True)
class Round:
    """One round: its number, and the seed from which all its dice are thrown."""

    number: int
    seed: int
    engine: str
    """postgresql or sqlite."""
    size: Size

    @property
    def dice(self) -> str:
        """What seeds this round alone, so that it can be played again by itself (FIRST=)."""
        return f"{self.seed}:{self.engine}:{self.number}"

    @property
    def keywords(self) -> str:
        """TWILIO_KEYWORDS of this round."""
        return MODES[(self.number - 1) % len(MODES)]
