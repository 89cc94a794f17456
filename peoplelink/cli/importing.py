"""`peoplelink import`: people from a list, with the evidence that each agreed."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from peoplelink import clock
from peoplelink.cli.settings import FOLDER, problems, runtime_on

if TYPE_CHECKING:
    from peoplelink.runtime import Runtime
    from peoplelink.subscribers.imports.models import Import

_ACTOR = "system"
_SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ask", is_flag=True, help="Ask everybody to confirm, instead of signing them up by the evidence given.")
@click.option("--yes", is_flag=True, help="Start without asking at the terminal.")
@click.option("--refused", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows into this file.")
@FOLDER
def import_list(*, file: Path, ask: bool, yes: bool, refused: Path | None, folder: Path) -> None:
    """Import the people in FILE, a CSV file. Stopped half-way, the same command goes on where it was."""
    with problems(), runtime_on(folder) as parts:
        _run(parts, _begin(parts, file, ask=ask), yes=yes, refused=refused)


def _begin(parts: "Runtime", file: Path, *, ask: bool) -> int:
    from peoplelink.subscribers.imports import services  # noqa: PLC0415

    with parts.database.transaction() as session:
        one = services.begin(
            session, lambda: _pieces(file), file_name=file.name, asks=ask, zone_ids=None, by=_ACTOR, now=clock.now()
        )
    return one.id


def _pieces(file: Path) -> Iterator[bytes]:
    from peoplelink.subscribers.imports import services  # noqa: PLC0415

    with file.open("rb") as opened:
        while piece := opened.read(services.PIECE):
            yield piece


def _run(parts: "Runtime", import_id: int, *, yes: bool, refused: Path | None) -> None:
    from peoplelink.subscribers.imports import services  # noqa: PLC0415
    from peoplelink.subscribers.imports.models import ImportStatus  # noqa: PLC0415

    one = _work(parts, import_id)
    if one.status is ImportStatus.UNREADABLE:
        raise click.ClickException(one.problem or "")
    if one.status is ImportStatus.READY:
        _preview(parts, one)
        if not yes:
            click.confirm("Import them now?", abort=True)
        with parts.database.transaction() as session:
            services.start(session, one, by=_ACTOR, now=clock.now())
        one = _work(parts, import_id)
    _tell(parts, one, refused)


def _work(parts: "Runtime", import_id: int) -> "Import":
    """Go on with it until it waits for somebody, or is over."""
    from peoplelink.subscribers.imports import services, tasks  # noqa: PLC0415
    from peoplelink.subscribers.imports.models import Import, ImportStatus  # noqa: PLC0415

    while True:
        tasks.step(parts, import_id, monotonic() + 1)
        with parts.database.read() as session:
            one = session.get_one(Import, import_id)
            standing = services.standing(session, one)
        if one.status not in {ImportStatus.READING, ImportStatus.RUNNING}:
            return one
        click.echo(f"\r{standing.rows:,} rows looked at, {standing.done:,} done ", nl=False, err=True)


def _preview(parts: "Runtime", one: "Import") -> None:
    from peoplelink.subscribers.imports import files, services  # noqa: PLC0415
    from peoplelink.subscribers.imports.models import RowStatus  # noqa: PLC0415

    words = {column.field: column.words for column in files.COLUMNS}
    click.echo(f"{files.ENCODING_WORDS[one.encoding]}, parted by {files.DELIMITER_WORDS[one.delimiter]}s.")
    for name, place in one.columns.items():
        click.echo(f"  {words[name]}: column {one.header[place]!r}")
    with parts.database.read() as session:
        standing = services.standing(session, one)
        rows = services.some_rows(session, one, RowStatus.REFUSED, limit=_SHOWN)
    click.echo(f"{standing.waiting:,} can be imported, {standing.refused:,} are refused. Nobody has been added yet.")
    for row in rows:
        click.echo(f"  line {row.line}: {row.reason}")
    if standing.refused > len(rows):
        click.echo("  ... and more: --refused FILE writes them all.")


def _tell(parts: "Runtime", one: "Import", refused: Path | None) -> None:
    from peoplelink.subscribers.imports import refused as refusals  # noqa: PLC0415
    from peoplelink.subscribers.imports import services  # noqa: PLC0415

    with parts.database.read() as session:
        standing = services.standing(session, one)
        if refused is not None:
            refused.write_text("".join(refusals.lines(session, one)), encoding="utf-8", newline="")
    did = f"{standing.asked:,} asked to confirm" if one.asks else f"{standing.added:,} signed up"
    click.echo(f"The import is {one.status.value}: {did}, {standing.refused:,} refused.")
    if refused is not None:
        click.echo(f"Refused rows: {refused}. It holds personal data: delete it when you are done.")
