"""Pages in which officers write, check, try out and send a broadcast."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, languages, web
from peoplelink.broadcasts import (
    checks,
    counting,
    draft_views,
    pages,
    progress_views,
    reading,
    services,
    steering_views,
)
from peoplelink.broadcasts.checks import Draft
from peoplelink.broadcasts.forms import BroadcastForm, times_of
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.db import transaction
from peoplelink.errors import ForbiddenError, InvalidInputError
from peoplelink.forms import may_be_gone_back_to
from peoplelink.officers import signing_in
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import zones

blueprint = Blueprint("broadcasts", __name__, url_prefix="/officer/broadcasts")
blueprint.register_blueprint(draft_views.blueprint)
blueprint.register_blueprint(progress_views.blueprint)
blueprint.register_blueprint(steering_views.blueprint)


@blueprint.get("")
@web.requires("broadcasts.read")
def index() -> ResponseReturnValue:
    """All broadcasts of the officer's zones, newest first."""
    page = max(request.args.get("page", 1, type=int), 1)
    found = reading.latest(web.session(), officer=signing_in.officer(), page=page)
    shown, more = found[: reading.PAGE], len(found) > reading.PAGE
    return render_template("broadcasts/index.html", broadcasts=shown, page=page, more=more)


@blueprint.get("/new")
@web.requires("broadcasts.write")
def new() -> ResponseReturnValue:
    """An empty form; with one zone to choose from, it is chosen."""
    form = _offered(web.session())
    choices = form.zones.choices
    form.zones.data = [choices[0].value] if len(choices) == 1 else []
    return _compose(form, None)


@blueprint.post("/new")
@web.requires("broadcasts.write")
def create() -> ResponseReturnValue:
    """Save a new draft."""
    form = _offered(web.session())
    if not form.validate():
        return _compose(form, None, status=422)
    with transaction(web.session()) as session:
        broadcast = services.create_draft(session, form.draft(), by=signing_in.officer(), now=clock.now())
    return _saved(broadcast)


@blueprint.post("/check")
@web.requires("broadcasts.write")
@web.limiter.limit("240/minute")
def check() -> ResponseReturnValue:
    """What is wrong with the words typed so far, what they cost and whom they reach: the panel beside the form."""
    form = _offered(web.session())
    # Counting may take seconds; the session of a POST would hold SQLite's write lock meanwhile.
    web.session().close()
    with web.runtime().database.read() as session:
        panel = _panel(session, form.draft(), wait=request.form.get("count") == "now")
    return render_template("broadcasts/_check.html", panel=panel, **_words())


@blueprint.get("/<public_id>/edit")
@web.requires("broadcasts.write")
def edit(public_id: str) -> ResponseReturnValue:
    """The form with what was saved."""
    broadcast = _found(public_id)
    if broadcast.status is not BroadcastStatus.DRAFT:
        return redirect(_address(broadcast))
    form = _offered(web.session(), _values(broadcast))
    return _compose(form, broadcast)


@blueprint.post("/<public_id>/edit")
@web.requires("broadcasts.write")
def save(public_id: str) -> ResponseReturnValue:
    """Save another edition. What was typed is shown again when somebody else saved meanwhile."""
    broadcast, form = _found(public_id), _offered(web.session())
    if not form.validate():
        return _compose(form, broadcast, status=422)
    edition, officer = form.edition.number, signing_in.officer()
    try:
        with transaction(web.session()) as session:
            services.edit(session, broadcast, form.draft(), by=officer, edition=edition, now=clock.now())
    except services.EditedMeanwhileError:
        return _compose(form, broadcast, status=409, edited_meanwhile=True)
    return _saved(broadcast)


@blueprint.get("/<public_id>/preview")
@web.requires("broadcasts.read")
def preview(public_id: str) -> ResponseReturnValue:
    """The messages as they arrive, who gets them, and what is still wrong."""
    broadcast, officer = _found(public_id), signing_in.officer()
    draft = checks.draft_of(broadcast)
    page = render_template(
        "broadcasts/preview.html",
        broadcast=broadcast,
        draft=draft,
        preview=pages.preview(draft, name=officer.name),
        panel=_panel(web.session(), draft, wait=request.args.get("count") == "now"),
        may_send=officer.allows("broadcasts.send", draft.zone_ids),
        may_write=officer.allows("broadcasts.write", draft.zone_ids),
        **_words(),
    )
    return _with_frame(page)


@blueprint.get("/<public_id>/preview/email")
@web.requires("broadcasts.read")
def preview_email(public_id: str) -> ResponseReturnValue:
    """The email as a page of its own, framed by the preview: styles within elements, and nothing that runs."""
    draft = checks.draft_of(_found(public_id))
    response = make_response(pages.email_page(draft, name=signing_in.officer().name))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
    )
    return response


