"""How sending stands, in words: the same for the terminal and the page."""

import datetime as dt
from collections.abc import Iterator

from peoplelink.console.sending import LaneState, State, does
from peoplelink.outbound.states import HoldReason

PAUSED = {
    HoldReason.OFFICER: "paused by an officer. Resume on the broadcast’s page",  # noqa: RUF001
    HoldReason.FAILURES: "paused because too many messages failed. Look at why on the broadcast’s page",  # noqa: RUF001
}


def age(since: dt.datetime | None, now: dt.datetime) -> str:
    """How long ago, in the largest unit that says enough: "40 seconds", "3 hours"; empty for None."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def paused_broadcasts(state: State) -> list[str]:
    """Why broadcasts wait for an officer, and what to do."""
    return [
        f"{number} {'broadcast is' if number == 1 else 'broadcasts are'} {PAUSED.get(reason, 'paused')}."
        for reason, number in state.paused_dispatches.items()
    ]


def lines(state: State, *, now: dt.datetime) -> Iterator[str]:
    """For the terminal."""
    for lane in state.lanes:
        yield f"{lane.name:<13} {_figures(lane, now)}"
        if lane.paused_because:
            yield f"{'':<13} PAUSED for {age(lane.paused_at, now)}: {lane.paused_because}"
    yield from paused_broadcasts(state)
    doubts = ", ".join(f"{number} {words}" for words, number in state.unconfirmed.items() if number)
    yield f"Unconfirmed   {doubts or 'none'}"
    yield f"Accepted twice {state.accepted_twice}"
    yield f"Scheduler     {state.scheduler or 'NONE AT WORK. Start one: peoplelink scheduler'}"
    yield from _workers(state, now)


def _workers(state: State, now: dt.datetime) -> Iterator[str]:
    if state.redis_away:
        yield "Workers       not known: Redis cannot be reached"
    elif not state.workers:
        yield "Workers       NONE AT WORK. Start one: peoplelink worker"
    for one in state.workers:
        since = f", for {age(one.since, now)}" if one.since else ""
        seen = f"seen {age(one.seen_at, now)} ago"
        yield f"Worker        {one.host} {one.pid} ({', '.join(one.queues)}): {does(one.bell)}{since}; {seen}"


def _figures(lane: LaneState, now: dt.datetime) -> str:
    parts = [f"{lane.waiting} waiting"]
    if lane.oldest:
        parts[0] += f" (the oldest for {age(lane.oldest, now)})"
    if lane.resting:
        parts.append(f"{lane.resting} in paused broadcasts")
    if lane.held:
        parts.append(f"{lane.held} held, the first until {lane.held_until:%Y-%m-%d %H:%M} UTC")
    parts.append(f"{lane.under_way} under way")
    parts.append("rate not known" if lane.last_minute is None else f"{lane.last_minute} in the last minute")
    return ", ".join(parts)
