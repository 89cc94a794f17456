"""Where zones lie, and who waits for a zone to open where they live."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.db import Base
from peoplelink.ids import new_public_id
from peoplelink.outbound.models import Address


class ZonePostcode(Base):
    """A postcode that belongs to a zone; whole sectors stand on the zone itself."""

    __tablename__ = "zone_postcodes"
    __table_args__ = (Index(None, "postcode"),)

    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"), primary_key=True)
    postcode: Mapped[str] = mapped_column(primary_key=True)
    """As it is written: "LE3 6AB"."""
    drawn: Mapped[bool] = mapped_column(primary_key=True)
    """Worked out from the zone's boundary; otherwise an officer listed it. It may be both."""


class ZoneBoundary(Base):
    """The boundary of a zone as an officer drew it. What lies in it stands in `zone_postcodes`."""

    __tablename__ = "zone_boundaries"

    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"), primary_key=True)
    geojson: Mapped[dict[str, Any]] = mapped_column(JSON)
    edition: Mapped[str]
    """Of the postcodes that were looked for in it; with newer ones it is worked out again."""
    uploaded_at: Mapped[dt.datetime]


class Waiting(Base):
    """Somebody who may be told once when a zone opens where they live. Of their postcode only the sector is kept.

    Pending until they confirm; deleted when they are told, when they say STOP, or in the night after `expires_at`.
    """

    __tablename__ = "waiting_list"
    __table_args__ = (UniqueConstraint("address_id", "sector"), Index(None, "sector"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    sector: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    wording_id: Mapped[int] = mapped_column(ForeignKey("consent_wordings.id"))
    by_form: Mapped[bool]
    """Asked for in the web form, which may send only so many texts a day."""
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Ids only: of the inbound message, of the form."""
    asked_at: Mapped[dt.datetime]
    """When we last asked them to confirm."""
    confirmed_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    address: Mapped[Address] = relationship()
