"""Data to start with: zones that stand in until the office loads its own, topics, keywords, consent wordings.

Planting twice changes nothing, and never undoes what an officer has changed: a zone or topic that is there is left as
it is, and its keywords come with it only the first time. A consent wording in another language is what the catalogue
says, and so it is checked with it; a change there is a new version here.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit, languages
from peoplelink.languages import ENGLISH, LANGUAGES, gettext, marked
from peoplelink.subscribers import consent
from peoplelink.subscribers.keywords import squeeze
from peoplelink.subscribers.models import ConsentWording, Keyword, Topic, Zone

WAITING_FORM, WAITING_TEXT = "waiting-form", "waiting-text"
WEB_FORM, TEXT, FACE_TO_FACE = "web-form", "text", "face-to-face"


@dataclass(frozen=True)
class _Zone:
    slug: str
    name: str
    place: str
    sectors: tuple[str, ...]
    aliases: tuple[str, ...]


# The sectors are our approximation: no official boundary of a People Zone was found.
_ZONES = (
    _Zone("bell-foundry", "Bell Foundry", "Loughborough", ("LE11 1",), ("BELL",)),
    _Zone("coalville", "Coalville", "Coalville", ("LE67 3", "LE67 4", "LE67 5", "LE67 8"), ("THRINGSTONE", "WHITWICK")),
    _Zone("new-parks", "New Parks", "Leicester", ("LE3 6", "LE3 9"), ("NEWPARK",)),
)

_TOPICS = (
    ("events", marked("Events and activities"), ("EVENTS", "EVENT", "ACTIVITIES")),
    ("young-people", marked("Young people"), ("YOUNGPEOPLE", "YOUNG", "YOUTH")),
    ("health", marked("Health and wellbeing"), ("HEALTH", "WELLBEING")),
    ("safety", marked("Community safety"), ("SAFETY", "SAFE")),
    ("volunteering", marked("Volunteering and offers of help"), ("VOLUNTEERING", "VOLUNTEER")),
    ("have-your-say", marked("Have your say"), ("HAVEYOURSAY", "SAY")),
)

# Who, what, how often, how to stop, and where the rest stands: what consent must be told (UK GDPR articles 7 and 13).
_WEB_FORM_WORDS = marked(
    "You are asking for messages about what is going on in the zones you choose, about 1 a week. They come from the "
    "Police and Crime Commissioner's office, not from the police. You can stop at any time: reply STOP to a text, or "
    "use the link at the end of any email. Our privacy page says what we keep and why."
)
_TEXT_WORDS = marked(
    "People Link: thanks. Reply YES to get texts about {zones}, about 1 a week, from the Police and Crime "
    "Commissioner's office, not the police. Reply STOP any time. Help: HELP. Emergency? Call 999. Privacy: {privacy}"
)
_WAITING_FORM_WORDS = marked(
    "You are asking for one message, when a People Zone opens where you live. It comes from the Police and Crime "
    "Commissioner's office, not from the police. Until then, and for 12 months at most, we keep your number or email "
    "address and the first part of your postcode. Our privacy page says more. To stop it, reply STOP to our text or "
    "use the link at the end of our email."
)
_WAITING_TEXT_WORDS = marked(
    "People Link: {sector} is in none of our zones yet. May we text you once, when one opens there? Reply YES. "
    "Or reply JOIN and the name of a zone. Emergency? Call 999. Privacy: {privacy}"
)
# Read out by an officer or a connector, so it speaks, and says who speaks.
_FACE_TO_FACE_WORDS = marked(
    "I am signing you up for messages from the Police and Crime Commissioner's office. They are not from the police. "
    "We will write to you about what is going on in the zones you choose, about once a week. We keep your number or "
    "email address, your zones, and your name if you give it. You can stop at any time: reply STOP to a text, or use "
    "the link at the end of any email. Our website says what we keep and why. We will now send you a message, and you "
    "are signed up only when you answer it. Do you agree?"
)
_WORDINGS = (
    (WEB_FORM, 1, _WEB_FORM_WORDS),
    (TEXT, 1, _TEXT_WORDS),
    (FACE_TO_FACE, 1, _FACE_TO_FACE_WORDS),
    (WAITING_FORM, 1, _WAITING_FORM_WORDS),
    (WAITING_TEXT, 1, _WAITING_TEXT_WORDS),
)


def plant(session: Session, *, now: dt.datetime) -> None:
    """Put in whatever is missing of the data to start with; harmless however often it is called."""
    planted = _plant_zones(session) + _plant_topics(session) + _plant_wordings(session)
    if planted:
        audit.record(
            session,
            "seed.planted",
            actor="system",
            subject_kind="seed",
            subject_id="subscribers",
            now=now,
            rows=planted,
        )


def _plant_zones(session: Session) -> int:
    known = set(session.scalars(select(Zone.slug)))
    missing = [planned for planned in _ZONES if planned.slug not in known]
    for planned in missing:
        zone = Zone(
            slug=planned.slug,
            name=planned.name,
            place=planned.place,
            sectors=list(planned.sectors),
            provisional=True,
        )
        session.add(zone)
        session.flush()
        _plant_words(session, (squeeze(planned.name), *planned.aliases), zone_id=zone.id)
    return len(missing)


def _plant_topics(session: Session) -> int:
    known = set(session.scalars(select(Topic.slug)))
    missing = [(place, *planned) for place, planned in enumerate(_TOPICS, start=1) if planned[0] not in known]
    for position, slug, name, words in missing:
        topic = Topic(slug=slug, name=name, position=position)
        session.add(topic)
        session.flush()
        _plant_words(session, words, topic_id=topic.id)
    return len(missing)


def _plant_words(
    session: Session, words: tuple[str, ...], *, zone_id: int | None = None, topic_id: int | None = None
) -> None:
    taken = set(session.scalars(select(Keyword.word).where(Keyword.word.in_(words))))
    session.add_all(Keyword(word=word, zone_id=zone_id, topic_id=topic_id) for word in words if word not in taken)
    session.flush()


def _plant_wordings(session: Session) -> int:
    columns = ConsentWording.code, ConsentWording.version
    known = {tuple(row) for row in session.execute(select(*columns).where(ConsentWording.language == ENGLISH.code))}
    missing = [planned for planned in _WORDINGS if planned[:2] not in known]
    session.add_all(ConsentWording(code=code, version=version, words=words) for code, version, words in missing)
    session.flush()
    return len(missing) + sum(_plant_translations(session, code, words) for code, _version, words in _WORDINGS)


def _plant_translations(session: Session, code: str, english: str) -> int:
    """The wording as the catalogues have it now; where a translator has changed a word, as a new version."""
    planted = 0
    for language in LANGUAGES:
        with languages.speaking(language):
            words = gettext(english)
        newest = consent.newest(session, code, language=language)
        if words != english and (newest is None or newest.words != words):
            version = newest.version + 1 if newest else 1
            session.add(ConsentWording(code=code, version=version, language=language, words=words))
            planted += 1
    session.flush()
    return planted
