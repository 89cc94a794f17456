"""An export as a file to keep: a page that stands by itself, data, or both with the files."""

import datetime as dt
from io import BytesIO
from typing import Any

from flask import Response, abort, render_template, send_file

from peoplelink import clock
from peoplelink.languages import gettext as _
from peoplelink.rights import clocks, exporting
from peoplelink.rights.exporting import Export

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""What others wrote stands in it: it must never run as a page of ours."""
_TYPES = {"html": "text/html", "json": "application/json", "zip": "application/zip"}


def wants_files(form: str) -> bool:
    """Whether the files that came with messages belong into it."""
    return form == "zip"


def response(made: Export, form: str) -> Response:
    """The download; 404 for a form that is not on offer."""
    if form not in _TYPES:
        abort(404)
    sent: Response = send_file(
        BytesIO(_content(made, form)), _TYPES[form], as_attachment=True, download_name=f"what-we-hold.{form}"
    )
    sent.headers["Content-Security-Policy"] = POLICY
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _content(made: Export, form: str) -> bytes:
    if form == "json":
        return exporting.as_json(made)
    page = render_template("rights/export.html", made=made)
    return exporting.as_zip(made, page) if form == "zip" else page.encode()


def shown(value: Any) -> str:
    """A value of an export as people read it."""
    if value is None or value in ("", []):
        return "–"  # noqa: RUF001 - a dash, as tables have for nothing
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.datetime):
        return f"{clocks.shown_day(value)}, {clock.in_london(value):%H:%M}"
    return ", ".join(value) if isinstance(value, list) else str(value)
