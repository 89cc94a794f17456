"""Pages from which officers print a zone's poster."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from peoplelink import web
from peoplelink.catalogues import services as catalogues
from peoplelink.errors import NotFoundError
from peoplelink.languages import ENGLISH, LANGUAGES
from peoplelink.officers import signing_in
from peoplelink.subscribers import poster, zones
from peoplelink.subscribers.models import Zone

blueprint = Blueprint("posters", __name__, url_prefix="/officer/posters")


@blueprint.get("")
@web.requires("broadcasts.read")
def index() -> ResponseReturnValue:
    """The zones that there are posters for."""
    return render_template("subscribers/posters.html", zones=_zones(), languages=LANGUAGES.values())


@blueprint.get("/<slug>")
@web.requires("broadcasts.read")
def show(slug: str) -> ResponseReturnValue:
    """A poster, ready to print."""
    if slug not in {zone.slug for zone in _zones()}:
        raise NotFoundError("There is no such zone, or it is not one of yours.")
    made = poster.of_zone(web.session(), slug, config=web.runtime().config)
    language = request.args.get("language", "")
    language = language if language in LANGUAGES else ENGLISH.code
    return poster.page(made, language=language, whole=False, draft=not catalogues.is_checked(web.session(), language))


def _zones() -> list[Zone]:
    scope = signing_in.scope()
    return [zone for zone in zones.active(web.session()) if scope is None or zone.id in scope]
