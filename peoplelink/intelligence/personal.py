"""What an officer typed that may show who somebody is: found before it is kept, and kept only after a second look."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from peoplelink.errors import InvalidInputError
from peoplelink.intelligence import sanitise
from peoplelink.intelligence.sanitise import LOOKS_LIKE, Piece

SAID = "Take out what may show who somebody is, or say that you have checked it"


@dataclass(frozen=True)
class Finding:
    """Something in one field that may show who somebody is."""

    field: str
    """"text", "place", ...: as the form names it."""
    words: str
    kind: str
    """One of the kinds of `sanitise`."""

    @property
    def looks_like(self) -> str:
        """What it may be, in words."""
        return LOOKS_LIKE[self.kind]


@dataclass(frozen=True)
class Found:
    """All that was found in what was typed."""

    findings: tuple[Finding, ...]
    marked: Mapping[str, list[Piece]]
    """By field, the words with the findings told apart; only fields in which something was found."""

    @property
    def token(self) -> str:
        """What the officer sends back to say: these I have checked. Other findings have another token."""
        lines = sorted(f"{one.field}\n{one.words}\n{one.kind}" for one in self.findings)
        return hashlib.sha256("\n\n".join(lines).encode()).hexdigest()[:32]

    @property
    def kinds(self) -> str:
        """The kinds, in words, each once: for the log, which must not say them again."""
        return ", ".join(dict.fromkeys(one.looks_like for one in self.findings))


class LooksPersonalError(InvalidInputError):
    """What was typed holds something that may show who somebody is, and nobody has said that it is meant."""

    def __init__(self, found: Found) -> None:
        super().__init__(SAID)
        self.found = found


@dataclass(frozen=True)
class SecondLook:
    """What the look at typed words knows."""

    names: tuple[str, ...] = field(default=(), repr=False)
    """Of the resident, where the officer may know them."""
    checked: str = ""
    """The token of what the officer has looked at and means to keep."""

    def check(self, fields: Mapping[str, str], *, known: Iterable[str] = ()) -> str:
        """The kinds of what was found and is kept because it was checked; "" where nothing was found.

        `known` are texts that stand already: what is in them was decided before. Raises LooksPersonalError where
        anything was found that was not checked.
        """
        before = {words.casefold() for text in known for words, _kind in self._found(text)}
        findings = tuple(
            Finding(name, words, kind)
            for name, text in fields.items()
            for words, kind in self._found(text)
            if words.casefold() not in before
        )
        found = Found(findings, {one.field: self._marked(fields[one.field]) for one in findings})
        if findings and self.checked != found.token:
            raise LooksPersonalError(found)
        return found.kinds

    def _found(self, text: str) -> list[tuple[str, str]]:
        return [(text[mark.start : mark.end], mark.kind) for mark in sanitise.marks(text, names=self.names)]

    def _marked(self, text: str) -> list[Piece]:
        return list(sanitise.pieces(text, sanitise.marks(text, names=self.names)))
