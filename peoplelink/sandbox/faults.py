"""Faults to order: what goes wrong, how often, and for whom."""

import asyncio
import random
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from aiohttp import web

from peoplelink.clock import now
from peoplelink.errors import InvalidInputError

_LOOK = 0.1  # seconds between two looks at whether a hanging caller has gone


@dataclass(frozen=True)
class FaultPlan:
    """Every rate is a share from 0 to 1 (true means 1). Nothing goes wrong unless ordered."""

    latency_ms: int = 0  # waited before an API call is answered
    rate_429: float = 0.0  # refused: never processed
    rate_5xx_before: float = 0.0  # 500, not accepted
    rate_5xx_after: float = 0.0  # 500, though accepted
    rate_timeout_after: float = 0.0  # accepted, then silence, then a dropped connection
    timeout_seconds: float = 30.0  # how long that silence lasts
    rate_lookup_5xx: float = 0.0  # 500 to a look-up of what was sent
    duplicate_callbacks: float = 0.0
    shuffle_callbacks: float = 0.0
    rate_undelivered: float = 0.0
    undelivered_code: int = 30003
    rate_bounce: float = 0.0
    rate_deferred: float = 0.0  # put off once, delivered then
    rate_dropped: float = 0.0  # SendGrid itself does not send
    rate_spamreport: float = 0.0  # delivered, then reported as spam
    lose_webhooks: float = 0.0  # status callbacks, events, inbound texts and mails that are never posted
    max_per_second: int = 0  # messages accepted in one second before 429; 0 means no limit
    only_to: tuple[str, ...] = ()  # the addresses the faults are for; none named means all
    seed: int | None = None


_QUIET = FaultPlan()


class Faults:
    """The plan in force and the dice it is thrown with."""

    def __init__(self, plan: FaultPlan = _QUIET) -> None:
        self.plan = plan
        self._dice = random.Random(plan.seed)  # noqa: S311 - repeatable dice, not a secret
        self._second = 0
        self._accepted = 0

    def order(self, changes: Mapping[str, Any]) -> None:
        """Put `changes` over the plan in force; a seed starts the dice anew. Raises InvalidInputError."""
        self.plan = read_plan(changes, base=self.plan)
        if "seed" in changes:
            self._dice = random.Random(self.plan.seed)  # noqa: S311

    def reset(self) -> None:
        """Nothing goes wrong any more."""
        self.plan = _QUIET

    @property
    def quiet(self) -> bool:
        """Whether no fault is ordered: the fast way through."""
        return self.plan == _QUIET

    def strikes(self, fault: str, addresses: Collection[str] = ()) -> bool:
        """Throw the dice for one fault and the addresses it would hit."""
        rate: float = getattr(self.plan, fault)
        if not rate or not self._concerns(addresses):
            return False
        return self._dice.random() < rate

    def pick_delay(self, longest: float) -> float:
        """Some delay in seconds, for callbacks out of order."""
        return self._dice.uniform(0, longest)

    def over_limit(self, messages: int) -> bool:
        """Whether so many more would be too many for this second; counts them if not."""
        limit = self.plan.max_per_second
        if not limit:
            return False
        second = int(now().timestamp())
        if second != self._second:
            self._second, self._accepted = second, 0
        # One mail call may hold more than the limit; it passes when it is the first of its second.
        if self._accepted and self._accepted + messages > limit:
            return True
        self._accepted += messages
        return False

    def _concerns(self, addresses: Collection[str]) -> bool:
        return not self.plan.only_to or any(address in self.plan.only_to for address in addresses)


def read_plan(changes: Mapping[str, Any], *, base: FaultPlan = _QUIET) -> FaultPlan:
    """A plan from JSON or flags; raises InvalidInputError naming what is wrong."""
    known = {field.name for field in fields(FaultPlan)}
    if unknown := sorted(set(changes) - known):
        raise InvalidInputError(f"Unknown faults: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    values = asdict(base)
    for name, value in changes.items():
        values[name] = _read_value(name, value)
    return FaultPlan(**values)


def _read_value(name: str, value: Any) -> Any:
    if name == "only_to":
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise InvalidInputError("only_to must be a list of addresses.")
        return tuple(value)
    if name == "seed" and value is None:
        return None
    if not isinstance(value, int | float):
        raise InvalidInputError(f"{name} must be a number.")
    if value < 0 or (_is_rate(name) and value > 1):
        raise InvalidInputError(f"{name} must be {'from 0 to 1' if _is_rate(name) else '0 or more'}.")
    return float(value) if _is_rate(name) or name == "timeout_seconds" else int(value)


def _is_rate(name: str) -> bool:
    return name.startswith("rate_") or name in {"duplicate_callbacks", "shuffle_callbacks", "lose_webhooks"}


async def hang(request: web.Request, seconds: float) -> None:
    """Say nothing for so long (less if the caller gives up), then drop the connection."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(_LOOK)
    if request.transport is not None:
        request.transport.abort()
