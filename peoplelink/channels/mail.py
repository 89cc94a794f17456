"""A mail as it came over the wire, read without trusting any of it.

Python's `compat32` policy is used on purpose: it hands out headers and parts as they are, so that each can be cut to a
sane length before it is decoded; the newer policy parses whole headers and has raised a dozen kinds of error on them.
"""

import codecs
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

from lxml.etree import LxmlError  # type: ignore[import-untyped]
from lxml.html import HtmlElement, document_fromstring  # type: ignore[import-untyped]

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import Media
from peoplelink.channels.payload import harmless

MAX_PARTS = 100
"""Boundaries a mail may declare."""

MAX_TRIES = 20_000_000
"""Lines times boundaries, about 2 s: Python's parser tries every line against each open boundary, so a mail of short
lines in many boxes would hold it for minutes. Six attachments that fill 30 MB come to a tenth of this."""

MAX_HTML = 500_000
"""Characters of HTML turned into text; the rest of such a mail is styling or a quoted chain."""

HOSTILE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MessageError, LxmlError)
"""What Python's mail and HTML parsers raise on mails made to break them."""

_BLOCKS = (
    *("address", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "li", "ol", "p", "pre", "table", "tr", "ul"),
)
"""Elements that stand on lines of their own."""
_LONGEST_HEADER = 2000
_MAIL_ID = re.compile(r"<[!-;=?-~]{1,200}>")
"""Visible ASCII in brackets: nothing else may go into a header of ours."""
_MOST_IDS = 10
_LONGEST_NAME = 200
_NEVER = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
"""Codecs that no mail is written in, and that take long or lie (CVE-2022-45061)."""
_WESTERN = frozenset({"ascii", "iso8859-1", "cp1252"})
"""Labels that mail programs put on anything."""


@dataclass(frozen=True)
class Mail:
    """The readable parts of a mail."""

    headers: Message = field(repr=False)
    text: str = field(repr=False)
    media: tuple[Media, ...] = ()

    def header(self, name: str) -> str:
        """One header on one line, decoded, at most 2,000 characters; empty when missing."""
        return next(self.every(name), "")

    def every(self, name: str) -> Iterator[str]:
        """Each header of this name, in order."""
        wanted = name.lower()
        return (_plain(value) for key, value in self.headers.raw_items() if key.lower() == wanted)

    @property
    def sender(self) -> str:
        """The mailbox in From, empty when it holds none."""
        try:
            pairs = getaddresses([_one_line(str(value)) for value in self._raw("From")])
        except HOSTILE:  # a thousand brackets
            return ""
        return next((address for _, address in pairs if "@" in address and " " not in address), "")

    def _raw(self, name: str) -> list[str]:
        return [value[:_LONGEST_HEADER] for key, value in self.headers.raw_items() if key.lower() == name.lower()]


def read_mail(raw: bytes) -> Mail:
    """A whole mail from its bytes; raises UnreadablePayloadError for what is made to break a parser."""
    parts = len(re.findall(rb"boundary\s*=", raw, re.IGNORECASE))
    if parts > MAX_PARTS or parts * raw.count(b"\n") > MAX_TRIES:
        raise UnreadablePayloadError("the mail has too many parts")
    try:
        message = BytesParser(policy=email.policy.compat32).parsebytes(raw)
        return Mail(message, *_contents(message))
    except HOSTILE as error:
        raise UnreadablePayloadError(f"the mail cannot be read: {type(error).__name__}") from None


def read_headers(raw: bytes, text: str, media: tuple[Media, ...]) -> Mail:
    """A mail whose parts came already taken apart."""
    try:
        return Mail(BytesParser(policy=email.policy.compat32).parsebytes(raw, headersonly=True), text, media)
    except HOSTILE as error:
        raise UnreadablePayloadError(f"the headers cannot be read: {type(error).__name__}") from None


