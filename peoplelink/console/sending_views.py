"""How sending stands, for administrators; and going on with what was paused."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from peoplelink import audit, clock, web
from peoplelink.console import sending, sending_words
from peoplelink.db import transaction
from peoplelink.errors import ConflictError
from peoplelink.outbound import services as outbound
from peoplelink.outbound import watch
from peoplelink.outbound.models import Lane

blueprint = Blueprint("sending", __name__, url_prefix="/officer/sending")


@blueprint.get("")
@web.requires("sending.manage")
def show() -> ResponseReturnValue:
    """What waits, what is paused and why, who works."""
    now = clock.now()
    state = sending.look(web.session(), web.runtime().redis, now=now)
    return render_template(
        "console/sending.html",
        state=state,
        ages={lane.name: sending_words.age(lane.oldest, now) for lane in state.lanes},
        paused_broadcasts=sending_words.paused_broadcasts(state),
        workers=[(one, sending.does(one.bell), sending_words.age(one.since, now)) for one in state.workers],
    )


@blueprint.get("/<lane>/resume")
@web.requires("sending.manage")
def confirm(lane: str) -> ResponseReturnValue:
    """Ask before anything goes out again."""
    return render_template("console/sending_resume.html", lane=_paused(lane), words=sending.LANES[lane])


@blueprint.post("/<lane>/resume")
@web.requires("sending.manage")
def resume(lane: str) -> ResponseReturnValue:
    """Send again from a lane that was paused."""
    _paused(lane)
    actor = f"officer:{web.principal().public_id}"
    with transaction(web.session()) as session:
        if watch.is_restored(session):
            raise ConflictError(watch.WHY_PAUSED)
        outbound.resume_lane(session, lane)
        audit.record(session, "lane.resumed", actor=actor, subject_kind="lane", subject_id=lane, now=clock.now())
    flash(f"{sending.LANES[lane]}: sending goes on within half a minute.")
    return redirect(url_for("sending.show"))


def _paused(name: str) -> Lane:
    if name not in sending.LANES:
        abort(404)
    lane = web.session().get(Lane, name)
    if lane is None or lane.paused_at is None:
        raise ConflictError(f"{sending.LANES[name]}: sending is not paused. Nothing was changed.")
    return lane
