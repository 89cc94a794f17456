"""Where zones lie: the sectors and postcodes that officers list, and those inside a boundary they drew."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers import boundaries, postcode_data, postcodes, zones
from peoplelink.subscribers.area_models import ZoneBoundary, ZonePostcode
from peoplelink.subscribers.boundaries import Boundary
from peoplelink.subscribers.models import Zone
from peoplelink.subscribers.postcodes import Postcode

MOST_LISTED = 2_000
"""Postcodes and sectors in a list: more are a boundary, or whole sectors."""
_PARTED = re.compile(r"[\n\r,;]+")


@dataclass(frozen=True)
class Listed:
    """What an officer listed, as it is written."""

    sectors: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One a line, as the page shows it."""
        return "\n".join((*self.sectors, *self.postcodes))


def read_list(text: str) -> Listed:
    """The sectors and postcodes in a list, parted by lines or commas; raises InvalidInputError naming a wrong one."""
    parts = [part.strip() for part in _PARTED.split(text) if part.strip()]
    if len(parts) > MOST_LISTED:
        raise InvalidInputError(f"List at most {MOST_LISTED:,}. For more, list whole sectors or upload a boundary")
    sectors, whole = [], []
    for part in parts:
        sector, postcode = postcodes.read_sector(part), postcodes.read(part)
        if sector:
            sectors.append(sector)
        elif postcode:
            whole.append(postcode.value)
        else:
            raise InvalidInputError(f"“{part[:20]}” is no postcode, like LE3 6AB, and no sector, like LE3 6")
    return Listed(tuple(dict.fromkeys(sectors)), tuple(dict.fromkeys(whole)))


def unknown(listed: Listed) -> list[str]:
    """What of a list is not among the postcodes we know: mistyped, elsewhere, or newer than they are."""
    data = postcode_data.load()
    strange = [sector for sector in listed.sectors if not any(True for _ in data.in_sector(sector))]
    return strange + [postcode for postcode in listed.postcodes if data.point_of(postcode) is None]


def listed(session: Session, zone: Zone) -> Listed:
    """What officers listed for a zone."""
    rows = session.scalars(
        select(ZonePostcode.postcode)
        .where(ZonePostcode.zone_id == zone.id, ZonePostcode.drawn.is_(False))
        .order_by(ZonePostcode.postcode)
    )
    return Listed(tuple(zone.sectors), tuple(rows))


def set_list(session: Session, zone: Zone, wanted: Listed) -> None:
    """Put a list in the place of the one a zone had."""
    zone.sectors = list(wanted.sectors)
    _replace(session, zone, wanted.postcodes, drawn=False)


def boundary(session: Session, zone: Zone) -> ZoneBoundary | None:
    """The boundary of a zone, if an officer drew one."""
    return session.get(ZoneBoundary, zone.id)


def set_boundary(session: Session, zone: Zone, drawn: Boundary, *, now: dt.datetime) -> int:
    """Give a zone a boundary; how many postcodes lie in it. Raises InvalidInputError where none does."""
    inside = boundaries.postcodes_in(drawn)
    if not inside:
        raise InvalidInputError("No postcode we know lies inside this boundary. Check that it is the right file")
    kept = boundary(session, zone) or ZoneBoundary(zone_id=zone.id)
    kept.geojson, kept.edition, kept.uploaded_at = drawn.geojson, postcode_data.load().edition, now
    session.add(kept)
    _replace(session, zone, inside, drawn=True)
    return len(inside)


def drop_boundary(session: Session, zone: Zone) -> None:
    """Take away a zone's boundary and what lay in it; what officers listed stays."""
    session.execute(delete(ZoneBoundary).where(ZoneBoundary.zone_id == zone.id))
    _replace(session, zone, (), drawn=True)


def refresh(session: Session) -> int:
    """Look again for what lies in boundaries that were read with older postcodes; how many there were."""
    edition = postcode_data.load().edition
    old = list(session.scalars(select(ZoneBoundary).where(ZoneBoundary.edition != edition)))
    for kept in old:
        drawn = boundaries.of_geojson(kept.geojson)
        _replace(session, session.get_one(Zone, kept.zone_id), boundaries.postcodes_in(drawn), drawn=True)
        kept.edition = edition
    return len(old)


def covering(session: Session, postcode: Postcode) -> list[Zone]:
    """The zones open to residents in which a postcode lies, by name."""
    ids = set(session.scalars(select(ZonePostcode.zone_id).where(ZonePostcode.postcode == postcode.value)))
    return [zone for zone in zones.active(session) if zone.id in ids or postcode.sector in zone.sectors]


def holding(session: Session, sector: str) -> list[Zone]:
    """The zones open to residents to which all of a sector belongs, by name."""
    return [zone for zone in zones.active(session) if sector in zone.sectors]


def touching(session: Session, sector: str) -> list[Zone]:
    """The zones open to residents to which some of a sector belongs, by name."""
    like = ZonePostcode.postcode.like(f"{sector}__")
    ids = set(session.scalars(select(ZonePostcode.zone_id).where(like).distinct()))
    return [zone for zone in zones.active(session) if zone.id in ids or sector in zone.sectors]


def sectors_of(session: Session, zone: Zone) -> list[str]:
    """Every sector of which some belongs to a zone, in order."""
    rows = session.scalars(select(ZonePostcode.postcode).where(ZonePostcode.zone_id == zone.id).distinct())
    return sorted({*zone.sectors, *(postcode[:-2] for postcode in rows)})


def count_drawn(session: Session, zone: Zone) -> int:
    """How many postcodes lie in a zone's boundary."""
    drawn = select(ZonePostcode.postcode).where(ZonePostcode.zone_id == zone.id, ZonePostcode.drawn)
    return len(session.scalars(drawn).all())


def _replace(session: Session, zone: Zone, wanted: Collection[str], *, drawn: bool) -> None:
    session.execute(delete(ZonePostcode).where(ZonePostcode.zone_id == zone.id, ZonePostcode.drawn.is_(drawn)))
    rows = [{"zone_id": zone.id, "postcode": postcode, "drawn": drawn} for postcode in wanted]
    if rows:
        session.execute(insert(ZonePostcode), rows)
    session.flush()
