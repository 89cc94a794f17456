"""`peoplelink poster`: a zone's poster as a file."""

from pathlib import Path

import click

from peoplelink.cli.settings import FOLDER, problems, runtime_on
from peoplelink.languages import LANGUAGES


@click.command()
@click.argument("zone")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; poster-ZONE.html if not given.")
@FOLDER
def poster(zone: str, language: str, out: Path | None, folder: Path) -> None:
    """Write the poster of ZONE (such as new-parks): one side of A4, to open in a browser and print."""
    from peoplelink import app  # noqa: PLC0415 - needs every package; the other commands start without
    from peoplelink.catalogues import services as catalogues  # noqa: PLC0415
    from peoplelink.subscribers import poster as posters  # noqa: PLC0415

    with (
        problems(),
        runtime_on(folder) as parts,
        parts.database.read() as session,
        app.create_app(parts).test_request_context(),
    ):
        made = posters.of_zone(session, zone.strip().lower(), config=parts.config)
        draft = not catalogues.is_checked(session, language)
        html = posters.page(made, language=language, whole=True, draft=draft)
    # The zone is one of ours by now, and slugs have no slashes.
    out = out or Path(f"poster-{made.zone.slug}.html")
    out.write_text(html, encoding="utf-8")
    click.echo(f"Written: {out}. Open it in a browser and print it on A4.")
