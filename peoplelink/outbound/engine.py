"""One slice of a lane: pace, claim, send with no transaction open, record; for a few seconds, then let others in."""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence

import structlog
import uvloop
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.channels.base import Channel
from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import Medium
from peoplelink.outbound import results
from peoplelink.outbound.claim import MAX_CLAIM, claim
from peoplelink.outbound.models import Content
from peoplelink.outbound.pacing import Pacer
from peoplelink.outbound.render import Renderer, calls_of, cost
from peoplelink.outbound.results import Outcome, Pair
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

SLICE_SECONDS = 5.0
LEASE = dt.timedelta(seconds=120)
LEASE_MARGIN = dt.timedelta(seconds=80)
"""No request starts in the last 80 s of a lease: an email call may take 60 s, and must be recorded."""
RECORD_AGAIN = (0.1, 0.5, 2.0, 5.0, 10.0)  # seconds between tries
"""A deadlock is over at once; a database that is restarted is back within seconds."""
RECORD_EVERY = 0.25  # seconds
"""How long results may wait for one another before they are written."""


def drain(runtime: Runtime, lane: str, *, seconds: float = SLICE_SECONDS) -> bool:
    """Send what waits in a lane, for a slice. True when there may be more."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Slice(runtime, lane).run(until=time.monotonic() + seconds))


class _Slice:
    """The state of one slice of one lane."""

    def __init__(self, runtime: Runtime, lane: str) -> None:
        self._runtime = runtime
        self._lane = lane
        medium = Medium(lane.partition(":")[0])
        self._channel: Channel = runtime.channels[medium]
        self._pacer = _pacer(runtime, medium)
        self._renderers: dict[int, Renderer] = {}

    async def run(self, *, until: float) -> bool:
        """Batches, until the lane is empty or the slice is over."""
        async with self._channel:
            while time.monotonic() < until:
                permits = self._permits()
                if permits == 0:
                    await asyncio.sleep(1 / self._pacer.per_second if self._pacer else 0)
                elif not await self._batch(permits):
                    return False
        return True

    async def _batch(self, permits: int) -> bool:
        pairs, looked_at = await asyncio.to_thread(self._claim, permits)
        self._settle_permits(sum(cost(message) for _, message in pairs) - permits)
        calls = calls_of(pairs, batch_size=self._channel.batch_size)
        gate = asyncio.Semaphore(self._channel.concurrency)
        pending = {asyncio.create_task(self._call(gate, call)) for call in calls}
        while pending:
            done, pending = await asyncio.wait(pending, timeout=RECORD_EVERY)
            if done:
                await asyncio.to_thread(self._record, [task.result() for task in done])
        return looked_at

    def _claim(self, permits: int) -> tuple[list[Pair], bool]:
        now = clock.now()
        with self._runtime.database.transaction() as session:
            claimed = claim(session, self._lane, limit=permits, lease=LEASE, now=now)
            for listener in self._runtime.listeners.settled if claimed.settled else ():
                listener(session, claimed.settled, now)
            self._learn_contents(session, {row.content_id for row in claimed.rows})
        pairs = [(row, self._renderers[row.content_id].message(row, now=now)) for row in claimed.rows]
        return pairs, bool(pairs or claimed.settled)

    def _learn_contents(self, session: Session, ids: set[int]) -> None:
        missing = ids - self._renderers.keys()
        for content in session.scalars(select(Content).where(Content.id.in_(missing))) if missing else ():
            self._renderers[content.id] = Renderer(content, self._runtime.config)

    async def _call(self, gate: asyncio.Semaphore, pairs: Sequence[Pair]) -> Outcome:
        async with gate:
            if clock.now() > pairs[0][0].deadline - LEASE_MARGIN:
                return Outcome(pairs, None)
            try:
                return Outcome(pairs, await self._channel.send([message for _, message in pairs]))
            except SendError as err:
                return Outcome(pairs, err)
            except Exception:
                # A fault of our own in the middle of a call: it may have been accepted.
                log.exception("channel_failed", lane=self._lane)
                return Outcome(pairs, UnknownOutcome("fault in the channel"))

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        """Write results down, again if the database threw us out: what is lost here leaves people in doubt."""
        for pause in (*RECORD_AGAIN, None):
            try:
                with self._runtime.database.transaction() as session:
                    results.record(
                        session, outcomes, lane=self._lane, listeners=self._runtime.listeners, now=clock.now()
                    )
            except OperationalError:
                if pause is None:
                    raise
                log.warning("results_not_recorded_yet", lane=self._lane, calls=len(outcomes))
                time.sleep(pause)
            else:
                return

    def _permits(self) -> int:
        if self._pacer is None:
            return MAX_CLAIM
        return self._pacer.take(min(MAX_CLAIM, self._pacer.per_second))

    def _settle_permits(self, difference: int) -> None:
        # After the claim: whatever happens to Redis now, those who were claimed are to be sent to.
        try:
            if self._pacer is not None:
                self._pacer.settle(difference)
        except RedisError:
            log.warning("permits_not_settled", lane=self._lane, difference=difference)


def _pacer(runtime: Runtime, medium: Medium) -> Pacer | None:
    # Only a text's sender is limited by its carrier; SendGrid takes 10,000 requests a second.
    if medium is not Medium.SMS:
        return None
    return Pacer(runtime.redis, medium.value, per_second=runtime.config.twilio_segments_per_second)
