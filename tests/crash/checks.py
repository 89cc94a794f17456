"""What must hold after a round. Each rule gives its breaches, with the delivery or address to look at."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.crash.facts import Accepted, Facts, Row

SILENCE = dt.timedelta(seconds=1)
"""After our 2xx to somebody's STOP no request for them may reach the provider any later than this."""
SLOW_TO_STOP = 30.0  # seconds

_NOT_SENT = {"suppressed", "expired", "cancelled"}
_OPEN = {"queued", "sending", "unconfirmed", "held"}
_ENDED = {"sent_out", "finished", "cancelled"}
LEDGER_SAYS = {
    "delivered": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
    "bounced": "failed",
    "dropped": "failed",
}
"""Our word for the provider's final states; every other of its states is our "sent"."""


@dataclass(frozen=True)
class Breach:
    """A promise that was not kept."""

    rule: str
    about: str
    """A delivery's public id, or an address."""
    says: str


def breaches(facts: Facts) -> list[Breach]:
    """Every breach, rule by rule."""
    return [breach for rule in RULES for breach in rule(facts)]


def _by_delivery(facts: Facts) -> dict[str, list[Accepted]]:
    found = defaultdict(list)
    for one in facts.ledger:
        found[one.delivery or ""].append(one)
    return found


def nobody_twice(facts: Facts) -> Iterator[Breach]:
    """A delivery has at most one accepted message, and an address gets its broadcast at most once."""
    for delivery, messages in _by_delivery(facts).items():
        if len(messages) > 1:
            attempts = sorted(one.attempt or 0 for one in messages)
            yield Breach("nobody twice", delivery, f"accepted {len(messages)} times, attempts {attempts}")
    rows = Counter((row.broadcast, row.address) for row in facts.rows if row.broadcast)
    for (broadcast, address), times in rows.items():
        if times > 1:
            yield Breach("nobody twice", address, f"{times} deliveries of broadcast {broadcast}")


def nobody_missed(facts: Facts) -> Iterator[Breach]:
    """Whoever was to get a broadcast has a delivery of it, or had stopped, or it was cancelled, before its release."""
    there = {(row.address, row.broadcast) for row in facts.rows}
    cancelled = {broadcast for broadcast, status in facts.broadcasts.items() if status == "cancelled"}
    for address, broadcast in facts.expected.items():
        if (address, broadcast) not in there and broadcast not in cancelled and not facts.suppressed.get(address):
            yield Breach("nobody missed", address, f"no delivery of broadcast {broadcast}")


def everybody_ends(facts: Facts) -> Iterator[Breach]:
    """No delivery is still open, and every broadcast has been sent out."""
    for row in facts.rows:
        if row.status in _OPEN:
            yield Breach(
                "everybody ends", row.public_id, f"{row.medium} is still {row.status} at attempt {row.attempt}"
            )
    for broadcast, status in facts.broadcasts.items():
        if status not in _ENDED:
            yield Breach("everybody ends", broadcast, f"the broadcast is still {status}")


def states_are_true(facts: Facts) -> Iterator[Breach]:
    """Who has been sent to has one accepted message; who has not has none, and a reason."""
    accepted = _by_delivery(facts)
    for row in facts.rows:
        wrong = _untrue(row, len(accepted.get(row.public_id, [])))
        if wrong:
            yield Breach("states are true", row.public_id, wrong)


def _untrue(row: Row, messages: int) -> str | None:
    if row.status in _NOT_SENT and messages:
        return f"{row.status}, yet the ledger has {messages}"
    if row.status in {"sent", "delivered"} and not messages:
        return f"{row.status}, yet the ledger has none"
    if row.status == "failed" and row.reason is None:
        return "failed without a reason"
    return None


def states_equal_the_ledgers(facts: Facts) -> Iterator[Breach]:
    """Our state is the ledger's, in our words."""
    accepted = _by_delivery(facts)
    for row in facts.rows:
        messages = accepted.get(row.public_id, [])
        if len(messages) != 1 or row.status in _OPEN | _NOT_SENT:
            continue  # another rule's business
        theirs = LEDGER_SAYS.get(messages[0].status, "sent")
        if theirs != row.status:
            yield Breach(
                "states equal the ledger's", row.public_id,
                f"{row.medium} is {row.status} ({row.reason}) here and {messages[0].status} there",
            )  # fmt: skip


def silence_after_stop(facts: Facts) -> Iterator[Breach]:
    """No request reaches the provider more than a second after our yes to somebody's STOP, but for its confirmation."""
    stopped: dict[str, dt.datetime] = {}
    for stop in facts.stops:
        if stop.told_at is not None:
            stopped[stop.number] = min(stop.told_at, stopped.get(stop.number, stop.told_at))
    purposes = {row.public_id: row.purpose for row in facts.rows}
    for one in facts.requests:
        told_at = stopped.get(one.to)
        if told_at is None or purposes.get(one.delivery or "") == "opt_out_answer":
            continue
        if one.at > told_at + SILENCE:
            late = (one.at - told_at).total_seconds()
            yield Breach("silence after STOP", one.delivery or one.to, f"{one.outcome} {late:.2f} s after our yes")


def every_stop_is_known(facts: Facts) -> Iterator[Breach]:
    """Every STOP is a suppression, those too whose webhook was lost; it is confirmed once, by us or by the provider."""
    answers = facts.confirmed + Counter(row.address for row in facts.rows if row.purpose == "opt_out_answer")
    for number in {stop.number for stop in facts.stops}:
        if not {"stop", "provider"} & facts.suppressed.get(number, frozenset()):
            yield Breach("every STOP is known", number, "no suppression")
        if answers[number] != 1:
            yield Breach("every STOP is known", number, f"confirmed {answers[number]} times")


def nothing_unknown(facts: Facts) -> Iterator[Breach]:
    """Every request and message belongs to an attempt that we had opened before."""
    for one in {(one.delivery, one.attempt) for one in [*facts.requests, *facts.ledger]}:
        if one not in facts.attempts:
            yield Breach("nothing unknown", str(one[0]), f"a request of attempt {one[1]}, which we never opened")


def proofs_hold(facts: Facts) -> Iterator[Breach]:
    """The proof of every broadcast holds: whatever was killed, nothing was changed behind its back."""
    for broadcast, problems in facts.proofs.items():
        for problem in problems:
            yield Breach("proofs hold", broadcast, problem)


def services_stop(facts: Facts) -> Iterator[Breach]:
    """Asked once, every service ends by itself within 30 seconds."""
    for name, seconds in facts.slow_to_stop.items():
        yield Breach("services stop", name, f"had not stopped after {seconds:.0f} s")


RULES: tuple[Callable[[Facts], Iterator[Breach]], ...] = (
    nobody_twice,
    nobody_missed,
    everybody_ends,
    states_are_true,
    states_equal_the_ledgers,
    silence_after_stop,
    every_stop_is_known,
    nothing_unknown,
    proofs_hold,
    services_stop,
)
