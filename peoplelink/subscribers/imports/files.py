"""A file as an office program wrote it: which encoding, which delimiter, which column holds what, and its rows."""

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers.keywords import squeeze

LARGEST = 20 * 2**20
"""Bytes of a file: 100,000 people with the words that each agreed to."""
LONGEST_LINE = 16_384
"""Characters."""
MOST_LINES = 50
"""Of one row: cells may hold line breaks, but an open quotation mark must not swallow the rest of the file."""
UNREADABLE = "This row cannot be read. Look for a quotation mark that is not closed."
TOO_MANY_CELLS = (
    "This row has more cells than the first row has headings. Words that hold a comma must stand in quotation marks."
)
MOST_COLUMNS = 60
MOST_ROWS = 100_000
_DELIMITERS = (",", ";", "\t")
_ENCODINGS = ("utf-8-sig", "cp1252")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENCODING_WORDS = {"utf-8-sig": "UTF-8", "cp1252": "Windows (cp1252)"}
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True)
class _Column:
    field: str
    words: str
    names: frozenset[str]
    """Headings by which it is known, squeezed."""
    needed: bool = False


def _column(field_name: str, words: str, *names: str, needed: bool = False) -> _Column:
    return _Column(field_name, words, frozenset(squeeze(name) for name in (words, *names)), needed)


COLUMNS = (
    _column("contact", "number or email", "number/email", "contact", "mobile or email", "phone or email"),
    _column("mobile", "mobile", "number", "mobile number", "phone", "phone number", "telephone", "tel", "sms"),
    _column("email", "email", "e-mail", "email address", "mail", "mailbox"),
    _column("name", "name", "first name", "forename", "full name"),
    _column("zones", "zones", "zone", "area", "people zone", needed=True),
    _column("topics", "topics", "topic", "interests"),
    _column("language", "language", "lang"),
    _column("source", "source", "how", "where", "collected at", "consent source", needed=True),
    _column("date", "date of consent", "date", "consent date", "agreed on", "consented on", needed=True),
    _column(
        "wording", "wording", "exact wording", "exact wording of consent", "wording of consent", "consent wording",
        "consent", needed=True,
    ),
)  # fmt: skip
WHERE = ("contact", "mobile", "email")
"""One of these must be there."""


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str
    header: list[str] = field(repr=False)
    columns: dict[str, int]


@dataclass(frozen=True)
class Record:
    """A row of a file, with the line on which it begins."""

    line: int
    cells: list[str] = field(repr=False)
    problem: str | None = None


def recognise(pieces: Iterable[bytes]) -> Form:
    """How a file is written; reads all of it once. Raises InvalidInputError that says what to do."""
    encoding, first = _encoding(pieces)
    line = first.removeprefix("\ufeff")
    delimiter = max(_DELIMITERS, key=line.count)
    header = [" ".join(cell.split()) for cell in next(csv.reader([line], delimiter=delimiter), [])]
    if len(header) > MOST_COLUMNS:
        raise InvalidInputError(f"The file has more than {MOST_COLUMNS} columns. Keep those that are named below")
    return Form(encoding, delimiter, header, columns_of(header))


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which of our fields stands in which column; raises InvalidInputError where one that is needed is missing."""
    words = [squeeze(cell) for cell in header]
    found = {
        column.field: place
        for column in COLUMNS
        for place in [next((place for place, word in enumerate(words) if word in column.names), -1)]
        if place >= 0
    }
    missing = [column.words for column in COLUMNS if column.needed and column.field not in found]
    if not any(name in found for name in WHERE):
        missing.insert(0, "mobile or email")
    if missing:
        raise InvalidInputError(
            f"The first row must name the columns. We did not find: {', '.join(missing)}. "
            "Rename the headings in the file, and choose it again"
        )
    return found


def rows(pieces: Iterable[bytes], form: Form, *, after: int = 0) -> Iterator[Record]:
    """The rows below the heading, from the first that begins after a line on. Holds one at a time."""
    lines = _Lines(pieces, form.encoding)
    reader = csv.reader(lines, delimiter=form.delimiter)
    below_heading = False
    for record in iter(lambda: _next_record(reader, lines), None):
        if not record.problem and not any(cell.strip() for cell in record.cells):
            continue
        if below_heading and record.line > after:
            yield _fitting(record, form)
        below_heading = True


def _fitting(record: Record, form: Form) -> Record:
    # What stands too far right may be the end of the wording that somebody agreed to.
    if any(cell.strip() for cell in record.cells[len(form.header) :]):
        return replace(record, problem=TOO_MANY_CELLS)
    return record


def _next_record(reader: Iterator[list[str]], lines: "_Lines") -> Record | None:
    line = lines.begin()
    try:
        cells = next(reader, None)
    except csv.Error:
        # What was read is lost; the reader begins anew with the next line.
        return Record(line, [], UNREADABLE)
    return None if cells is None else Record(line, cells)


def named(record: Record, columns: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row by our names for them."""
    cells = record.cells
    return {
        name: cells[place].replace("\x00", "").strip() if place < len(cells) else "" for name, place in columns.items()
    }


class _Lines:
    """The lines of a file that comes in pieces, decoded. Holds a piece of it, however long a line is."""

    def __init__(self, pieces: Iterable[bytes], encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._pieces = iter(pieces)
        self._whole: deque[str] = deque()
        self._rest = ""
        self._ended = False
        self._number = self._began = 0

    def begin(self) -> int:
        """Begin a row; the number of its first line."""
        self._began = self._number
        return self._number + 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._number - self._began >= MOST_LINES:
            raise csv.Error("a quotation mark is not closed")
        while not self._whole and not self._ended:
            self._take()
        if not self._whole:
            raise StopIteration
        self._number += 1
        line = self._whole.popleft()
        if len(line) > LONGEST_LINE:
            raise csv.Error("the line is too long")
        return line + "\n"

    def _take(self) -> None:
        piece = next(self._pieces, None)
        self._ended = piece is None
        text = self._rest + self._decoder.decode(piece or b"", final=self._ended)
        # The halves of a CRLF may lie in two pieces. A CR alone ended the lines of old Macs.
        held = "\r" if text.endswith("\r") and not self._ended else ""
        text = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
        *whole, rest = text.split("\n")
        self._whole.extend([*whole, rest] if self._ended and rest else whole)
        # Of a line without an end, as much as shows that it is too long.
        self._rest = rest[: LONGEST_LINE + 1] + held


def _encoding(pieces: Iterable[bytes]) -> tuple[str, str]:
    """The encoding of a file, and its first line."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    start = b""
    for piece in pieces:
        if len(start) < LONGEST_LINE:
            start += piece
            _refuse_other_files(start)
        for name in list(decoders):
            try:
                decoders[name].decode(piece)
            except UnicodeDecodeError:
                del decoders[name]
    # cp1252 has five bytes that stand for nothing; a file with one of them is read all the same, with a mark there.
    encoding = next(iter(decoders), "cp1252")
    text = start.decode(encoding, errors="replace").lstrip("\ufeff")
    if not text.strip():
        raise InvalidInputError("The file is empty. Choose a CSV file with one row a person")
    return encoding, text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").partition("\n")[0][:LONGEST_LINE]


def _refuse_other_files(start: bytes) -> None:
    if start.startswith((*_WIDE, b"PK", b"\xd0\xcf\x11\xe0", b"%PDF")) or b"\x00" in start:
        raise InvalidInputError("This is not a CSV file. In Excel choose Save as, then CSV UTF-8")
