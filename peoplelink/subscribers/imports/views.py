"""Pages on which an administrator imports a list: choose a file, look at what would be done, start it, watch it."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from peoplelink import clock, web
from peoplelink.db import Database, transaction
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.officers import signing_in
from peoplelink.subscribers import zones
from peoplelink.subscribers.imports import files, refused, services
from peoplelink.subscribers.imports.models import Import, ImportStatus, RowStatus

blueprint = Blueprint("imports", __name__, url_prefix="/officer/imports")

IMPORT = "residents.import"
_NEWEST, _SHOWN = 20, 50
_FILES_AN_HOUR = "30/hour"


web.take_files(blueprint, "imports.begin", permission=IMPORT, most=files.LARGEST)


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(_index_page("You have sent many files in the last hour. Try again later"), 429)


@blueprint.get("")
@web.requires(IMPORT)
def index() -> ResponseReturnValue:
    """The newest imports, and the form for another."""
    return _index_page()


@blueprint.post("")
@web.requires(IMPORT)
@web.limiter.limit(_FILES_AN_HOUR, key_func=lambda: signing_in.officer().public_id, on_breach=_too_many)
def begin() -> ResponseReturnValue:
    """Take a file, to be looked at; nobody is added yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _index_page("Choose a CSV file"), 422
    try:
        with transaction(web.session()):
            one = _begin(file)
    except InvalidInputError as err:
        return _index_page(str(err)), 422
    return redirect(url_for("imports.show", public_id=one.public_id), 303)


@blueprint.get("/<public_id>")
@web.requires(IMPORT)
def show(public_id: str) -> ResponseReturnValue:
    """What would be done, what is being done, or what was done."""
    return render_template("imports/show.html", **_facts(public_id))


@blueprint.get("/<public_id>/progress")
@web.requires(IMPORT)
def progress(public_id: str) -> ResponseReturnValue:
    """The part of the page that changes."""
    return render_template("imports/_progress.html", **_facts(public_id))


@blueprint.post("/<public_id>/start")
@web.requires(IMPORT)
def start(public_id: str) -> ResponseReturnValue:
    """Add the people."""
    try:
        with transaction(web.session()) as session:
            one = _mine(session, public_id)
            services.start(session, one, by=signing_in.officer().actor, now=clock.now())
    except InvalidInputError as err:
        flash(str(err))
    return redirect(url_for("imports.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/cancel")
@web.requires(IMPORT)
def cancel(public_id: str) -> ResponseReturnValue:
    """Add nobody more."""
    with transaction(web.session()) as session:
        one = _mine(session, public_id)
        services.cancel(session, one, by=signing_in.officer().actor, now=clock.now())
    flash("The import is cancelled. Nobody more is added, and what the file said of those left is deleted tonight.")
    return redirect(url_for("imports.show", public_id=public_id), 303)


@blueprint.get("/<public_id>/refused.csv")
@web.requires(IMPORT)
def refused_rows(public_id: str) -> ResponseReturnValue:
    """The refused rows, to be put right and brought again."""
    database = web.runtime().database
    with database.transaction() as session:
        one = _mine(session, public_id)
        if not services.keeps_refused(one, clock.now()):
            flash("What stood in the refused rows has been deleted. To see it, choose the file again.")
            return redirect(url_for("imports.show", public_id=public_id), 303)
        services.note_download(session, one, by=signing_in.officer().actor, now=clock.now())
    name = f'attachment; filename="refused-{one.public_id}.csv"'
    headers = {"Content-Disposition": name}
    return Response(_refused_lines(database, one), content_type="text/csv; charset=utf-8", headers=headers)


def _refused_lines(database: Database, one: Import) -> Iterator[str]:
    # Written while it is sent: the session of the request has been closed by then.
    with database.read() as session:
        yield from refused.lines(session, one)


def _mine(session: Session, public_id: str) -> Import:
    """An import of which every zone is the officer's; raises NotFoundError."""
    one = services.by_public_id(session, public_id)
    if not services.within(one, signing_in.scope()):
        raise NotFoundError("There is no such import.")
    return one


def _begin(file: FileStorage) -> Import:
    officer, stream = signing_in.officer(), cast(BinaryIO, file.stream)

    def pieces() -> Iterable[bytes]:
        stream.seek(0)
        return _pieces(stream)

    return services.begin(
        web.session(),
        pieces,
        file_name=_plain(file.filename or ""),
        asks=request.form.get("consent") != "given",
        zone_ids=officer.scope,
        by=officer.actor,
        now=clock.now(),
    )


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(services.PIECE):
        yield piece


def _plain(name: str) -> str:
    """A file's name on one line, without what no database takes."""
    return " ".join("".join(char for char in name if char.isprintable()).split())


def _index_page(error: str = "") -> str:
    session = web.session()
    newest = [one for one in services.every(session, limit=_NEWEST) if services.within(one, signing_in.scope())]
    return render_template(
        "imports/index.html",
        imports=[(one, services.standing(session, one)) for one in newest],
        columns=files.COLUMNS,
        largest=files.LARGEST // 2**20,
        most_asked=services.MOST_ASKED,
        error=error,
    )


def _facts(public_id: str) -> dict[str, Any]:
    session = web.session()
    one = _mine(session, public_id)
    words = {column.field: column.words for column in files.COLUMNS}
    return {
        "one": one,
        "standing": services.standing(session, one),
        "live": one.status in {ImportStatus.READING, ImportStatus.RUNNING},
        "columns": [(words[name], one.header[place]) for name, place in one.columns.items()],
        "unused": [cell for place, cell in enumerate(one.header) if place not in one.columns.values() and cell],
        "encoding": files.ENCODING_WORDS[one.encoding],
        "delimiter": files.DELIMITER_WORDS[one.delimiter],
        # What stood in the rows of one that is over has been let go.
        "accepted": services.some_rows(session, one, RowStatus.WAITING, limit=10 if one.status in services.OPEN else 0),
        "refused": services.some_rows(session, one, RowStatus.REFUSED, limit=_SHOWN),
        "refused_kept": services.keeps_refused(one, clock.now()),
        "zone_names": {zone.id: zone.name for zone in zones.active(session)},
        "most_asked": services.MOST_ASKED,
    }
