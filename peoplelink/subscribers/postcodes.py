"""Postcodes and their sectors, however they are typed. Only a sector of anybody's is ever kept."""

import re
from dataclasses import dataclass

from peoplelink.subscribers.keywords import squeeze

_DISTRICT = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
_POSTCODE = re.compile(rf"({_DISTRICT})([0-9][ABD-HJLNP-UW-Z]{{2}})")
"""Outward and inward code; the Royal Mail uses no C, I, K, M, O or V in the last two letters."""
_SECTOR = re.compile(rf"({_DISTRICT})\s+([0-9])")
_ALONE = re.compile(_DISTRICT)
_ALIKE = str.maketrans("OIL", "011")
_LONGEST = 40
_SHORTEST = 5


@dataclass(frozen=True)
class Postcode:
    """A whole postcode, as it is written."""

    value: str

    @property
    def sector(self) -> str:
        """All but its last two letters: some 3,000 homes."""
        return self.value[:-2]


def read(text: str) -> Postcode | None:
    """The postcode that a text is, and nothing else; None for any other text."""
    word = squeeze(text) if len(text) <= _LONGEST else ""
    found = _POSTCODE.fullmatch(word) or _POSTCODE.fullmatch(_mended(word))
    return Postcode(f"{found[1]} {found[2]}") if found else None


def read_sector(text: str) -> str | None:
    """The sector that a text is, written with its space ("LE3 6"): without it "LE36" may be a district."""
    found = _SECTOR.fullmatch(text.strip().upper()) if len(text) <= _LONGEST else None
    return f"{found[1]} {found[2]}" if found else None


def is_district(text: str) -> bool:
    """Whether a text is only the first half of a postcode ("LE3"): too little to tell a zone."""
    return len(text) <= _LONGEST and _ALONE.fullmatch(squeeze(text)) is not None


def _mended(word: str) -> str:
    """A postcode of which a figure was typed as a letter that looks like it ("LE3 OAB"), not all ("Colvile")."""
    if len(word) < _SHORTEST or not any(letter.isdigit() for letter in word):
        return word
    outward, figure, letters = word[:-3], word[-3], word[-2:]
    start = 2 if outward[1].isalpha() else 1
    return outward[:start] + outward[start:].translate(_ALIKE) + figure.translate(_ALIKE) + letters
