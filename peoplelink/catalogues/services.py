"""Whether the words of a language have been checked, and who says so."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from peoplelink import audit, languages
from peoplelink.catalogues import reading
from peoplelink.catalogues.models import CatalogueReview
from peoplelink.errors import ConflictError, NotFoundError
from peoplelink.languages import ENGLISH, LANGUAGES, Language
from peoplelink.officers.models import Officer


class ChangedMeanwhileError(ConflictError):
    """The words are not those that the officer saw."""


def review(session: Session, code: str) -> CatalogueReview | None:
    """The newest check of the words of a language as they stand; None when nobody has checked exactly these."""
    return session.scalar(select(CatalogueReview).where(*_standing(code)).order_by(CatalogueReview.id.desc()).limit(1))


def _standing(code: str) -> tuple[ColumnElement[bool], ...]:
    """Checks of the words as they stand that nobody has taken back."""
    review = CatalogueReview
    return (review.language == code, review.digest == reading.of(code).digest, review.withdrawn_at.is_(None))


def is_checked(session: Session, code: str) -> bool:
    """Whether a reader has checked the words of a language. English is the language they are written in."""
    return code == ENGLISH.code or (code in LANGUAGES and review(session, code) is not None)


@contextmanager
def speaking(session: Session, code: str) -> Iterator[Language]:
    """Speak a language where its words have been checked, else English: for texts and emails.

    A page in words that nobody has checked says so on top. A text has no room for that, and both are kept by residents.
    """
    with languages.speaking(code if is_checked(session, code) else ENGLISH.code) as language:
        yield language


def approve(
    session: Session, code: str, *, digest: str, reader: str, read_on: dt.date, by: Officer, now: dt.datetime
) -> CatalogueReview:
    """Note that a reader has checked the words of a language. `digest` is of the words that the officer saw.

    Raises NotFoundError, ChangedMeanwhileError.
    """
    _check_known(code)
    if digest != reading.of(code).digest:
        raise ChangedMeanwhileError("The words have changed since you opened the page. They have to be read again.")
    checked = CatalogueReview(
        language=code, digest=digest, reader=reader, read_on=read_on, officer_id=by.id, created_at=now
    )
    session.add(checked)
    # The reader may be anybody: their name stands in the table, and not in the log.
    audit.record(
        session, "catalogue.approved", actor=by.actor, subject_kind="language", subject_id=code, now=now,
        digest=digest, read_on=read_on.isoformat(),
    )  # fmt: skip
    return checked


def withdraw(session: Session, code: str, *, by: Officer, now: dt.datetime) -> None:
    """Make the words of a language a draft again: texts and emails go in English from now on. Harmless twice.

    Raises NotFoundError.
    """
    _check_known(code)
    stood = update(CatalogueReview).where(*_standing(code)).values(withdrawn_at=now).returning(CatalogueReview.id)
    if session.scalars(stood.execution_options(synchronize_session=False)).all():
        audit.record(
            session, "catalogue.withdrawn", actor=by.actor, subject_kind="language", subject_id=code, now=now,
            digest=reading.of(code).digest,
        )  # fmt: skip
    session.expire_all()


def _check_known(code: str) -> None:
    if code not in LANGUAGES or code == ENGLISH.code:
        raise NotFoundError("There is no such language.")
