"""Accounts of the people who sign in."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id


class Role(StrEnum):
    """What an officer may do; see `permissions.py`."""

    VIEWER = "viewer"
    COMPOSER = "composer"
    APPROVER = "approver"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Officer(Base):
    """A person of the Commissioner's office who signs in."""

    __tablename__ = "officers"
    __table_args__ = (values_check("role", Role),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    """Lower-case."""
    mobile: Mapped[str | None]
    """E.164; where a test message of a broadcast goes."""
    password_hash: Mapped[str]
    role: Mapped[Role]
    all_zones: Mapped[bool] = mapped_column(default=False)
    """False limits them to the zones listed in officer_zones: with none listed, to nothing."""
    active: Mapped[bool] = mapped_column(default=True)
    session_number: Mapped[int] = mapped_column(default=1)
    """Raised by a new password: every session signed in before it ends."""
    created_at: Mapped[dt.datetime]
    signed_in_at: Mapped[dt.datetime | None]


class OfficerZone(Base):
    """A zone that an officer may see and act in."""

    __tablename__ = "officer_zones"

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True)
    # By name: the table of zones belongs to a layer above.
    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"), primary_key=True)
