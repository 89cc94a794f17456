"""Adding a zone and changing one: data, done by an officer in minutes."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.errors import InvalidInputError
from peoplelink.subscribers import areas, commands, keywords, postcodes
from peoplelink.subscribers.areas import Listed
from peoplelink.subscribers.boundaries import Boundary
from peoplelink.subscribers.commands import Order
from peoplelink.subscribers.keywords import squeeze
from peoplelink.subscribers.models import Keyword, Topic, Zone

RESERVED = frozenset({"STOP", "START", "HELP", "YES", "NO", "JOIN", "TOPICS", "TOPIC", "ADD", "LANG", "MYDATA", "ZONE"})
"""Words that order something, now or soon; whatever else `commands` reads as an order is refused as well."""
_SHORTEST, _LONGEST = 3, 40
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class ZoneProblemError(InvalidInputError):
    """What an officer typed cannot be taken; `field` says which box it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class ZoneDraft:
    """What an officer says about a zone."""

    name: str
    place: str
    slug: str = ""
    """For a new zone only: it stands in addresses and on posters. Empty: made from the name."""
    words: tuple[str, ...] = ()
    """Other words people may text for it."""
    area: Listed = field(default_factory=Listed)
    boundary: Boundary | None = None
    """A new one; None leaves the old one."""
    drop_boundary: bool = False
    active: bool = True


def add(session: Session, draft: ZoneDraft, *, actor: str, now: dt.datetime) -> Zone:
    """A new zone; raises ZoneProblemError with the box and what to do."""
    slug = _slug(draft)
    if session.scalar(select(Zone.id).where(Zone.slug == slug)) is not None:
        raise ZoneProblemError("slug", f"There is a zone at “{slug}” already. Choose another address")
    zone = Zone(slug=slug, name=draft.name, place=draft.place, active=draft.active, provisional=False)
    try:
        with session.begin_nested():
            session.add(zone)
            session.flush()
    except IntegrityError as err:
        raise ZoneProblemError("slug", f"Somebody has just added a zone at “{slug}”. Choose another address") from err
    _fill(session, zone, draft, own_words(zone), now=now)
    zone.area_set_at = now
    _audit(session, "zone.added", zone, actor, now, active=zone.active)
    return zone


def change(session: Session, zone: Zone, draft: ZoneDraft, *, actor: str, now: dt.datetime) -> None:
    """Let a zone be as an officer says; raises ZoneProblemError. A new name leaves the old one's words in use."""
    before, was_active = (own_words(zone), areas.sectors_of(session, zone)), zone.active
    drawn_before = areas.boundary(session, zone) is not None
    zone.name, zone.place, zone.active, zone.provisional = draft.name, draft.place, draft.active, False
    _fill(session, zone, draft, {**own_words(zone), **before[0]}, now=now)
    moved = draft.boundary is not None or before[1] != areas.sectors_of(session, zone)
    if moved or (draft.drop_boundary and drawn_before) or (zone.active and not was_active):
        zone.area_set_at = now
    _audit(session, "zone.changed", zone, actor, now, active=zone.active, moved=moved)


def own_words(zone: Zone) -> dict[str, str]:
    """The words that stand for a zone by itself, squeezed: its name, with and without "the ... estate", its slug."""
    bare = " ".join(word for word in keywords.words_of(zone.name) if word not in keywords.FILLERS)
    spelt = (zone.name, bare, zone.slug)
    return {squeeze(text): "name" for text in spelt if _SHORTEST <= len(squeeze(text)) <= _LONGEST}


def other_words(session: Session, zone: Zone) -> list[str]:
    """The further words that stand for a zone, as the page shows them."""
    rows = session.scalars(select(Keyword.word).where(Keyword.zone_id == zone.id).order_by(Keyword.word))
    return [word for word in rows if word not in own_words(zone)]


def slug_of(name: str) -> str:
    """The address of a zone that is called so: "New Parks" is at new-parks."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("-", plain.replace("'", "")).strip("-")


def _slug(draft: ZoneDraft) -> str:
    slug = draft.slug or slug_of(draft.name)
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise ZoneProblemError("slug", "Use small letters, figures and hyphens, like new-parks, at most 40")
    return slug


def _fill(session: Session, zone: Zone, draft: ZoneDraft, own: dict[str, str], *, now: dt.datetime) -> None:
    wanted = {**dict.fromkeys(map(squeeze, draft.words), "words"), **own}
    for word, box in wanted.items():
        _check_word(session, zone, word, box)
    _set_words(session, zone, wanted)
    areas.set_list(session, zone, draft.area)
    if draft.drop_boundary:
        areas.drop_boundary(session, zone)
    if draft.boundary is not None:
        try:
            areas.set_boundary(session, zone, draft.boundary, now=now)
        except InvalidInputError as err:
            raise ZoneProblemError("boundary", str(err)) from err


def _check_word(session: Session, zone: Zone, word: str, field: str) -> None:
    """Raises ZoneProblemError where a word is of no use, orders something, or is taken."""
    said = f"“{word}”" if field == "words" else f"The name, as the word {word},"
    if not _SHORTEST <= len(word) <= _LONGEST:
        raise ZoneProblemError(field, f"{said} must have between {_SHORTEST} and {_LONGEST} letters or figures")
    if word.isdigit() or postcodes.read(word) or postcodes.is_district(word):
        raise ZoneProblemError(field, f"{said} is a number or a postcode. Use a word")
    if word in RESERVED | keywords.FILLERS or commands.read(word).order is not Order.NOTHING:
        raise ZoneProblemError(field, f"{said} already orders something, or is said in passing. Choose another")
    taken = session.scalar(select(Keyword).where(Keyword.word == word))
    if taken is not None and taken.zone_id != zone.id:
        raise ZoneProblemError(field, f"{said} already stands for {_meaning(session, taken)}. Choose another")


def _meaning(session: Session, keyword: Keyword) -> str:
    if keyword.zone_id is not None:
        return f"the zone {session.get_one(Zone, keyword.zone_id).name}"
    return f"the topic {session.get_one(Topic, keyword.topic_id).name}"


def _set_words(session: Session, zone: Zone, wanted: Iterable[str]) -> None:
    words = set(wanted)
    had = set(session.scalars(select(Keyword.word).where(Keyword.zone_id == zone.id)))
    session.execute(delete(Keyword).where(Keyword.zone_id == zone.id, Keyword.word.in_(had - words)))
    try:
        with session.begin_nested():
            session.add_all(Keyword(word=word, zone_id=zone.id) for word in sorted(words - had))
    except IntegrityError as err:
        raise ZoneProblemError("words", "Somebody has just taken one of these words. Look again") from err


def _audit(session: Session, action: str, zone: Zone, actor: str, now: dt.datetime, **detail: object) -> None:
    audit.record(session, action, actor=actor, subject_kind="zone", subject_id=zone.slug, now=now, **detail)
