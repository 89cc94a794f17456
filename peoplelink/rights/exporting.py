"""Everything held about a person, as data and as a page that can be read; see docs/data-protection.md."""

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.persons import File, Part, Person, Section, Wish
from peoplelink.subscribers import people
from peoplelink.subscribers.models import Subscriber

FORMAT = "people-link-export/1"
EVERYTHING = Wish()
"""But for the words of reports, which somebody must decide about, and the bytes of files."""


@dataclass(frozen=True)
class Export:
    """What is held, section by section, at a moment."""

    made_at: dt.datetime
    person: str
    sections: Sequence[Section]

    @property
    def files(self) -> list[File]:
        """The files that came with messages, where they were asked for."""
        return [file for section in self.sections for file in section.files]


def export(
    session: Session,
    subscriber: Subscriber,
    parts: Sequence[Part],
    *,
    now: dt.datetime,
    wish: Wish = EVERYTHING,
) -> Export:
    """Everything held about a resident. Whoever shows it to somebody logs that: see `note_reading`."""
    return export_person(session, people.person_of(session, subscriber), parts, now=now, wish=wish)


def export_person(
    session: Session,
    person: Person,
    parts: Sequence[Part],
    *,
    now: dt.datetime,
    wish: Wish = EVERYTHING,
) -> Export:
    """The same for whoever is behind an address."""
    whole = dataclasses.replace(wish, subjects=subjects(session, person, parts))
    sections = [section for part in parts if part.export for section in part.export(session, person, whole)]
    return Export(now, person.public_id, sorted(sections, key=lambda section: section.position))


def subjects(session: Session, person: Person, parts: Sequence[Part]) -> frozenset[str]:
    """The public ids of everything held about a person."""
    return frozenset(one for part in parts if part.subjects for one in part.subjects(session, person))


def note_reading(
    session: Session, person: Person, *, action: str, by: str, now: dt.datetime, **detail: str | int | bool
) -> None:
    """Write into the audit log that somebody read or took what is held about a person."""
    audit.record(
        session, action, actor=by, subject_kind=person.kind, subject_id=person.public_id, now=now, **detail
    )  # fmt: skip


def as_json(made: Export) -> bytes:
    """The same as data: each section with its rows, moments in ISO 8601."""
    said = {
        "format": FORMAT,
        "made_at": made.made_at,
        "person": made.person,
        "sections": {
            one.key: {"title": one.title, "note": one.note, "headings": dict(one.columns), "rows": list(one.rows)}
            for one in made.sections
        },
    }
    return json.dumps(said, ensure_ascii=False, indent=2, default=_plain).encode()


def as_zip(made: Export, page: str) -> bytes:
    """Data, page and files together."""
    folded = io.BytesIO()
    with zipfile.ZipFile(folded, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("what-we-hold.json", as_json(made))
        archive.writestr("what-we-hold.html", page)
        for file in made.files:
            archive.writestr(f"files/{file.name}", file.content)
    return folded.getvalue()


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)  # words that wait to be put into a language
