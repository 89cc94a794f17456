"""How many parts a text is sent and billed in, and which characters make it dear.

3GPP TS 23.038: 160 units of GSM-7 in one part, 153 a part in several; 70 and 67 UTF-16 units once any character is
outside the GSM alphabet. The same figures as Twilio's own calculator (npm sms-segments-calculator 1.3.0).
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Sent as an escape and a second unit, which carriers never part."""

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67
UTF16_ONE_UNIT = 0xFFFF
"""The last code point that takes one UTF-16 unit; emoji lie above it."""

LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
        "\u2022": "-",  # the bullet that word processors put before a list
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
    }
)
"""What a word processor puts in unasked, and what a person would have typed.

Letters are left alone (a name keeps its accents), and so are the joiners U+200C and U+200D, which carry meaning in Urdu
and inside emoji.
"""

_PLAIN_NAMES = {
    **dict.fromkeys("\u201c\u201d\u201e\u2018\u201a", "curly quote"),
    "\u2019": "curly apostrophe",
    "\u2013": "dash",
    "\u2014": "long dash",
    "\u2026": "three dots in one character",
    "\u00a0": "no-break space",
    "\t": "tab",
    "`": "back-tick",
    "\u2022": "bullet point",
    **dict.fromkeys("\u200b\u2060\ufeff", "hidden zero-width space"),
    "\ufe0f": "hidden mark that makes a symbol an emoji",
    "\u200d": "hidden mark that joins emoji",
}
_NOT_SHOWN = ("C", "M", "Z")
"""Unicode categories with nothing to see on their own: controls, marks, spaces."""


@dataclass(frozen=True)
class Segments:
    """What a text costs to send."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Characters as a phone counts them: 2 for an extension character, or for an emoji in UCS-2."""
    segments: int
    """Parts sent and billed; 0 for an empty text, which cannot be sent."""
    left: int
    """Units free in the last part."""
    odd: tuple[str, ...]
    """The distinct characters that force UCS-2, in the order they come."""


def count_segments(text: str) -> Segments:
    """Count the parts `text` is sent in. A line end counts once, whether LF or CRLF; nothing else is changed."""
    text = text.replace("\r\n", "\n")
    if GSM_BASIC.issuperset(text):  # nearly all are, and each is one unit: no need to look at every character
        return _basic(len(text))
    odd = tuple(dict.fromkeys(char for char in text if char not in GSM_BASIC and char not in GSM_EXTENSION))
    if odd:
        widths = [2 if ord(char) > UTF16_ONE_UNIT else 1 for char in text]
        return Segments("UCS-2", *_fill(widths, UCS2_SINGLE, UCS2_PART), odd)
    widths = [2 if char in GSM_EXTENSION else 1 for char in text]
    return Segments("GSM-7", *_fill(widths, GSM_SINGLE, GSM_PART), odd)


def _basic(units: int) -> Segments:
    if units <= GSM_SINGLE:
        return Segments("GSM-7", units, min(units, 1), GSM_SINGLE - units, ())
    parts = -(-units // GSM_PART)
    return Segments("GSM-7", units, parts, parts * GSM_PART - units, ())


def to_gsm(text: str) -> str:
    """Swap typographic look-alikes (`LOOK_ALIKES`) for plain characters, so that one curly quote does not halve a text.

    What has no plain twin stays, and still forces UCS-2.
    """
    return text.translate(LOOK_ALIKES)


def describe(char: str) -> str:
    """Name one character for people: `“ (curly quote)`, `😀 (grinning face)`; hidden ones by name alone."""
    name = _PLAIN_NAMES.get(char) or _plain(unicodedata.name(char, f"character U+{ord(char):04X}"))
    if unicodedata.category(char)[0] in _NOT_SHOWN:
        return name
    return f"{char} ({name})"


def _plain(name: str) -> str:
    """`LATIN SMALL LETTER W WITH CIRCUMFLEX` as `small letter w with circumflex`, other scripts named."""
    if name.startswith("character "):
        return name
    script, _, rest = name.partition(" LETTER ")
    if script.startswith("LATIN "):
        return f"{script.removeprefix('LATIN ').lower()} letter {rest.lower()}"
    return f"{script.capitalize()} letter {rest.lower()}" if rest else name.lower()


def _fill(widths: Iterable[int], single: int, part: int) -> tuple[int, int, int]:
    """Units, parts and units left, putting characters of 1 or 2 units into parts without cutting one in two."""
    units, parts, used = 0, 1, 0
    for width in widths:
        units += width
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    if units <= single:
        return units, min(units, 1), single - units
    return units, parts, part - used
