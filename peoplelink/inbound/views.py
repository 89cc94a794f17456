"""The officers' inbox: lists, a conversation, what is done with it, and files that came with messages."""

from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.utils import secure_filename

from peoplelink import audit, clock, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.inbound import answering, inbox, services, unplaced
from peoplelink.inbound.forms import AnswerForm
from peoplelink.inbound.keeping import BELL
from peoplelink.inbound.models import Conversation
from peoplelink.inbound.thread import thread
from peoplelink.inbound.unplaced_views import DOWNLOAD_POLICY
from peoplelink.inbound.unplaced_views import blueprint as unplaced_blueprint
from peoplelink.officers import signing_in
from peoplelink.outbound.states import REASON_WORDS
from peoplelink.subscribers import services as residents
from peoplelink.subscribers import zones as zone_services
from peoplelink.subscribers.models import Zone

blueprint = Blueprint("inbound", __name__, url_prefix="/officer")
blueprint.register_blueprint(unplaced_blueprint)

TAB_WORDS = {
    inbox.Tab.NEW: "New",
    inbox.Tab.MINE: "Mine",
    inbox.Tab.OPEN: "All not done",
    inbox.Tab.DONE: "Done",
}


@blueprint.get("/inbox")
@web.requires("inbox.read")
def list_conversations() -> ResponseReturnValue:
    """A list of conversations: new, mine, all that are not done, or done."""
    session, scope, officer = web.session(), _scope(), signing_in.officer()
    tab = _tab()
    zone = _zone(session, request.args.get("zone", ""))
    page = inbox.page(
        session,
        scope=scope,
        officer=officer,
        tab=tab,
        zone_id=zone.id if zone else None,
        after=request.args.get("after"),
    )
    _audit_read("inbox.listed", "inbox", tab.value, count=len(page.entries))
    return render_template(
        "inbound/inbox.html",
        page=page,
        tab=tab,
        tab_words=TAB_WORDS,
        counts=inbox.counts(session, scope=scope, officer=officer),
        zones=_zones(session),
        zone=zone,
    )


@blueprint.get("/conversations/<public_id>")
@web.requires("inbox.read")
def read(public_id: str) -> ResponseReturnValue:
    """One conversation."""
    conversation = inbox.get(web.session(), public_id, scope=_scope())
    _audit_read("conversation.read", "conversation", public_id)
    form = AnswerForm(seen=str(answering.latest_answer_id(web.session(), conversation)))
    return _show(conversation, form)


@blueprint.post("/conversations/<public_id>/answer")
@web.requires("inbox.answer")
def answer(public_id: str) -> ResponseReturnValue:
    """Send an answer."""
    form = AnswerForm()
    if not form.validate():
        return _not_answered(public_id, form, "Write your answer again")
    try:
        with transaction(web.session()) as session:
            answering.answer(
                session,
                inbox.get(session, public_id, scope=_scope(), lock=True),
                form.text.data or "",
                by=signing_in.officer(),
                seen_answer_id=form.seen_answer_id,
                advice_taken=bool(form.advice.data),
                now=clock.now(),
            )
    except answering.AdviceNeededError as error:
        return _not_answered(public_id, form, str(error), advice=True)
    except (answering.SuppressedError, answering.AnsweredMeanwhileError, InvalidInputError) as error:
        return _not_answered(public_id, form, str(error))
    flash("Your answer is on its way.", "success")
    return redirect(url_for("inbound.read", public_id=public_id))


@blueprint.post("/conversations/cost")
@web.requires("inbox.answer")
def cost() -> ResponseReturnValue:
    """How many parts a text will be sent in, as a fragment while it is written."""
    return render_template("inbound/cost.html", cost=answering.cost(request.form.get("text", "")))


@blueprint.post("/conversations/<public_id>/take")
@web.requires("inbox.answer")
def take(public_id: str) -> ResponseReturnValue:
    """Take a conversation that nobody has."""
    with transaction(web.session()) as session:
        services.take(session, _held(session, public_id), by=signing_in.officer(), now=clock.now())
    return _back(public_id, "This conversation is yours.")


@blueprint.post("/conversations/<public_id>/hand-over")
@web.requires("inbox.answer")
def hand_over(public_id: str) -> ResponseReturnValue:
    """Give a conversation to a colleague."""
    with transaction(web.session()) as session:
        conversation = _held(session, public_id)
        wanted = request.form.get("to", "")
        to = next((one for one in services.colleagues(session, conversation) if one.public_id == wanted), None)
        if to is None:
            raise InvalidInputError("Choose a colleague who may read conversations of this zone.")
        services.hand_over(session, conversation, to=to, by=signing_in.officer(), now=clock.now())
        name = to.name
    return _back(public_id, f"Handed over to {name}.")


@blueprint.post("/conversations/<public_id>/done")
@web.requires("inbox.answer")
def finish(public_id: str) -> ResponseReturnValue:
    """Nothing more is to be done."""
    with transaction(web.session()) as session:
        services.finish(session, _held(session, public_id), by=signing_in.officer(), now=clock.now())
    flash("Marked as done.", "success")
    return redirect(url_for("inbound.list_conversations"))


