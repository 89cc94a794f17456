"""The page on which an officer stops our messages to somebody."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.errors import ConflictError
from peoplelink.inbound import ending, inbox
from peoplelink.inbound.ending import Because
from peoplelink.inbound.forms import StopWritingForm
from peoplelink.officers import signing_in

blueprint = Blueprint("ending", __name__, url_prefix="/officer")


@blueprint.get("/conversations/<public_id>/stop-writing")
@web.requires("inbox.answer")
def ask(public_id: str) -> ResponseReturnValue:
    """Ask why."""
    return _page(public_id, StopWritingForm())


@blueprint.post("/conversations/<public_id>/stop-writing")
@web.requires("inbox.answer")
def stop(public_id: str) -> ResponseReturnValue:
    """Do it."""
    form = StopWritingForm()
    if not form.validate():
        return _page(public_id, form), 422
    try:
        with transaction(web.session()) as session:
            conversation = inbox.get(session, public_id, scope=signing_in.scope(), lock=True)
            because = Because(form.because.data)
            ending.stop_writing(session, conversation, because, by=signing_in.officer(), now=clock.now())
    except ConflictError as error:
        flash(str(error), "error")
    else:
        flash("Done. We write to this address no more.", "success")
    return redirect(url_for("inbound.read", public_id=public_id))


def _page(public_id: str, form: StopWritingForm) -> str:
    conversation = inbox.get(web.session(), public_id, scope=signing_in.scope())
    is_text = conversation.address.medium is Medium.SMS
    return render_template("inbound/stop_writing.html", conversation=conversation, form=form, is_text=is_text)
