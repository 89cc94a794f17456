"""Who has checked the words of a language."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peoplelink.db import Base


class CatalogueReview(Base):
    """A reader has checked the words of a language as they stood then. Holds for exactly these words."""

    __tablename__ = "catalogue_reviews"
    __table_args__ = (Index(None, "language", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str]
    digest: Mapped[str]
    """Of the catalogue that was checked."""
    reader: Mapped[str]
    """Who read it: a person who speaks the language, who need not be an officer."""
    read_on: Mapped[dt.date]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    """Who says so."""
    created_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    """When an officer made the language a draft again."""
