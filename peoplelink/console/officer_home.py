"""The page officers arrive at: what waits for them, and what was sent lately."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.broadcasts import reading
from peoplelink.inbound import services as inbound
from peoplelink.officers import signing_in
from peoplelink.officers.permissions import SELF
from peoplelink.rights import requests
from peoplelink.rights.models import RightsRequest

blueprint = Blueprint("officer_home", __name__)

_LATEST = 5


@blueprint.get("/officer")
@web.requires(SELF)
def home() -> ResponseReturnValue:
    """What waits for them, the latest broadcasts, and what an officer does most; a connector does one thing only."""
    officer, session = signing_in.officer(), web.session()
    if not officer.allows("broadcasts.read"):
        return redirect(url_for("face_to_face.form"))
    paused = reading.paused(session, officer=officer)
    latest = reading.latest(session, officer=officer, size=_LATEST)[:_LATEST]
    asked, now = _asked_by_right(session), clock.now()
    overdue = sum(one.overdue(now) for one in asked or ())
    return render_template(
        "console/officer_home.html", latest=latest, paused=paused, new_messages=_new_messages(session),
        asked=asked, overdue=overdue,
    )  # fmt: skip


def _new_messages(session: Session) -> int | None:
    officer = signing_in.officer()
    return inbound.count_new(session, officer.scope) if officer.allows("inbox.read") else None


def _asked_by_right(session: Session) -> list[RightsRequest] | None:
    """Complaints and requests that are not settled, for who deals with them."""
    officer = signing_in.officer()
    return requests.open_ones(session) if officer.allows("rights.manage") and officer.scope is None else None