@blueprint.post("/conversations/<public_id>/reopen")
@web.requires("inbox.answer")
def reopen(public_id: str) -> ResponseReturnValue:
    """Something is to be done after all."""
    with transaction(web.session()) as session:
        services.reopen(session, _held(session, public_id), by=signing_in.officer(), now=clock.now())
    return _back(public_id, "Open again, and yours.")


@blueprint.post("/conversations/<public_id>/about")
@web.requires("inbox.answer")
def about(public_id: str) -> ResponseReturnValue:
    """Say which of our messages it is about, and which zone."""
    with transaction(web.session()) as session:
        conversation, by, now = _held(session, public_id), signing_in.officer(), clock.now()
        services.link(session, conversation, request.form.get("broadcast", ""), by=by, now=now)
        zone = _zone(session, request.form.get("zone", ""))
        # Moving it out of their own sight is not an officer's to do: only one of all zones may leave it without any.
        if zone is None and _scope() is not None:
            raise InvalidInputError("Choose one of your zones.")
        services.place_in_zone(session, conversation, zone, by=by, now=now)
    return _back(public_id, "Changed what this conversation is about.")


@blueprint.get("/attachments/<public_id>")
@web.requires("inbox.read")
def download(public_id: str) -> ResponseReturnValue:
    """A file that came with a message: always saved, never shown."""
    attachment = inbox.attachment(web.session(), public_id, scope=_scope())
    _audit_read("attachment.read", "attachment", public_id)
    name = secure_filename(attachment.filename) or "file"
    response: Response = send_file(
        BytesIO(attachment.content or b""), "application/octet-stream", as_attachment=True, download_name=name
    )
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response


@blueprint.get("/unplaced")
@web.requires("inbox.read")
def list_unplaced() -> ResponseReturnValue:
    """What providers sent that we could not place, and automatic mails."""
    session, scope = web.session(), _scope()
    mails = unplaced.automatic_mails(session, scope=scope)
    _audit_read("unplaced.listed", "inbox", "unplaced", count=len(mails))
    waiting = unplaced.requests(session, scope=scope)
    return render_template("inbound/unplaced.html", waiting=waiting, mails=mails, limited=scope is not None)


@blueprint.post("/unplaced/<public_id>/dealt-with")
@web.requires("inbox.answer")
def deal_with(public_id: str) -> ResponseReturnValue:
    """Take a request off the list."""
    with transaction(web.session()) as session:
        unplaced.deal_with(session, public_id, scope=_scope(), by=signing_in.officer(), now=clock.now())
    flash("Taken off the list.", "success")
    return redirect(url_for("inbound.list_unplaced"))


@blueprint.post("/unplaced/<public_id>/try-again")
@web.requires("inbox.answer")
def try_again(public_id: str) -> ResponseReturnValue:
    """Read a request once more."""
    with transaction(web.session()) as session:
        unplaced.try_again(session, public_id, scope=_scope(), by=signing_in.officer(), now=clock.now(), bell=BELL)
    flash("We are trying it again. Look at this page in a minute.", "success")
    return redirect(url_for("inbound.list_unplaced"))


def _show(conversation: Conversation, form: AnswerForm, *, advice: bool = False) -> str:
    session, scope = web.session(), _scope()
    is_text = conversation.address.medium is Medium.SMS
    return render_template(
        "inbound/conversation.html",
        conversation=conversation,
        thread=thread(session, conversation),
        form=form,
        advice=advice,
        why_not=answering.why_not(session, conversation),
        cost=answering.cost(form.text.data or "") if is_text else None,
        is_text=is_text,
        linkable=services.linkable(session, conversation, by=signing_in.officer()),
        colleagues=services.colleagues(session, conversation),
        zones=_zones(session),
        all_zones=scope is None,
        reason_words=REASON_WORDS,
        officer=signing_in.officer(),
        lived=bool(residents.latest_at(session, conversation.address)),
    )


def _not_answered(public_id: str, form: AnswerForm, problem: str, *, advice: bool = False) -> ResponseReturnValue:
    """The page again with what was written kept, and what a colleague wrote meanwhile on it."""
    conversation = inbox.get(web.session(), public_id, scope=_scope())
    form.text.errors = [problem]
    form.seen.data = str(answering.latest_answer_id(web.session(), conversation))
    return _show(conversation, form, advice=advice), 422


def _held(session: Session, public_id: str) -> Conversation:
    return inbox.get(session, public_id, scope=_scope(), lock=True)


def _back(public_id: str, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("inbound.read", public_id=public_id))


def _scope() -> inbox.Scope:
    return signing_in.scope()


def _zones(session: Session) -> list[Zone]:
    """The zones the officer may see, by name."""
    scope = _scope()
    return [zone for zone in zone_services.active(session) if scope is None or zone.id in scope]


def _zone(session: Session, slug: str) -> Zone | None:
    return next((zone for zone in _zones(session) if zone.slug == slug), None)


def _tab() -> inbox.Tab:
    wanted = request.args.get("tab", "")
    return inbox.Tab(wanted) if wanted in set(inbox.Tab) else inbox.Tab.NEW


def _audit_read(action: str, kind: str, subject: str, **detail: int) -> None:
    """Reads of personal data are in the audit log: a short write of its own, since the page only reads."""
    actor = signing_in.officer().actor
    with web.runtime().database.transaction() as session:
        audit.record(session, action, actor=actor, subject_kind=kind, subject_id=subject, now=clock.now(), **detail)
