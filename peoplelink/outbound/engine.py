"""One slice of a lane, as a pipeline: one claims, many send with no transaction open, one records; all at once.

The next batch is claimed while this one is under way. After a few seconds others are let in.
"""

import asyncio
import contextlib
import gc
import time
from collections import deque
from collections.abc import Iterator, Sequence

import structlog
import uvloop
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from peoplelink import clock, ending
from peoplelink.channels.base import Channel
from peoplelink.channels.errors import PermanentError, SendError, TemporaryError, TooLateError, UnknownOutcome
from peoplelink.channels.messages import Medium
from peoplelink.outbound import rates, results
from peoplelink.outbound.claim import MAX_CLAIM, Claimed
from peoplelink.outbound.claiming import Call, Claimer
from peoplelink.outbound.results import Outcome
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

RECORD_EVERY = 0.25  # seconds
"""How long results may wait for one another before they are written."""
RECORD_AT_ONCE = 1000
RECORD_AGAIN = (0.1, 0.5, 1.0, 2.0, *[5.0] * 30)  # seconds between tries
"""A deadlock is over at once, a restarted database is back in seconds, a moved one in a minute or two."""
BACKLOG = 0.3  # seconds
"""How much work is claimed ahead of the senders: a tenth of a second is too little to keep them busy, a second is more
than a STOP may wait."""
_USUAL_LATENCY = 0.1  # seconds
_REST_FIRST, _REST_MOST = 0.5, 5.0
_BAD_ENOUGH = 20
"""After so many single refusals of one call's messages the words are to blame, not the addresses."""


def drain(runtime: Runtime, lane: str, *, seconds: float | None = None) -> bool:
    """Send what waits in a lane, for a slice. True when there may be more."""
    until = time.monotonic() + (runtime.config.timing.slice if seconds is None else seconds)
    with _fewer_collections(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Slice(runtime, lane).run(until))


