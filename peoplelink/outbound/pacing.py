"""A token bucket per sender, kept in Redis so that all workers share it. A token is a segment."""

from typing import cast

from redis import Redis

# The bucket starts empty: after a flush nobody knows what was sent a moment ago. Redis keeps the clock, so that workers
# on different hosts agree. `want` may be negative (tokens given back) and `force` takes on debt (a text that turned out
# longer than it was counted).
_TAKE = """
local rate, want, force = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(held[1]) or 0
local at = tonumber(held[2]) or now
tokens = math.min(rate, tokens + math.max(0, now - at) * rate)
local got = want
if not force then got = math.max(0, math.min(want, math.floor(tokens))) end
tokens = math.min(rate, tokens - got)
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
return got
"""


class Pacer:
    """The bucket of one sender; holds at most one second's worth."""

    def __init__(self, redis: Redis, sender: str, *, per_second: int) -> None:
        self._script = redis.register_script(_TAKE)
        self._key = f"peoplelink:pace:{sender}"
        self.per_second = per_second

    def take(self, want: int) -> int:
        """At most `want` tokens; 0 when there are none just now."""
        return self._call(want, force=False)

    def settle(self, difference: int) -> None:
        """Take on the debt of texts longer than counted (positive), or give tokens back (negative)."""
        if difference:
            self._call(difference, force=True)

    def _call(self, want: int, *, force: bool) -> int:
        return cast(int, self._script(keys=[self._key], args=[self.per_second, want, int(force)]))
