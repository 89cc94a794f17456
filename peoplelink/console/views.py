"""Pages for anybody: what People Link is, the duties of a public service, and whether this process is well."""

from dataclasses import dataclass

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import web
from peoplelink.console import health
from peoplelink.officers import devices
from peoplelink.subscribers import keywords, zones
from peoplelink.subscribers.models import Zone

blueprint = Blueprint("console", __name__)


@dataclass(frozen=True)
class ZoneCard:
    """A zone as the start page shows it; `word` is what to text after JOIN, empty where no keyword names the zone."""

    zone: Zone
    word: str


@blueprint.get("/")
@web.public
def home() -> ResponseReturnValue:
    """What People Link is, its zones, and how to join."""
    session = web.session()
    cards = [ZoneCard(zone, _word_for(session, zone)) for zone in zones.active(session)]
    return render_template("console/home.html", cards=cards)


@blueprint.get("/accessibility")
@web.public
def accessibility() -> ResponseReturnValue:
    """The accessibility statement, in the form that the 2018 regulations require."""
    return render_template("console/accessibility.html")


@blueprint.get("/cookies")
@web.public
def cookies() -> ResponseReturnValue:
    """The one cookie, and why nobody is asked about it."""
    return render_template("console/cookies.html", device_cookie=devices.cookie_name(web.runtime().config))


@blueprint.get("/contact")
@web.public
def contact() -> ResponseReturnValue:
    """Whom to call for what."""
    return render_template("console/contact.html")


@blueprint.get("/healthz")
@web.public
@web.limiter.exempt
def healthz() -> ResponseReturnValue:
    """Whether this process is alive, and nothing more: a supervisor restarts it if not."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
@web.public
@web.limiter.exempt
def readyz() -> ResponseReturnValue:
    """Whether this process can do its work, part by part: a proxy sends nobody here if not."""
    parts = web.runtime()
    problems = health.problems(parts.database.engine, parts.redis)
    words = {part: problems.get(part, "ok") for part in health.PARTS}
    return jsonify(ready=not problems, parts=words), 503 if problems else 200


def _word_for(session: Session, zone: Zone) -> str:
    word = keywords.squeeze(zone.name)
    found = keywords.lookup(session, word).zone
    return word if found and found.id == zone.id else ""
