"""An API call under the faults that were ordered: the same for both providers."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from peoplelink.sandbox.arrivals import Arrival
from peoplelink.sandbox.faults import hang
from peoplelink.sandbox.world import WORLD

TOO_MANY = 429
BROKEN = 500
ACCEPTED = "accepted"


async def under_faults(
    request: web.Request,
    arrival: Arrival,
    accept: Callable[[], web.Response],
    refuse: Callable[[int], web.Response],
) -> web.Response:
    """Answer with `accept()`, unless a fault strikes before or after it; `refuse` makes the provider's 429 or 500."""
    faults = request.app[WORLD].faults
    if faults.quiet:
        return _accept(arrival, accept)
    if faults.plan.latency_ms:
        await asyncio.sleep(faults.plan.latency_ms / 1000)
    addresses = arrival.addresses
    if faults.strikes("rate_429", addresses) or faults.over_limit(len(addresses)):
        arrival.outcome = "refused 429"
        return refuse(TOO_MANY)
    if faults.strikes("rate_5xx_before", addresses):
        arrival.outcome = "refused 500"
        return refuse(BROKEN)
    response = _accept(arrival, accept)
    if arrival.outcome != ACCEPTED:
        return response  # so nothing can go wrong after it
    if faults.strikes("rate_5xx_after", addresses):
        arrival.outcome = "accepted, then 500"
        return refuse(BROKEN)
    if faults.strikes("rate_timeout_after", addresses):
        arrival.outcome = "accepted, then silence"
        await hang(request, faults.plan.timeout_seconds)
    return response


def _accept(arrival: Arrival, accept: Callable[[], web.Response]) -> web.Response:
    arrival.outcome = "refused"
    response = accept()
    if response.status < 400:  # noqa: PLR2004 - the provider's own refusals
        arrival.outcome = ACCEPTED
    return response
