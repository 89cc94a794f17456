"""A person's own words, without the mail they answer."""

import re

from mailparser_reply import EmailReplyParser

REPLY_MARKER = "Reply above this line"
"""Our mails carry this line first in both parts; whatever stands below it is ours. The surest of the signs, and in one
language, since it is looked for and not read."""

MAX_TEXT = 20_000
"""Characters kept of one mail, about ten pages. The raw mail is kept beside it."""

MAX_LINE = 2000
"""Longest line the library is given: its patterns take the square of a line's length, 12 s for one of 20,000."""

LANGUAGES = ("en", "pl", "fr", "de", "es", "it", "nl", "cs")
"""Those that the library knows and that Leicestershire writes."""

_MARKER = re.compile(rf"^[>*_ \t-]*{re.escape(REPLY_MARKER)}.*", re.IGNORECASE | re.MULTILINE | re.DOTALL)

_YEAR = re.compile(r"\b20\d\d\b")
_LONGEST_ATTRIBUTION = 3
"""Lines that a mail program wraps it over."""


def own_words(text: str) -> str:
    """`text` without what it quotes. Signatures stay: cutting them has cost people their words."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT]
    lines = _MARKER.sub("", text).rstrip().split("\n")
    quote = _attribution(lines)
    above = lines[: quote.start] if quote else lines
    if not any(line.strip() for line in above):
        return _unquoted(lines[quote.stop :] if quote else lines)
    return _unquoted(_newest(above)) or _unquoted(above)


def _newest(lines: list[str]) -> list[str]:
    """What stands above the first quoted header that the library knows: Outlook's, and most languages' `wrote:`."""
    if max(map(len, lines)) > MAX_LINE:
        return lines
    newest = EmailReplyParser(languages=list(LANGUAGES)).parse_reply("\n".join(_without_gaps(lines)))
    return (newest or "").split("\n")


def _without_gaps(lines: list[str]) -> list[str]:
    """Of several empty lines one: the library takes the square of their number, 22 s for 20,000."""
    tidy = [line.rstrip() for line in lines]
    return [line for line, before in zip(tidy, ["", *tidy], strict=False) if line or before]


def _attribution(lines: list[str]) -> range | None:
    """The lines that say `pon., 23 lis 2026 o 10:15 <mailbox> napisał(a):`, in any language.

    They name a mailbox and end in a colon just before quoted lines or the end. The library's own patterns miss the
    Polish and French of Gmail.
    """
    for last, line in enumerate(lines):
        if not line.rstrip().endswith(":") or not _quote_follows(lines, last + 1):
            continue
        for first in range(last, max(last - _LONGEST_ATTRIBUTION, -1), -1):
            if "@" in lines[first]:
                dated_above = first > 0 and not _YEAR.search(lines[first]) and _YEAR.search(lines[first - 1])
                return range(first - 1 if dated_above else first, last + 1)
    return None


def _quote_follows(lines: list[str], place: int) -> bool:
    """Whether the next line that is not empty is quoted, or there is none."""
    return next((line.lstrip().startswith(">") for line in lines[place:] if line.strip()), True)


def _unquoted(lines: list[str]) -> str:
    """Without quoted lines, for those who answer below or between; all of it, if quotes are all there is."""
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    return "\n".join(kept).strip() or "\n".join(lines).strip()
