"""The page officers arrive at: what waits for them, and what was sent lately."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import web
from peoplelink.broadcasts import reading
from peoplelink.inbound import services as inbound
from peoplelink.officers import signing_in
from peoplelink.officers.permissions import SELF

blueprint = Blueprint("officer_home", __name__)

_LATEST = 5


@blueprint.get("/officer")
@web.requires(SELF)
def home() -> ResponseReturnValue:
    """New messages, the latest broadcasts, and what an officer does most; a connector does one thing only."""
    officer, session = signing_in.officer(), web.session()
    if not officer.allows("broadcasts.read"):
        return redirect(url_for("face_to_face.form"))
    paused = reading.paused(session, officer=officer)
    latest = reading.latest(session, officer=officer, size=_LATEST)[:_LATEST]
    return render_template(
        "console/officer_home.html", latest=latest, paused=paused, new_messages=_new_messages(session)
    )


def _new_messages(session: Session) -> int | None:
    officer = signing_in.officer()
    return inbound.count_new(session, officer.scope) if officer.allows("inbox.read") else None
