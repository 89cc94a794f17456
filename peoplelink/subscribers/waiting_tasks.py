"""What is done by the clock for zones: the waiting list is cleared, boundaries follow newer postcodes."""

import structlog

from peoplelink import clock
from peoplelink.runtime import Runtime
from peoplelink.subscribers import areas, waiting

log = structlog.get_logger(__name__)

EVERY = 3600.0
"""Seconds: nobody waits for it, and finding nothing to do costs two look-ups."""


def tend(runtime: Runtime) -> None:
    """Forget who never confirmed or has waited a year, and look again into boundaries read with older postcodes.

    Harmless however often: a second run finds nothing left to do.
    """
    with runtime.database.transaction() as session:
        purged, refreshed = waiting.purge(session, now=clock.now()), areas.refresh(session)
    if purged or refreshed:
        log.info("zones_tended", purged=purged, refreshed=refreshed)
