"""What the scheduler does for residents who have not confirmed. Running any of it twice is harmless."""

from peoplelink import clock
from peoplelink.runtime import Runtime
from peoplelink.subscribers import reminding
from peoplelink.subscribers.links import Links

_MOST_A_TURN = 20
"""Batches: the rest waits for the next turn, so that the scheduler's other work does not."""


def remind(runtime: Runtime) -> None:
    """Remind those who asked to join two days ago, a batch in each transaction."""
    config = runtime.config
    links = Links.of(config)
    for _ in range(_MOST_A_TURN):
        with runtime.database.transaction() as session:
            if not reminding.remind(session, links=links, quiet=config.quiet_hours, now=clock.now()):
                return
