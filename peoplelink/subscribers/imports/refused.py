"""The rows that were refused, as a file for the office program they came from."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy.orm import Session

from peoplelink.subscribers.imports import services
from peoplelink.subscribers.imports.models import Import, ImportRow, RowStatus

_AT_A_TIME = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What makes Excel and its like take a cell for a formula; numbers in E.164 begin so as well."""


def lines(session: Session, one: Import) -> Iterator[str]:
    """The file line by line, some rows held at a time: line, reason, and what stood in the row."""
    columns = list(one.columns)
    yield "\ufeff" + _line(["line", "reason", *columns])
    after = 0
    while rows := services.some_rows(session, one, RowStatus.REFUSED, limit=_AT_A_TIME, after=after):
        for row in rows:
            yield _line([str(row.line), row.reason or "", *_cells(row, columns)])
            session.expunge(row)
        after = rows[-1].line


def harmless(cell: str) -> str:
    """A cell that no program takes for a formula (OWASP on CSV injection): with an apostrophe before it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _cells(row: ImportRow, columns: list[str]) -> list[str]:
    return [str(row.cells.get(name, "")) for name in columns]


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()
