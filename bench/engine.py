"""The engine under measurement, in a process of its own: drains a lane as a worker does, slice after slice."""

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from bench.crowd import quiet_runtime
from bench.processes import Meter, call
from peoplelink.channels.messages import Medium
from peoplelink.channels.twilio import TwilioChannel
from peoplelink.config import Config
from peoplelink.outbound.engine import drain
from peoplelink.runtime import Runtime

ONE_SLICE = 24 * 3600.0


@dataclasses.dataclass(frozen=True)
class Run:
    """What one drain took."""

    count: int
    seconds: float
    cpu: dict[str, float]
    """Processor seconds by who spent them."""
    peak_mb: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds of everybody together, for a message."""
        return sum(self.cpu.values()) / self.count * 1000

    def share_ms(self, part: str) -> float:
        """Those of one of them."""
        return self.cpu[part] / self.count * 1000


def run_of(answer: Mapping[str, Any]) -> Run:
    """What a measured child said."""
    return Run(**answer)


def measure(target: str, order: Mapping[str, Any]) -> Run:
    """Run `module:function` in a process of its own."""
    return run_of(call(target, order))


def drained(order: Mapping[str, Any]) -> dict[str, Any]:
    """Send all that waits in `lane`. `seconds` is the length of a slice, `concurrency` the channel's, where given."""
    runtime = with_concurrency(quiet_runtime(Config.from_env(order["env"])), order.get("concurrency"))
    slices = {"seconds": order["seconds"]} if order.get("seconds") else {}
    meter, began = Meter(order["servers"]), time.monotonic()
    while drain(runtime, order["lane"], **slices):
        pass
    return finished(order["count"], began, meter)


def finished(count: int, began: float, meter: Meter) -> dict[str, Any]:
    """The parts of a `Run` that a child knows."""
    seconds, used = time.monotonic() - began, meter.used()
    return {"count": count, "seconds": seconds, "cpu": {"own": used.own, **used.others}}


def with_concurrency(runtime: Runtime, concurrency: int | None) -> Runtime:
    """The same parts, with so many texts under way at once."""
    if concurrency is None:
        return runtime
    settings = dataclasses.replace(runtime.twilio.settings, concurrency=concurrency)
    return dataclasses.replace(runtime, channels={**runtime.channels, Medium.SMS: TwilioChannel(settings)})
