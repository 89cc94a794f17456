"""A zone's poster: how to join, as a page of A4 that any printer prints and that needs nothing beside itself."""

from dataclasses import dataclass

import segno
from flask import current_app, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from peoplelink import languages
from peoplelink.config import Config
from peoplelink.errors import NotFoundError
from peoplelink.subscribers import keywords, zones
from peoplelink.subscribers.models import Zone

_STYLES = ("css/tokens.css", "css/poster.css")


@dataclass(frozen=True)
class Poster:
    """What stands on it."""

    zone: Zone
    word: str
    """What to text after JOIN; empty where no keyword names the zone."""
    number: str | None
    join_url: str
    privacy_url: str

    @property
    def code(self) -> Markup:
        """A QR code of the sign-up page with the zone ticked; survives a tear or a stain over a quarter of it."""
        # Digits, dots and slashes are ours, and segno writes no more than paths: safe to put into a page.
        drawn = segno.make(self.join_url, error="q", micro=False)
        return Markup(drawn.svg_inline(border=4, omitsize=True, dark="#14242b", light="#fff", svgclass="poster-code"))  # noqa: S704

    @property
    def short_url(self) -> str:
        """The address as people type it."""
        return self.join_url.partition("://")[2].partition("?")[0]


def of_zone(session: Session, slug: str, *, config: Config) -> Poster:
    """The poster of a zone that people may join; raises NotFoundError that names those there are."""
    choice = zones.active(session)
    found = next((zone for zone in choice if zone.slug == slug), None)
    if found is None:
        known = ", ".join(zone.slug for zone in choice) or "none yet"
        raise NotFoundError(f"There is no such zone. There are: {known}.")
    return Poster(
        zone=found,
        word=_word_for(session, found),
        number=config.reply_number,
        join_url=f"{config.public_url}/join?zone={found.slug}",
        privacy_url=f"{config.public_url}/privacy".partition("://")[2],
    )


def page(poster: Poster, *, language: str, whole: bool, draft: bool) -> str:
    """The poster as HTML, marked if it is a draft; `whole` puts the styles into it, to be sent and printed anywhere."""
    styles = Markup("\n".join(_read(name) for name in _STYLES)) if whole else None  # noqa: S704 - our own files
    mark = Markup(_read("mark.svg"))  # noqa: S704 - our own file
    with languages.speaking(language) as spoken:
        return render_template(
            "subscribers/poster.html", poster=poster, mark=mark, styles=styles, language=spoken, draft=draft
        )


def _read(name: str) -> str:
    with current_app.open_resource(f"static/{name}", "r", encoding="utf-8") as file:
        return str(file.read())


def _word_for(session: Session, zone: Zone) -> str:
    word = keywords.squeeze(zone.name)
    found = keywords.lookup(session, word).zone
    return word if found and found.id == zone.id else ""
