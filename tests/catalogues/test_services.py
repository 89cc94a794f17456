"""Who has checked a language, what changes when somebody has, and when the words change after that."""

import datetime as dt
import shutil

import pytest
from sqlalchemy import func, select

from peoplelink import languages
from peoplelink.audit import AuditEvent
from peoplelink.catalogues import reading, services
from peoplelink.catalogues.models import CatalogueReview
from peoplelink.errors import NotFoundError
from tests.factories import make_officer


@pytest.fixture
def officer(session):
    return make_officer(session)


@pytest.fixture
def approve(session, officer, now):
    def approving(code="pl", **changed):
        asked = {"reader": "Anna Nowak", "read_on": dt.date(2026, 3, 14), **changed}
        asked.setdefault("digest", reading.of(code).digest if code in languages.LANGUAGES else "")
        return services.approve(session, code, by=officer, now=now, **asked)

    return approving


@pytest.fixture
def other_words(tmp_path, monkeypatch):
    """The catalogues with one word of Polish changed."""

    def forget():
        reading.of.cache_clear()
        reading.lines.cache_clear()
        languages._catalogue.cache_clear()

    shutil.copytree(languages.FOLDER, tmp_path / "translations")
    path = tmp_path / "translations" / "pl" / "LC_MESSAGES" / "messages.po"
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept.replace('msgstr "Dołącz"', 'msgstr "Zapisz mnie"'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != kept

    def change():
        monkeypatch.setattr(languages, "FOLDER", tmp_path / "translations")
        forget()

    yield change
    monkeypatch.undo()
    forget()


def test_english_needs_nobody_to_check_it(session):
    assert services.is_checked(session, "en")


def test_a_language_is_a_draft_until_a_reader_has_checked_it(session, approve):
    assert not services.is_checked(session, "pl")

    approve("pl")

    assert services.is_checked(session, "pl")
    assert not services.is_checked(session, "ur")
    assert not services.is_checked(session, "xx")


def test_texts_and_emails_are_in_english_until_a_reader_has_checked_the_language(session, approve):
    with services.speaking(session, "pl") as before:
        approve("pl")
    with services.speaking(session, "pl") as after:
        pass

    assert (before.code, after.code) == ("en", "pl")


def test_another_word_makes_it_a_draft_again(session, approve, other_words):
    approve("pl")
    approve("ur")

    other_words()

    assert not services.is_checked(session, "pl")
    assert services.is_checked(session, "ur")


def test_words_that_the_officer_did_not_see_are_not_approved(session, approve, other_words):
    seen = reading.of("pl").digest
    other_words()

    with pytest.raises(services.ChangedMeanwhileError):
        approve("pl", digest=seen)

    assert session.scalar(select(func.count()).select_from(CatalogueReview)) == 0


@pytest.mark.parametrize("code", ["en", "xx", ""])
def test_only_a_language_that_there_is_can_be_approved(approve, code):
    with pytest.raises(NotFoundError):
        approve(code)


def test_who_read_it_and_who_says_so_is_kept(session, approve, officer, now):
    made = approve("pl")

    assert (made.reader, made.read_on, made.officer_id) == ("Anna Nowak", dt.date(2026, 3, 14), officer.id)
    entry = session.scalars(select(AuditEvent).where(AuditEvent.action == "catalogue.approved")).one()
    assert (entry.actor, entry.subject_id) == (officer.actor, "pl")
    assert "Nowak" not in str(entry.detail)


def test_the_digest_is_of_the_words_and_not_of_where_they_stand():
    lines = reading.lines("pl")

    assert len(reading.of("pl").digest) == 64
    assert reading.of("pl").messages == len(lines)
    assert reading.of("pl").digest != reading.of("ur").digest
