"""Pages of one request: acknowledge it, stop and start its clock, settle it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import audit, clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.rights import acknowledging, holding, requests
from peoplelink.rights.models import RightsRequest
from peoplelink.rights.parts import parts
from peoplelink.rights.views import KINDS, officer
from peoplelink.subscribers import objecting, people

blueprint = Blueprint("rights_requests", __name__, url_prefix="/officer/rights/requests")


@blueprint.get("/<public_id>")
@web.requires("rights.manage")
def show(public_id: str) -> ResponseReturnValue:
    """What was asked, and its clock."""
    by, found = officer(), requests.get(web.session(), public_id)
    with web.runtime().database.transaction() as session:
        audit.record(session, "rights.request_read", actor=by.actor, subject_kind="rights_request",
                     subject_id=public_id, now=clock.now())  # fmt: skip
    return _page(found)


def _page(found: RightsRequest, *, problem: str = "", field: str = "") -> str:
    session = web.session()
    about = people.by_public_id(session, found.person) if found.person else None
    return render_template(
        "rights/request.html",
        it=found,
        about=about,
        objects=about is not None and objecting.stands(session, about.subscriber_id),
        kinds=KINDS,
        now=clock.now(),
        in_vain=found.id in requests.in_vain(session, [found]),
        why_not=acknowledging.why_not(session, found),
        holds=holding.on(session, about, parts()) if about else [],
        problem=problem,
        field=field,
    )


def _change(
    public_id: str, field: str, words: str, change: Callable[[Session, RightsRequest], None]
) -> ResponseReturnValue:
    try:
        with transaction(web.session()) as session:
            change(session, requests.get(session, public_id, lock=True))
    except InvalidInputError as error:
        return _page(requests.get(web.session(), public_id), problem=str(error), field=field), 422
    flash(words, "success")
    return redirect(url_for("rights_requests.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/acknowledge")
@web.requires("rights.manage")
def acknowledge(public_id: str) -> ResponseReturnValue:
    """An officer has told them that we have it."""
    by, how = officer(), request.form.get("how", "")
    return _change(public_id, "how", "Noted that they know we have it.",
                   lambda session, it: requests.acknowledge(session, it, how, by=by, now=clock.now()))  # fmt: skip


@blueprint.post("/<public_id>/pause")
@web.requires("rights.manage")
def pause(public_id: str) -> ResponseReturnValue:
    """The clock stands still until they answer what we asked."""
    by, because = officer(), request.form.get("because", "")
    return _change(public_id, "because", "The clock stands still.",
                   lambda session, it: requests.pause(session, it, because, by=by, now=clock.now()))  # fmt: skip


@blueprint.post("/<public_id>/resume")
@web.requires("rights.manage")
def resume(public_id: str) -> ResponseReturnValue:
    """The clock goes on."""
    by = officer()
    return _change(public_id, "", "The clock goes on.",
                   lambda session, it: requests.resume(session, it, by=by, now=clock.now()))  # fmt: skip


@blueprint.post("/<public_id>/close")
@web.requires("rights.manage")
def close(public_id: str) -> ResponseReturnValue:
    """It is settled."""
    by, outcome = officer(), request.form.get("outcome", "")
    return _change(public_id, "outcome", "Settled.",
                   lambda session, it: requests.close(session, it, outcome, by=by, now=clock.now()))  # fmt: skip
