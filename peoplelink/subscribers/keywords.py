"""Words that stand for zones and topics, however they are typed."""

import difflib
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.subscribers.models import Keyword, Topic, Zone

_ALIKE = 0.75
"""How alike two words must be to be offered as "did you mean" (difflib's ratio: 1 letter wrong in 4 or more)."""
_ALIKE_TOPICS = 0.8
_LONGEST = 40
"""Characters of a squeezed text beyond which it is no keyword: comparing costs by the length."""
FILLERS = frozenset({"THE", "PLEASE", "PLS", "PLZ", "ZONE", "AREA", "ESTATE", "THANKS", "THX", "TA"})
"""Said around a zone's name and meaning nothing more: "the Bell Foundry estate, please"."""
BETWEEN = frozenset({"AND", "OR", "PLUS"})
_LONGEST_TEXT = 160
_MOST_WORDS = 8
"""Words that may name zones; more are a message."""


@dataclass(frozen=True)
class Found:
    """What a text stands for. `close` holds zones it may have meant: offered to the resident, never taken silently."""

    zone: Zone | None = None
    topic: Topic | None = None
    close: tuple[Zone, ...] = ()


def squeeze(text: str) -> str:
    """Letters and digits only, upper case, without accents; digits of every script become 0 to 9.

    "New  Parks!" and "newparks" are the same word; emoji and zero-width characters vanish.
    """
    plain = unicodedata.normalize("NFKD", text)
    return "".join(_digit(char) for char in plain if char.isalnum()).upper()


def words_of(text: str) -> list[str]:
    """The words of a text, each squeezed; hyphens, quotes and slashes part them as spaces do, apostrophes do not."""
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf" and char not in "'\u2019")
    parted = "".join(char if char.isalnum() or unicodedata.combining(char) else " " for char in shown)
    return [word for word in map(squeeze, parted.split()) if word]


def lookup(session: Session, text: str) -> Found:
    """What a text names, exactly or by an alias; else which zones come close."""
    for word in _spellings(text):
        found = _exact(session, word)
        if found is not None:
            return found
    return Found(close=_close(session, squeeze(text)))


def comes_close_to_topic(session: Session, text: str) -> bool:
    """Whether a text is a topic's word misspelt ("yung people"): enough to say which there are, and no more."""
    words = session.scalars(select(Keyword.word).join(Topic, Keyword.topic_id == Topic.id).where(Topic.active))
    word = squeeze(text)
    return len(word) <= _LONGEST and bool(difflib.get_close_matches(word, list(words), n=1, cutoff=_ALIKE_TOPICS))


def zones_in(session: Session, text: str) -> list[Zone]:
    """The zones of a text that names zones and nothing else ("New Parks and Coalville"); empty for any other text."""
    found: list[Zone] = []
    words = words_of(text) if len(text) <= _LONGEST_TEXT else []
    if len([word for word in words if word not in FILLERS | BETWEEN]) > _MOST_WORDS:
        return []
    stand_for = by_word(session) if words else {}
    while words:
        used = _longest_name(words, stand_for)
        if used:
            found.append(stand_for["".join(words[:used])])
        elif words[0] not in FILLERS | BETWEEN:
            return []
        words = words[used or 1 :]
    return list(dict.fromkeys(found))


def by_word(session: Session) -> dict[str, Zone]:
    """The zones that take residents, by each word that stands for them."""
    rows = session.execute(select(Keyword.word, Zone).join(Zone, Keyword.zone_id == Zone.id).where(Zone.active))
    return {row.word: row.Zone for row in rows}


def _longest_name(words: list[str], stand_for: dict[str, Zone]) -> int:
    """How many of the first words name a zone, the most that do; a name may hold a filler ("Saffron Lane Estate")."""
    return next((used for used in range(len(words), 0, -1) if "".join(words[:used]) in stand_for), 0)


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _spellings(text: str) -> list[str]:
    """The whole text as one word, then the same without fillers; empty when it is too long to be a keyword."""
    whole = squeeze(text)
    bare = "".join(word for word in words_of(text) if word not in FILLERS)
    return [word for word in dict.fromkeys((whole, bare)) if word and len(word) <= _LONGEST]


def _exact(session: Session, word: str) -> Found | None:
    keyword = session.scalar(select(Keyword).where(Keyword.word == word))
    if keyword is None:
        return None
    zone = session.get(Zone, keyword.zone_id) if keyword.zone_id else None
    topic = session.get(Topic, keyword.topic_id) if keyword.topic_id else None
    if (zone and zone.active) or (topic and topic.active):
        return Found(zone=zone, topic=topic)
    return None


def _close(session: Session, word: str) -> tuple[Zone, ...]:
    if not word or len(word) > _LONGEST:
        return ()
    stand_for = by_word(session)
    alike = difflib.get_close_matches(word, list(stand_for), n=3, cutoff=_ALIKE)
    return tuple({stand_for[found].id: stand_for[found] for found in alike}.values())
