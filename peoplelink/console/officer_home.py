"""The page officers arrive at: what waits for them, and what was sent lately."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import web
from peoplelink.broadcasts import reading
from peoplelink.inbound import services as inbound
from peoplelink.officers import signing_in

blueprint = Blueprint("officer_home", __name__)

_LATEST = 5


@blueprint.get("/officer")
@web.requires("broadcasts.read")
def home() -> ResponseReturnValue:
    """New messages, the latest broadcasts, and what an officer does most."""
    officer, session = signing_in.officer(), web.session()
    paused = reading.paused(session, officer=officer)
    latest = reading.latest(session, officer=officer, size=_LATEST)[:_LATEST]
    return render_template(
        "console/officer_home.html", latest=latest, paused=paused, new_messages=_new_messages(session)
    )


def _new_messages(session: Session) -> int | None:
    officer = signing_in.officer()
    return inbound.count_new(session, officer.scope) if officer.allows("inbox.read") else None