def decode(data: bytes, label: str | None) -> str:
    """Bytes in the charset they say, or else the one they are in. Never fails.

    Valid UTF-8 beyond ASCII under a western label is UTF-8; ISO-8859-1 is read as Windows-1252, as browsers do.
    """
    name = _codec(label)
    order = ["utf-8", "cp1252"] if name is None or name in _WESTERN else [name, "utf-8", "cp1252"]
    for candidate in order:
        try:
            return harmless(data.decode(candidate))
        except (UnicodeError, LookupError):
            continue
    return harmless(data.decode("latin-1"))


def mail_ids(header: str) -> tuple[str, ...]:
    """The Message-IDs in a header, at most ten: of a longer chain the first and the last nine, as RFC 5537 advises."""
    found = tuple(_MAIL_ID.findall(header))
    return found if len(found) <= _MOST_IDS else (found[0], *found[1 - _MOST_IDS :])


def html_to_text(html: str) -> str:
    """The words of an HTML body, or nothing when there are none to find."""
    if not html.strip():
        return ""
    try:
        return harmless(_words(document_fromstring(html[:MAX_HTML])))
    except HOSTILE:
        return harmless(re.sub(r"<[^<>]*>", " ", html[:MAX_HTML]))


def _words(tree: HtmlElement) -> str:
    """The text of a page, a line a block. Nothing is laid out: padding the cells of a table to one another's width made
    400 million characters of a 200 KB mail.
    """
    for element in tree.iter():
        element.text, element.tail = _folded(element.text), _folded(element.tail)
    for element in list(tree.iter("script", "style", "head", "title")):
        element.drop_tree()
    for element in tree.iter(*_BLOCKS):
        element.text, element.tail = f"\n{element.text or ''}", f"\n{element.tail or ''}"
    lines = [line.strip() for line in str(tree.text_content()).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _folded(text: str | None) -> str | None:
    return re.sub(r"\s+", " ", text) if text else text


def file_name(name: str) -> str:
    """A file's name fit to show: one line, no path, at most 200 characters."""
    return _one_line(re.split(r"[/\\]", harmless(name))[-1])[:_LONGEST_NAME] or "attachment"


def _contents(message: Message) -> tuple[str, tuple[Media, ...]]:
    """The text to read and the files beside it: plain text where there is some, else HTML."""
    plain: list[str] = []
    html: list[str] = []
    media: list[Media] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            (plain if kind == "text/plain" else html).append(decode(_bytes(part), part.get_content_charset()))
        else:
            media.append(Media(file_name(_plain(part.get_filename() or "")), kind, content=_bytes(part)))
    text = "\n".join(plain)
    return text if text.strip() else "\n".join(map(html_to_text, html)), tuple(media)


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that are not boxes of parts. A forwarded mail is one leaf: its words are not the sender's."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting.extend(reversed([inner for inner in part.get_payload() if isinstance(inner, Message)]))
        else:
            yield part


def _bytes(part: Message) -> bytes:
    """A part's content with its transfer encoding undone, as far as that goes when it is broken."""
    if part.is_multipart():
        mail = b"\n".join(inner.as_bytes() for inner in part.get_payload() if isinstance(inner, Message))
        # Not allowed of a mail within a mail (RFC 2046, 5.2.1), and sent all the same.
        packed = str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"
        return _unpacked(mail) if packed else mail
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _unpacked(data: bytes) -> bytes:
    """Base64 undone as the library undoes it, broken or not."""
    leaf = Message()
    leaf["Content-Transfer-Encoding"] = "base64"
    leaf.set_payload(data.decode("latin-1"))
    return _bytes(leaf)


def _codec(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    return None if name in _NEVER else name


def _plain(value: str) -> str:
    """A header's words: RFC 2047 undone where it is well formed, raw 8-bit bytes read as `decode` does."""
    value = value[:_LONGEST_HEADER]
    try:
        pieces = decode_header(value.encode("ascii", "surrogateescape").decode("ascii"))
        words = "".join(piece if isinstance(piece, str) else decode(piece, label) for piece, label in pieces)
    except (UnicodeError, *HOSTILE):
        words = decode(value.encode("utf-8", "surrogateescape"), None)
    return _one_line(words)


def _one_line(text: str) -> str:
    return " ".join(harmless(text).split())
