"""What is done by the clock for zones: boundaries follow newer postcodes."""

import structlog

from peoplelink.runtime import Runtime
from peoplelink.subscribers import areas

log = structlog.get_logger(__name__)

EVERY = 3600.0
"""Seconds: nobody waits for it, and finding nothing to do costs a look-up."""


def tend(runtime: Runtime) -> None:
    """Look again into boundaries read with older postcodes. A second run finds nothing left to do."""
    with runtime.database.transaction() as session:
        refreshed = areas.refresh(session)
    if refreshed:
        log.info("zones_tended", refreshed=refreshed)
