"""A sender's rate, kept in Redis so that all workers share it. The unit is a segment.

The generic cell rate algorithm: Redis remembers when the next segment is due. A worker reserves a tenth of a second's
worth, at most AHEAD before it is due, and sends each segment at its moment; so no second sees more than the rate.
"""

import time
from dataclasses import dataclass

from redis import Redis

QUANTUM = 0.1
"""Seconds' worth of segments reserved at a time: about ten calls of Redis a second, whatever the rate."""
AHEAD = 0.25
"""How many seconds ahead of its moment a segment may be reserved: long enough to claim it, short enough for a STOP."""
KEPT = 10
"""Unused segments that a worker keeps for its next reservation, and no more: as many as the longest text has. Were they
given back each time, a third of the calls of Redis would be for that, and in vain where another has reserved after."""
_URGENT_WAITS, _URGENT_GOES = 0.5, 0.15
"""How many seconds bulk stands back when somebody urgent had to wait, and after each urgent reservation. The second is
less than AHEAD, so that it costs bulk nothing when no other follows."""

# Redis keeps the clock, so that workers on different hosts agree. After a flush nobody knows what was sent a moment
# ago: it starts a second late. While somebody urgent waits, bulk is told to. Answers are text: Lua's numbers would be
# cut to whole ones.
_RESERVE = """
local rate, want, ahead, urgent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'due', 'urgent_until')
local due = tonumber(held[1]) or (now + 1)
local urgent_until = tonumber(held[2]) or 0
if due < now then due = now end
local wait = due - now - ahead
if not urgent and urgent_until > now and wait <= 0 then wait = math.min(urgent_until - now, 0.1) end
local got = 0
if wait <= 0 then got = want end
if urgent then urgent_until = now + tonumber(got > 0 and ARGV[6] or ARGV[5]) end
local start = due - now
due = due + got / rate
redis.call('HSET', KEYS[1], 'due', string.format('%.6f', due), 'urgent_until', string.format('%.6f', urgent_until))
redis.call('EXPIRE', KEYS[1], 3600)
return {got, string.format('%.6f', got > 0 and start or wait), string.format('%.6f', due)}
"""
# Gives unused segments back if nobody has reserved after us; takes on the debt of texts longer than counted (negative).
_GIVE_BACK = """
local held = redis.call('HGET', KEYS[1], 'due')
if not held then return 0 end
local unused = tonumber(ARGV[2])
if unused > 0 and held ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'due', string.format('%.6f', tonumber(held) - unused / tonumber(ARGV[1])))
return 1
"""


@dataclass(frozen=True)
class Reservation:
    """Segments that may be sent from `start` on (monotonic seconds), `interval` seconds apart."""

    segments: int
    start: float
    interval: float

    def moment(self, used: int) -> float:
        """When a message may go that `used` segments go before."""
        return self.start + used * self.interval


class Pacer:
    """The rate of one sender, as one lane uses it."""

    def __init__(self, redis: Redis, sender: str, *, per_second: int, urgent: bool) -> None:
        self._reserve = redis.register_script(_RESERVE)
        self._give_back = redis.register_script(_GIVE_BACK)
        self._key = f"peoplelink:pace:{sender}"
        self._urgent = urgent
        self._per_second = per_second
        self._want = max(1, round(per_second * QUANTUM))
        self._kept = 0
        """Segments reserved and not used yet."""
        self._mark = ""
        """Of the latest reservation: nothing is given back once somebody has reserved after it."""
        self._ask_from = 0.0

    def reserve(self) -> Reservation:
        """Some segments; or none, and `start` is when to ask again."""
        if time.monotonic() < self._ask_from:
            return Reservation(0, self._ask_from, 1 / self._per_second)
        want, interval = max(1, self._want - self._kept), 1 / self._per_second
        args = [self._per_second, want, AHEAD, int(self._urgent), _URGENT_WAITS, _URGENT_GOES]
        asked = time.monotonic()
        got, delay, mark = self._reserve(keys=[self._key], args=args)
        # Redis looked at its clock between the two: asked again by the later, it does not say "not yet" once more.
        answered = time.monotonic()
        if not int(got):
            return Reservation(0, answered + float(delay), interval)
        self._mark = _text(mark)
        start, kept, self._kept = asked + float(delay), self._kept, 0
        if not self._urgent:
            # Until then the answer would be no. Somebody urgent asks all the same: so that bulk is told to stand back.
            self._ask_from = answered + float(delay) + int(got) * interval - AHEAD
        return Reservation(int(got) + kept, start - kept * interval, interval)

    def settle(self, reservation: Reservation, used: int) -> None:
        """Say how many segments were needed.

        A few that are left are kept for the next reservation; more, since nothing waits then, are given back. What was
        needed besides is waited for: by all, so it is said at once.
        """
        unused = reservation.segments - used
        if used and 0 < unused <= KEPT:
            self._kept = unused
        elif unused:
            self._give(unused)

    def close(self) -> None:
        """Give back what is left."""
        if self._kept:
            self._give(self._kept)
        self._kept = 0

    def _give(self, unused: int) -> None:
        self._give_back(keys=[self._key], args=[self._per_second, unused, self._mark])


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
