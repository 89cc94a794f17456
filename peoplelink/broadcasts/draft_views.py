"""Begin a draft from another broadcast, and throw one away."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.broadcasts import reading, services
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.db import transaction
from peoplelink.errors import ConflictError
from peoplelink.officers import signing_in

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/<public_id>/copy")
@web.requires("broadcasts.write")
def copy(public_id: str) -> ResponseReturnValue:
    """A new draft with the same words."""
    broadcast = _found(public_id)
    with transaction(web.session()) as session:
        made = services.copy(session, broadcast, by=signing_in.officer(), now=clock.now())
    flash("This is a copy, saved as a draft. Check its words, its zones and its times before you send it.")
    return redirect(url_for("broadcasts.edit", public_id=made.public_id))


@blueprint.get("/<public_id>/discard")
@web.requires("broadcasts.write")
def confirm_discard(public_id: str) -> ResponseReturnValue:
    """Ask once more: the words are gone afterwards."""
    broadcast = _found(public_id)
    if broadcast.status is not BroadcastStatus.DRAFT:
        return redirect(url_for("broadcasts.progress.show", public_id=public_id))
    return render_template("broadcasts/discard.html", broadcast=broadcast)


@blueprint.post("/<public_id>/discard")
@web.requires("broadcasts.write")
def discard(public_id: str) -> ResponseReturnValue:
    """Throw the draft away, unless somebody has changed or sent it since the question was put."""
    broadcast, edition = _found(public_id), request.form.get("edition", 0, type=int)
    try:
        with transaction(web.session()) as session:
            services.discard(session, broadcast, by=signing_in.officer(), edition=edition, now=clock.now())
    except ConflictError as err:
        flash(f"The draft is still here. {err}")
        return redirect(url_for("broadcasts.preview", public_id=public_id))
    flash("The draft is deleted. Nothing was sent.")
    return redirect(url_for("broadcasts.index"))


def _found(public_id: str) -> Broadcast:
    return reading.find(web.session(), public_id, officer=signing_in.officer())
