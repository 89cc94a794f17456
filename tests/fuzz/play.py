"""Posts by the thousand, the jobs that read them, and what came of both."""

import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from structlog.testing import capture_logs

from peoplelink.inbound.failures import UNREADABLE
from peoplelink.inbound.models import ReceivedMessage, Webhook

ENOUGH = 33
"""Messages to one address within a day: the thirty answers (limits.ANSWERS_A_DAY), a welcome, and what its own page or
an officer's desk says once a day. No machine can make us write more."""
_AT_ONCE = 20
"""Posts between two rounds of the workers."""
_PAUSES = (1, 20, 300, 3600, 20_000)
"""Seconds between them: within one limit, and beyond the next."""


@dataclass
class Outcome:
    """What came of a run; `print` it to see that it was not empty."""

    statuses: Counter = field(default_factory=Counter)
    kept: int = 0
    read: int = 0
    unreadable: int = 0
    faults: list = field(default_factory=list)
    """What a job or a view logged as an error, and requests that could not be sorted."""
    most_to_one: int = 0
    """Messages that one address got within 24 hours."""


def play(site, kind, make, *, posts, seed):
    """Post so many of what `make(dice)` makes, with the workers between; nothing here says what is right."""
    outcome, dice, sent = Outcome(), random.Random(seed), []
    for done in range(0, posts, _AT_ONCE):
        bodies = [make(dice) for _ in range(min(_AT_ONCE, posts - done))]
        with capture_logs() as logs:
            outcome.statuses.update(site.provider.post(kind, body).status_code for body in bodies)
            site.work()
        outcome.faults += [each for each in logs if each["log_level"] in {"error", "critical"}]
        sent += [(site.clock.moment, letter.to) for letter in site.wire.take()]
        site.clock.on(seconds=dice.choice(_PAUSES))
    _count_rows(site, outcome)
    outcome.most_to_one = _most_in_a_day(sent)
    return outcome


def _count_rows(site, outcome):
    with site.parts.database.read() as session:
        state = (Webhook.processed_at.is_(None), Webhook.problem)
        for waits, problem, number in session.execute(select(*state, func.count()).group_by(*state)):
            outcome.kept += number
            if problem == UNREADABLE:
                outcome.unreadable += number
            elif waits or problem:
                outcome.faults.append(f"{number} requests: {problem or 'not read'}")
        outcome.read = session.scalar(select(func.count()).select_from(ReceivedMessage))


def _most_in_a_day(sent):
    """The largest number of messages that one address got within any 24 hours."""
    most, by_address = 0, {}
    for moment, to in sent:
        times = by_address.setdefault(to, [])
        times.append(moment)
        most = max(most, sum(1 for each in times if (moment - each).total_seconds() < 86_400))
    return most
