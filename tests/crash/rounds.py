"""One round from the first process to the last: begin, let things go wrong, wait until all has settled, judge."""

import functools
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.inbound.models import Webhook
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.crash import evidence, facts
from tests.crash.agenda import Agenda
from tests.crash.checks import LEDGER_SAYS, SLOW_TO_STOP, Breach, breaches
from tests.crash.crowd import STOP_WORDS, Crowd
from tests.crash.facts import Facts
from tests.crash.faults import Faults
from tests.crash.people import Planned
from tests.crash.plan import Round
from tests.crash.servers import Postgres
from tests.crash.stack import Stack

_LOOK = 0.05  # seconds between two looks at the processes
_OPEN = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNCONFIRMED)
_UNDER_WAY = (BroadcastStatus.RELEASING, BroadcastStatus.SENDING, BroadcastStatus.PAUSED)


@dataclass(frozen=True)
class Result:
    """What a round came to."""

    round: Round
    seconds: float
    settled: float
    """Seconds from the end of the faults until nothing was open."""
    done: dict[str, int]
    facts: Facts
    breaches: list[Breach]
    evidence: Path


def play(round_: Round, folder: Path, postgres: Postgres | None) -> Result:
    """Play a round; leaves no process behind, whatever happens."""
    began = time.monotonic()
    stack = Stack(round_, folder, postgres)
    try:
        planned = stack.plant()
        stack.start()
        agenda = Agenda()
        crowd = Crowd(stack, agenda)
        faults = Faults(stack, agenda, random.Random(f"{round_.dice}:faults"))
        faults.plan(round_.size)
        _plan_people(crowd, agenda, planned, round_)
        _run(stack, agenda, until=round_.size.window)
        faults.calm()
        settled = _settle(stack, agenda, crowd, round_.size.settle)
        agenda.note(f"settled after {settled:.0f} s")
        trouble = crowd.finish()
        slow = {name: took for name, took in stack.stop().items() if took > SLOW_TO_STOP}
        found = replace(facts.gather(stack, planned), slow_to_stop=slow)
        broken = breaches(found) + [Breach("officers can work", "officer", words) for words in trouble]
        path = evidence.write(stack, agenda, found, broken)
        return Result(round_, time.monotonic() - began, settled, faults.done, found, broken, path)
    finally:
        stack.close()


def _plan_people(crowd: Crowd, agenda: Agenda, planned: list[Planned], round_: Round) -> None:
    dice = random.Random(f"{round_.dice}:people")
    size = round_.size
    cancelled = dice.choice(planned)
    for look in range(3, int(size.window), 3):
        agenda.at(look, crowd.look_at_failing)
    for one in planned:
        moment = dice.uniform(0, size.window * 0.6)
        agenda.at(moment, lambda it=one.public_id: crowd.send(it))
        if one is cancelled:
            agenda.at(moment + dice.uniform(0.5, 8), functools.partial(crowd.cancel, one.public_id))
        if dice.random() < 0.25:
            start, seconds = dice.uniform(moment, size.window * 0.8), dice.uniform(1, size.window * 0.15)
            agenda.at(start, lambda it=one.public_id, seconds=seconds: crowd.pause(it, seconds))
        # Somewhere between before and after the text that is on its way to them.
        for number in dice.sample(sorted(one.texts), round(size.stops * len(one.texts) / size.texts)):
            when = dice.uniform(max(1, moment - 3), min(moment + 15, size.window))
            agenda.at(when, functools.partial(crowd.stop, number, dice.choice(STOP_WORDS)))


def _run(stack: Stack, agenda: Agenda, *, until: float) -> None:
    while agenda.now < until:
        stack.tend()
        agenda.due()
        time.sleep(_LOOK)


def _settle(stack: Stack, agenda: Agenda, crowd: Crowd, limit: float) -> float:
    """Wait until nothing is open and our states are the ledger's; how long that took."""
    began, look = agenda.now, agenda.now + 1
    while agenda.now - began < limit:
        stack.tend()
        agenda.due()
        if agenda.now >= look:
            left = _left(stack)
            agenda.note(f"left {left}")
            crowd.look_at_failing()
            if not left and not agenda.open:
                break
            look = agenda.now + 1.5
        time.sleep(_LOOK)
    return agenda.now - began


def _left(stack: Stack) -> dict[str, Any]:
    """What is not over yet, by kind; empty when all is."""
    try:
        with stack.database.read() as session:
            open_now = session.execute(
                select(Address.medium, Delivery.status, func.count())
                .join(Address, Address.id == Delivery.address_id)
                .where(Delivery.status.in_(_OPEN))
                .group_by(Address.medium, Delivery.status)
            ).all()
            unread = session.scalar(select(func.count()).where(Webhook.processed_at.is_(None))) or 0
            way = session.scalar(select(func.count()).where(Broadcast.status.in_((*_UNDER_WAY, "draft")))) or 0
            states = dict(session.execute(select(Delivery.public_id, Delivery.status)).all())
            stopped = set(facts.suppressed(session))
    except SQLAlchemyError as error:
        return {"error": type(error).__name__}
    left: dict[str, Any] = {f"{medium} {status}": count for medium, status, count in open_now}
    left |= {name: count for name, count in (("webhooks", unread), ("broadcasts", way)) if count}
    return left or _behind(stack, states, stopped)


def _behind(stack: Stack, states: dict[str, str], stopped: set[str]) -> dict[str, Any]:
    """Ends of messages, and STOPs, that the ledger knows and we do not."""
    behind, stops = facts.behind(stack, states, LEDGER_SAYS)
    behind["STOPs"] = len(stops - stopped)
    return {name: count for name, count in behind.items() if count}


def save(result: Result, folder: Path) -> None:
    """The round as data, for whoever compares rounds."""
    statuses = Counter(f"{row.medium} {row.status}" for row in result.facts.rows)
    (folder / "result.json").write_text(
        json.dumps({"dice": result.round.dice, "done": result.done, "statuses": statuses,
                    "breaches": [vars(breach) for breach in result.breaches],
                    "odd lines": evidence.odd_lines(folder)}, indent=1)
    )  # fmt: skip