@blueprint.post("/<public_id>/test")
@web.requires("broadcasts.write")
@web.limiter.limit("10/minute")
def test(public_id: str) -> ResponseReturnValue:
    """Send it to the officer's own mobile and mailbox."""
    broadcast, key = _found(public_id), web.runtime().config.address_key
    officer = signing_in.officer()
    with transaction(web.session()) as session:
        sent = services.test_send(session, broadcast, by=officer, address_key=key, now=clock.now())
    names = [pages.MEDIUM_WORDS[medium].lower() for medium in sent]
    if names:
        flash(f"A test is on its way to you: {languages.listed(names)}.")
    else:
        flash("No test was sent. Your account needs a mobile number for a test by text.")
    return redirect(url_for("broadcasts.preview", public_id=public_id))


@blueprint.get("/<public_id>/send")
@web.requires("broadcasts.send")
def confirm(public_id: str) -> ResponseReturnValue:
    """The last look before sending."""
    broadcast = _found(public_id)
    if broadcast.status is not BroadcastStatus.DRAFT:
        return redirect(_address(broadcast))
    draft = checks.draft_of(broadcast)
    _must_send_to(draft.zone_ids)
    panel = _panel(web.session(), draft, wait=True)
    if panel.blocked:
        return redirect(url_for("broadcasts.preview", public_id=public_id))
    return render_template("broadcasts/confirm.html", broadcast=broadcast, panel=panel, **_words())


@blueprint.post("/<public_id>/send")
@web.requires("broadcasts.send")
def send(public_id: str) -> ResponseReturnValue:
    """Send it. A second click finds it sent, and shows how it goes."""
    broadcast, edition = _found(public_id), request.form.get("edition", 0, type=int)
    officer = signing_in.officer()
    try:
        with transaction(web.session()) as session:
            if broadcast.status is BroadcastStatus.DRAFT:
                pages.refuse_if_blocked(session, checks.draft_of(broadcast), now=clock.now(), quiet=_quiet())
            services.send_now(session, broadcast, by=officer, edition=edition, now=clock.now())
    except services.NotADraftError:
        flash("This broadcast had been sent or scheduled already. It was not sent again.")
    except (services.EditedMeanwhileError, InvalidInputError) as err:
        flash(f"Not sent. {err}")
        return redirect(url_for("broadcasts.preview", public_id=public_id))
    return redirect(url_for("broadcasts.progress.show", public_id=public_id))


def _found(public_id: str) -> Broadcast:
    return reading.find(web.session(), public_id, officer=signing_in.officer())


def _must_send_to(zone_ids: tuple[int, ...]) -> None:
    if not signing_in.officer().allows("broadcasts.send", zone_ids):
        raise ForbiddenError("You may not send to all of these zones.")


def _offered(session: Session, values: Mapping[str, Any] | None = None) -> BroadcastForm:
    form = BroadcastForm(data=values)
    return form.offer(reading.zones_of(session, signing_in.officer()), zones.topics(session))


def _values(broadcast: Broadcast) -> dict[str, Any]:
    draft = checks.draft_of(broadcast)
    return {
        "title": draft.title,
        "zones": list(draft.zone_ids),
        "topics": list(draft.topic_ids),
        "sms": draft.sms,
        "subject": draft.subject,
        "email": draft.email,
        "edition": broadcast.edition,
        **times_of(draft),
    }


def _panel(session: Session, draft: Draft, *, wait: bool = False) -> pages.CheckPanel:
    """The check of a draft. A large audience is counted only for who waits for it, and kept for a while."""
    now, redis, large = clock.now(), web.runtime().redis, counting.is_large(session, draft.rule)
    reach = counting.kept(redis, draft) if large else None
    if reach is None and (wait or not large):
        reach = counting.reach(session, draft, now=now, quiet=_quiet())
        if large:
            counting.keep(redis, draft, reach)
    return pages.check_panel(draft, reach, now=now)


def _compose(
    form: BroadcastForm, broadcast: Broadcast | None, *, status: int = 200, edited_meanwhile: bool = False
) -> ResponseReturnValue:
    panel = _panel(web.session(), form.draft())
    page = render_template(
        "broadcasts/compose.html",
        form=form,
        broadcast=broadcast,
        panel=panel,
        edited_meanwhile=edited_meanwhile,
        **_words(),
    )
    return page if status == HTTPStatus.OK else may_be_gone_back_to(page, status)


def _saved(broadcast: Broadcast) -> ResponseReturnValue:
    if request.form.get("do") == "check":
        return redirect(url_for("broadcasts.preview", public_id=broadcast.public_id))
    flash("Saved as a draft. Nothing has been sent.")
    return redirect(url_for("broadcasts.edit", public_id=broadcast.public_id))


def _address(broadcast: Broadcast) -> str:
    return url_for("broadcasts.progress.show", public_id=broadcast.public_id)


def _quiet() -> Hours:
    return web.runtime().config.quiet_hours


def _words() -> dict[str, Any]:
    return {"medium_words": pages.MEDIUM_WORDS}


def _with_frame(page: str) -> Response:
    # The policy of every other page, and a frame of our own.
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data:; style-src 'self'; connect-src 'self'; form-action 'self'; "
        f"script-src 'self' 'nonce-{g.csp_nonce}'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response