@contextlib.contextmanager
def _fewer_collections() -> Iterator[None]:
    """A slice makes and drops many small objects, and looking for circles among them was a fifth of its work.

    There are some: statements hold their rows in one. Looked for less often than this, they take a seventh more memory.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(15_000, 10, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class _Slice:
    """The state of one slice of one lane."""

    def __init__(self, runtime: Runtime, lane: str) -> None:
        self._runtime, self._lane = runtime, lane
        self._channel: Channel = runtime.channels[Medium(lane.partition(":")[0])]
        self._claimer = Claimer(runtime, lane)
        self._waiting: asyncio.Queue[Call | None] = asyncio.Queue()
        self._idle = self._gone = self._few = 0
        self._done: list[Outcome] = []
        self._finished: deque[float] = deque(maxlen=10 * self._channel.concurrency)
        self._freed, self._noted = asyncio.Event(), asyncio.Event()
        self._rest = 0.0
        self._went_back = False
        self._taken = 0

    async def run(self, until: float) -> bool:
        """Claim until the lane is empty or the slice is over, then wait for what is under way."""
        async with self._channel, asyncio.TaskGroup() as group:
            senders = [group.create_task(self._send_calls()) for _ in range(self._channel.concurrency)]
            recorder = group.create_task(self._record_results(len(senders)))
            try:
                more = await self._claim_batches(until)
            finally:
                for _ in senders:
                    self._waiting.put_nowait(None)
            await asyncio.to_thread(self._claimer.close)
            await recorder
        rates.note(self._runtime.redis, self._lane, self._taken)
        return more or self._went_back

    async def _claim_batches(self, until: float) -> bool:
        while time.monotonic() < until and not ending.soon():
            await self._room_made(until)
            try:
                batch = await asyncio.to_thread(self._claimer.next, max(1, self._room()))
            except (OperationalError, InterfaceError, RedisError) as error:
                # The sweeper rings again, when they are back.
                log.warning("nothing_claimed", lane=self._lane, error=type(error).__name__)
                return False
            for call in batch.calls:
                self._waiting.put_nowait(call)
            if batch.ask_again is not None:
                await asyncio.sleep(max(0.0, min(batch.ask_again, until) - time.monotonic()))
            elif not batch.looked_at:
                return False
        return True

    def _room(self) -> int:
        """How many more messages the senders can begin in good time."""
        calls = self._idle + int(self._speed() * BACKLOG) - self._waiting.qsize()
        return calls * self._channel.batch_size

    def _speed(self) -> float:
        """Calls a second, by those that finished lately; at first what a good provider takes."""
        if len(self._finished) < self._channel.concurrency:
            return self._channel.concurrency / _USUAL_LATENCY
        return len(self._finished) / max(time.monotonic() - self._finished[0], _USUAL_LATENCY)

    async def _room_made(self, until: float) -> None:
        """Wait for room; for much of it while the senders have work, since each claim has its price."""
        if self._rest:
            await asyncio.sleep(max(0.0, min(self._rest, until - time.monotonic())))
        while time.monotonic() < until:
            enough = min(MAX_CLAIM, int(self._speed() * BACKLOG / 2) * self._channel.batch_size)
            if self._room() >= max(1, enough if self._waiting.qsize() else 1):
                return
            # Wake up once, and not at each message that makes room for another.
            missing = (enough - self._room()) // self._channel.batch_size
            self._few = max(0, self._waiting.qsize() - missing)
            self._freed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BACKLOG / 5):
                    await self._freed.wait()

    async def _send_calls(self) -> None:
        while True:
            self._idle += 1
            if self._waiting.qsize() <= self._few:
                self._freed.set()
            call = await self._waiting.get()
            self._idle -= 1
            if call is None:
                self._gone += 1
                self._noted.set()
                return
            wait = call.moment - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._send(call)

    async def _send(self, call: Call) -> None:
        outcome = await self._ask(call)
        if isinstance(outcome.answer, PermanentError) and len(call.rows) > 1:
            await self._part(call.rows, outcome.answer, [])
        else:
            self._note(outcome)

    async def _ask(self, call: Call) -> Outcome:
        if time.monotonic() > call.not_after:
            return Outcome(call.rows, None)
        try:
            return Outcome(call.rows, await self._channel.send(call.messages()))
        except TooLateError:
            return Outcome(call.rows, None)
        except SendError as err:
            return Outcome(call.rows, err)
        except Exception:
            # A fault of our own in the middle of a call: it may have been accepted.
            log.exception("channel_failed", lane=self._lane)
            return Outcome(call.rows, UnknownOutcome("fault in the channel"))

    async def _part(self, rows: Sequence[Claimed], error: PermanentError, refused: list[bool]) -> None:
        """A call was refused as a whole, perhaps for one address: ask for each half, until it is found."""
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            if refused.count(True) >= _BAD_ENOUGH and False not in refused:
                self._note(Outcome(half, error))
                continue
            for call in await asyncio.to_thread(self._claimer.again, half):
                outcome = await self._ask(call)
                if isinstance(outcome.answer, PermanentError) and len(call.rows) > 1:
                    await self._part(call.rows, outcome.answer, refused)
                else:
                    refused.append(isinstance(outcome.answer, PermanentError))
                    self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        self._done.append(outcome)
        self._taken += 0 if outcome.answer is None or isinstance(outcome.answer, SendError) else len(outcome.rows)
        self._went_back = self._went_back or outcome.answer is None
        self._finished.append(time.monotonic())
        if len(self._done) >= RECORD_AT_ONCE or self._channel.batch_size > 1:
            self._noted.set()

    async def _record_results(self, senders: int) -> None:
        while True:
            over = self._gone == senders
            done, self._done = self._done, []
            if done:
                self._take_rest(done)
                await asyncio.to_thread(self._record, done)
            if over:
                return
            self._noted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RECORD_EVERY):
                    await self._noted.wait()

    def _take_rest(self, done: Sequence[Outcome]) -> None:
        """Claim more slowly while the provider says that it is too much."""
        asked = [one.answer.retry_after or 0.0 for one in done if isinstance(one.answer, TemporaryError)]
        self._rest = min(_REST_MOST, max(_REST_FIRST, 2 * self._rest, *asked)) if asked else 0.0

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        """Write results down, again if the database threw us out: what is lost here leaves people in doubt."""
        for pause in (*RECORD_AGAIN, None):
            try:
                with self._runtime.database.transaction() as session:
                    results.record(
                        session,
                        outcomes,
                        lane=self._lane,
                        listeners=self._runtime.listeners,
                        timing=self._runtime.config.timing,
                        now=clock.now(),
                    )
            except (OperationalError, InterfaceError):
                if pause is None:
                    raise
                log.warning("results_not_recorded_yet", lane=self._lane, calls=len(outcomes))
                time.sleep(pause)
            else:
                return
