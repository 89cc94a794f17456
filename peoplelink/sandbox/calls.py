"""An API call under the faults that were ordered: the same for both providers."""

import asyncio
from collections.abc import Callable, Collection

from aiohttp import web

from peoplelink.sandbox.faults import hang
from peoplelink.sandbox.world import WORLD

TOO_MANY = 429
BROKEN = 500


async def under_faults(
    request: web.Request,
    addresses: Collection[str],
    accept: Callable[[], web.Response],
    refuse: Callable[[int], web.Response],
) -> web.Response:
    """Answer with `accept()`, unless a fault strikes before or after it; `refuse` makes the provider's 429 or 500."""
    faults = request.app[WORLD].faults
    if faults.quiet:
        return accept()
    if faults.plan.latency_ms:
        await asyncio.sleep(faults.plan.latency_ms / 1000)
    if faults.strikes("rate_429", addresses) or faults.over_limit(len(addresses)):
        return refuse(TOO_MANY)
    if faults.strikes("rate_5xx_before", addresses):
        return refuse(BROKEN)
    response = accept()
    if response.status >= 400:  # noqa: PLR2004 - not accepted, so nothing can go wrong after it
        return response
    if faults.strikes("rate_5xx_after", addresses):
        return refuse(BROKEN)
    if faults.strikes("rate_timeout_after", addresses):
        await hang(request, faults.plan.timeout_seconds)
    return response
