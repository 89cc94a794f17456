"""How long things last and how often they are looked at: settings, so that a test of crashes need not wait for hours.

Each is read from PEOPLELINK_TIMING_<NAME>, in seconds. The defaults belong together; the comments say what ties them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "PEOPLELINK_TIMING_"


@dataclass(frozen=True)
class Timing:
    """All in seconds."""

    slice: float = 5.0
    """How long one job drains a lane before it lets others in."""
    fresh: float = 0.7
    """How long after its claim a message may still be sent; after that it goes back, and is looked at again. Keeps the
    promise that a STOP acts within a second, and stops a frozen process from sending late."""
    lease: float = 60.0
    """After this a claim that nobody has recorded is a dead worker's. Longer than `fresh` and the longest call."""
    sms_timeout: float = 10.0
    email_timeout: float = 20.0
    """The longest a call to the provider takes: results are to be written down within 30 s of a request to stop."""
    look_up: float = 120.0
    """After a call without an answer, when the provider is asked: the request may lie in a queue of theirs."""
    look_up_again: float = 300.0
    email_logs_lag: float = 600.0
    """How long after a call "no such email" is believed. How far SendGrid's logs run behind is not documented."""
    receipt: float = 900.0
    """When a message without a receipt is asked after, counted from its acceptance; then at doubling distances."""
    receipt_final: float = 72 * 3600.0
    """After this "sent" is final: no receipt."""
    catch_up: float = 300.0
    """How often the provider is asked for messages and receipts that did not reach us."""
    catch_up_overlap: float = 3600.0
    """How far before the last mark it looks again: a text may be listed later than it was sent."""
    catch_up_settle: float = 60.0
    """A text this new is left to its webhook, which says more of it (OptOutType) and is tried for 15 s by Twilio."""
    sweep: float = 30.0
    """How often the sweeper looks for lost bells and dead workers' claims."""
    scheduler_lease: float = 30.0
    """How long after the scheduler's death another takes over."""


def from_env(env: Mapping[str, str], problems: list[str]) -> Timing:
    """The timing of an installation; what is wrong is added to `problems`."""
    given = {field.name: env.get(PREFIX + field.name.upper(), "").strip() for field in fields(Timing)}
    values = {name: _seconds(name, text, problems) for name, text in given.items() if text}
    return Timing(**values)


def _seconds(name: str, text: str, problems: list[str]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        problems.append(f"{PREFIX}{name.upper()} must be a number of seconds above 0, such as 30.")
    return value
