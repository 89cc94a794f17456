"""Choices by text: TOPICS, ADD and a topic, LANG and a language.

A text does not say who of a household wrote it, so a choice is made for everybody at the number.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.catalogues import services as catalogues
from peoplelink.languages import LANGUAGES
from peoplelink.outbound.models import Address
from peoplelink.subscribers import answers_choices as answers
from peoplelink.subscribers import keywords, leaving, services, signup, zones
from peoplelink.subscribers.commands import Command, Order
from peoplelink.subscribers.keywords import squeeze
from peoplelink.subscribers.models import Keyword, Subscriber, Topic, TopicSubscription

_AS_THEY_SAY = {"pl": ("po polsku", "polska"), "ur": (), "en": ("angielski", "po angielsku", "انگریزی")}
"""Further names of languages, beside their code and their own and English names."""


ORDERS = (Order.TOPICS, Order.ADD, Order.LANGUAGE)


@dataclass(frozen=True)
class Choice:
    """What a text chooses: a topic, a language, or neither, to be told what there is."""

    order: Order
    topic: Topic | None = None
    language: str | None = None


def read(session: Session, command: Command) -> Choice | None:
    """What a command chooses; None where its words say something else ("add my sister", "language barrier")."""
    if command.order is Order.ADD:
        topic = keywords.lookup(session, command.rest).topic
        return Choice(Order.ADD, topic=topic) if topic or _asks_which(session, command.rest) else None
    if command.order is Order.LANGUAGE and command.rest:
        code = language_named(command.rest)
        return Choice(Order.LANGUAGE, language=code) if code or not command.guess else None
    return Choice(command.order)


def _asks_which(session: Session, rest: str) -> bool:
    """Whether what follows ADD is nothing, or nearly a topic ("yung people"): they are told which there are."""
    return not rest or (keywords.comes_close_to_topic(session, rest) and not keywords.zones_in(session, rest))


def carry_out(session: Session, address: Address, choice: Choice, *, now: dt.datetime) -> str:
    """Do it for everybody who may be written to at a number; what to answer. Harmless twice."""
    if choice.order is Order.LANGUAGE:
        return _speak(session, address, choice.language, now=now) if choice.language else answers.which_language()
    living = services.subscribers_at(session, address)
    if choice.topic is None or not living:
        return _topics(session, living)
    # Who gets everything has nothing to add to: a topic would take the rest away.
    adding = [
        person for person in living if choice.topic.id not in (leaving.topics_of(session, person) or {choice.topic.id})
    ]
    for person in adding:
        _add(session, person, choice.topic, now=now)
    return answers.topic_added(choice.topic.name) if adding else answers.topic_had(choice.topic.name)


def _topics(session: Session, living: Sequence[Subscriber]) -> str:
    every = zones.topics(session)
    if not living:
        return answers.topics_for_strangers(_words(session, every))
    chosen = _chosen(session, living)
    return answers.topics(
        _words(session, [topic for topic in every if topic.id in chosen]),
        _words(session, [topic for topic in every if topic.id not in chosen]),
    )


def language_named(words: str) -> str | None:
    """The code of the language that words name, in English, in itself or by its code."""
    word = squeeze(words)
    for language in LANGUAGES.values():
        names = (language.code, language.name, language.english, *_AS_THEY_SAY.get(language.code, ()))
        if word in map(squeeze, names):
            return language.code
    return None


def with_language(command: Command) -> Command:
    """A JOIN that ends on the name of a language, as what is joined and the language: "JOIN NEW PARKS POLSKI"."""
    words = command.rest.split() if command.order is Order.JOIN else []
    for used in (2, 1):  # "po polsku" is two words
        language = language_named("".join(words[-used:])) if len(words) > used else None
        if language:
            return replace(command, rest=" ".join(words[:-used]), language=language)
    return command


def _speak(session: Session, address: Address, code: str, *, now: dt.datetime) -> str:
    for person in services.subscribers_at(session, address):
        if person.language != code:
            person.language = code
            _audit(session, "resident.language_set", person, now=now, language=code)
    pending = signup.pending_at(session, address, now=now)
    if pending is not None:
        pending.language = code
    session.flush()
    with catalogues.speaking(session, code) as language:
        return answers.language_set(LANGUAGES[code], checked=language.code == code)


def _chosen(session: Session, living: Iterable[Subscriber]) -> set[int]:
    """The topics that somebody here chose; none where somebody gets everything."""
    each = [leaving.topics_of(session, person) for person in living]
    return set().union(*each) if all(each) else set()


def _words(session: Session, topics: Iterable[Topic]) -> list[str]:
    """The word that stands for each topic, the first where there are several: it is what they would text."""
    ids = [topic.id for topic in topics]
    rows = session.execute(
        select(Keyword.topic_id, Keyword.word).where(Keyword.topic_id.in_(ids)).order_by(Keyword.id.desc())
    )
    first = {row.topic_id: row.word for row in rows}
    return [first[id_] for id_ in ids if id_ in first]


def _add(session: Session, person: Subscriber, topic: Topic, *, now: dt.datetime) -> None:
    session.add(TopicSubscription(subscriber_id=person.id, topic_id=topic.id, created_at=now))
    _audit(session, "resident.topics_added", person, now=now, topics=[topic.slug])
    session.flush()


def _audit(session: Session, action: str, person: Subscriber, *, now: dt.datetime, **detail: object) -> None:
    audit.record(
        session, action, actor="resident", subject_kind="resident", subject_id=person.public_id, now=now, **detail
    )
