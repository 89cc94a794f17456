"""What a catalogue holds, as it lies in the package."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from peoplelink.languages import ENGLISH, LANGUAGES, Language, path_of


@dataclass(frozen=True)
class Catalogue:
    """The words of a language, and which are missing."""

    language: Language
    digest: str
    """Of every message and its words: another word, another digest."""
    messages: int
    missing: tuple[str, ...]
    """English messages without words: they are said in English."""


def every() -> list[Catalogue]:
    """The catalogues of all languages but English, which is the language of the code."""
    return [of(code) for code, language in LANGUAGES.items() if language is not ENGLISH]


@cache
def of(code: str) -> Catalogue:
    """The catalogue of a language; empty where none was written."""
    found = _messages(code)
    missing = tuple(_said(message)[0] for message in found if not all(_words(message)) or message.fuzzy)
    return Catalogue(LANGUAGES[code], _digest(found), len(found), missing)


@dataclass(frozen=True)
class Line:
    """A message beside its words; several of each where they depend on a number."""

    said: tuple[str, ...]
    words: tuple[str, ...]
    places: tuple[str, ...]
    """Files it stands in."""


@cache
def lines(code: str) -> list[Line]:
    """Every message of a catalogue, for somebody to read."""
    return [
        Line(_said(message), _words(message), tuple(dict.fromkeys(place for place, _line in message.locations)))
        for message in _messages(code)
    ]


def _messages(code: str) -> list[Message]:
    path = path_of(code)
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=code) if message.id]


def _digest(messages: list[Message]) -> str:
    lines = sorted([message.context or "", *_said(message), *_words(message)] for message in messages)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _said(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _words(message: Message) -> tuple[str, ...]:
    words = message.string or ""
    return (words,) if isinstance(words, str) else tuple(words)
