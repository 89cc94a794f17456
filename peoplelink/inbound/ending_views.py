"""The pages on which an officer stops our messages to somebody."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.errors import ConflictError
from peoplelink.inbound import ending, inbox
from peoplelink.inbound.ending import Because
from peoplelink.inbound.forms import StopByHandForm, StopWritingForm
from peoplelink.officers import signing_in
from peoplelink.outbound import addresses

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
            scope = signing_in.scope()
            # Addresses are held before what speaks of them: a text that comes in at this moment does so too.
            addresses.hold(session, [inbox.get(session, public_id, scope=scope).address_id])
            conversation = inbox.get(session, public_id, scope=scope, lock=True)
            because = Because(form.because.data)
            ending.stop_writing(session, conversation, because, by=signing_in.officer(), now=clock.now())
    except ConflictError as error:
        flash(str(error), "error")
    else:
        flash("Done. We write to this address no more.", "success")
    return redirect(url_for("inbound.read", public_id=public_id))


@blueprint.get("/stop-writing")
@web.requires("inbox.answer")
def ask_whom() -> ResponseReturnValue:
    """Ask to whom, and why: for somebody who telephones and has never written to us."""
    return render_template("inbound/stop_by_hand.html", form=StopByHandForm())


@blueprint.post("/stop-writing")
@web.requires("inbox.answer")
def stop_by_hand() -> ResponseReturnValue:
    """Do it, for whichever zone's resident: they have asked, and it is their right."""
    form, config = StopByHandForm(), web.runtime().config
    form.fictional_allowed = config.sandboxed
    if not form.validate():
        return render_template("inbound/stop_by_hand.html", form=form), 422
    medium, value = form.typed()
    try:
        with transaction(web.session()) as session:
            now = clock.now()
            [address] = addresses.locked(session, [(medium, value)], address_key=config.address_key, now=now)
            ending.stop_writing_to(session, address, Because(form.because.data), by=signing_in.officer(), now=now)
    except ConflictError as error:
        flash(str(error), "error")
    else:
        flash("Done. We write to this number or mailbox no more.", "success")
    return redirect(url_for("inbound.list_conversations"), 303)


def _page(public_id: str, form: StopWritingForm) -> str:
    conversation = inbox.get(web.session(), public_id, scope=signing_in.scope())
    is_text = conversation.address.medium is Medium.SMS
    return render_template("inbound/stop_writing.html", conversation=conversation, form=form, is_text=is_text)
