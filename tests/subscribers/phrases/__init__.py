"""Labelled phrases for the plain-language STOP: made up before the matcher, and split by a rule nobody can bend.

A phrase is labelled "stop" when an officer who reads it and nothing else would take them off: the sender wants no more
messages from us. A wish for less (another hour, another medium, another event) is not one; neither is a question about
STOP that does not ask how to leave. The files were written in one go, before a line of the matcher
(`peoplelink.subscribers.plain_stop`), by its author: they are no sample of real texts.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "pl")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Phrase:
    """A text, its language, and whether it asks us to stop."""

    text: str
    language: str
    stop: bool

    @property
    def kept_out(self) -> bool:
        """Whether it belongs to the half that the matcher may not be made with: by its SHA-256, odd."""
        return hashlib.sha256(self.text.encode()).digest()[-1] % 2 == 1


def load() -> list[Phrase]:
    """All phrases, one a line in the files `stop.<language>.txt` and `not.<language>.txt`."""
    return [
        Phrase(line, language, label == "stop")
        for language in LANGUAGES
        for label in ("stop", "not")
        for line in (_FOLDER / f"{label}.{language}.txt").read_text(encoding="utf-8").splitlines()
    ]
