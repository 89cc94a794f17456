"""Accounts of the people who sign in."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.officers.permissions import PERMISSIONS, Role

__all__ = ["Officer", "OfficerZone", "Role"]


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

    # Read together with the officer, so that asking what they may do needs no session.
    zone_rows: Mapped[list["OfficerZone"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"officer:{self.public_id}"

    @property
    def scope(self) -> frozenset[int] | None:
        """Ids of the zones they may see and act in; None means every zone."""
        return None if self.all_zones else frozenset(row.zone_id for row in self.zone_rows)

    def allows(self, permission: str, zones: Collection[int] | None = None) -> bool:
        """Whether their role permits this, in every one of `zones` where zones are given."""
        if not self.active or permission not in PERMISSIONS[self.role]:
            return False
        return zones is None or self.scope is None or self.scope.issuperset(zones)

    # What Flask-Login asks of whoever is signed in; the rest is in signing_in.py.

    @property
    def is_authenticated(self) -> bool:
        """An account that is switched off is nobody."""
        return self.active

    @property
    def is_active(self) -> bool:
        """Whether they may sign in."""
        return self.active

    @property
    def is_anonymous(self) -> bool:
        """Never: it is an account."""
        return False

    def get_id(self) -> str:
        """What the session cookie holds: a new password raises the number, which ends older sessions."""
        return f"{self.public_id}:{self.session_number}"


class OfficerZone(Base):
    """A zone that an officer may see and act in."""

    __tablename__ = "officer_zones"

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True)
    # By name: the table of zones belongs to a layer above.
    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"), primary_key=True)
