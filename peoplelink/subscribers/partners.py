"""Partners whose websites may show our form in a frame of theirs."""

import datetime as dt
import re

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from yarl import URL

from peoplelink import audit
from peoplelink.db import Base
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.ids import new_public_id

_MOST = 50
"""Origins in one header: some proxies cut headers off at 8 KB."""
# A bare origin, as browsers compare it; nothing else may get into our policy header.
_ORIGIN = re.compile(
    r"(https?)://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(:\d{1,5})?/?"
)
_LOCAL = frozenset({"localhost", "127.0.0.1"})
_LONGEST_NAME = 80


class PartnerSite(Base):
    """A website that may show our form."""

    __tablename__ = "partner_sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    name: Mapped[str]
    origin: Mapped[str] = mapped_column(unique=True)
    """Such as https://www.example.org."""
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str]
    """As the audit log names them."""


def every(session: Session) -> list[PartnerSite]:
    """All partners' sites, by name."""
    return list(session.scalars(select(PartnerSite).order_by(PartnerSite.name, PartnerSite.id)))


def origins(session: Session) -> list[str]:
    """Where our form may be shown."""
    return list(session.scalars(select(PartnerSite.origin).order_by(PartnerSite.origin)))


def add(session: Session, name: str, address: str, *, by: str, now: dt.datetime) -> PartnerSite:
    """Let a website show our form. Raises InvalidInputError, ConflictError."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise InvalidInputError(f"Enter the partner's name, in at most {_LONGEST_NAME} characters")
    if len(every(session)) >= _MOST:
        raise InvalidInputError(f"There are {_MOST} sites already. Remove one that is not used any more")
    site = PartnerSite(name=name, origin=origin_of(address), created_at=now, created_by=by)
    try:
        with session.begin_nested():
            session.add(site)
    except IntegrityError as err:
        raise ConflictError("This site is on the list already") from err
    _audit(session, "partner_site.added", site, by, now)
    return site


def remove(session: Session, public_id: str, *, by: str, now: dt.datetime) -> None:
    """Stop a website from showing our form. Raises NotFoundError."""
    site = session.scalar(select(PartnerSite).where(PartnerSite.public_id == public_id))
    if site is None:
        raise NotFoundError("This site is not on the list any more.")
    session.delete(site)
    _audit(session, "partner_site.removed", site, by, now)


def origin_of(address: str) -> str:
    """The origin in a web address: scheme, host and port. Raises InvalidInputError that says what to do."""
    found = _ORIGIN.fullmatch(_as_browsers_write_it(address.strip()))
    if found is None:
        raise InvalidInputError("Enter the start of the site's address, like https://www.example.org")
    scheme, host, port = found[1], found[2], found[3] or ""
    if scheme == "http" and host not in _LOCAL:
        raise InvalidInputError("Enter an address that starts with https://: only such a site may show our form")
    return f"{scheme}://{host}{port}"


def _as_browsers_write_it(address: str) -> str:
    """The start of the address of a page, its name in the letters that the network knows; "" where it is none."""
    try:
        url = URL(address)
        return "" if url.user or url.password else str(url.origin())
    except (ValueError, IndexError):  # yarl 1.24 looks past the end of "https://][@"
        return ""


def _audit(session: Session, action: str, site: PartnerSite, by: str, now: dt.datetime) -> None:
    session.flush()
    audit.record(
        session, action, actor=by, subject_kind="partner_site", subject_id=site.public_id, now=now, origin=site.origin
    )
