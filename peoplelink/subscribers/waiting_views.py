"""Pages where a resident finds their zone by postcode, or asks to be told when there is one.

A postcode is in no address of a page: it is posted, and of one in no zone the sector goes into the reader's own cookie.
"""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from sqlalchemy.orm import Session

from peoplelink import clock, keys, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.errors import NotFoundError
from peoplelink.languages import gettext as _
from peoplelink.subscribers import areas, consent, limits, postcode_data, robots, signup, waiting, zones
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.seed import WAITING_FORM
from peoplelink.subscribers.waiting_forms import PostcodeForm, WaitForm

blueprint = Blueprint("waiting", __name__)

_SECTOR, _ASKED = "sector", "asked to wait"  # in the cookie: never a whole postcode, never a number


def _links() -> Links:
    config = web.runtime().config
    return Links.of(config)


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("subscribers/too_many.html"), 429)


# Which zone is mine


@blueprint.get("/join/postcode")
@web.public
def find() -> ResponseReturnValue:
    """The form by itself; it also stands on the page to join."""
    return _find_page(PostcodeForm())


@blueprint.post("/join/postcode")
@web.public
@web.limiter.limit(limits.POSTCODES_PER_CLIENT, exempt_when=web.is_rehearsal, on_breach=_too_many)
def find_post() -> ResponseReturnValue:
    """Tick the zone on the page to join, or offer to wait for one."""
    form = PostcodeForm()
    if not form.validate() or form.typed is None:
        return _find_page(form), 422
    found = areas.covering(web.session(), form.typed)
    if not found:
        cookie[_SECTOR] = form.typed.sector
        return redirect(url_for("waiting.not_yet"), 303)
    flash(_("Your postcode is in %(zones)s. We have ticked it for you.", zones=zones.named(found)))
    return redirect(url_for("subscribers.join", zone=[zone.slug for zone in found]), 303)


def _find_page(form: PostcodeForm) -> str:
    return render_template("subscribers/find_zone.html", form=form, attribution=postcode_data.ATTRIBUTION)


# Not yet in your area


@blueprint.get("/join/not-yet")
@web.public
def not_yet() -> ResponseReturnValue:
    """Say that there is no zone, and offer to tell the reader when there is."""
    if _SECTOR not in cookie:
        return redirect(url_for("waiting.find"))
    session = web.session()
    form = _wait_form()
    marks = robots.FormMarks(web.runtime().config.secret_keys)
    form.opened.data = marks.make(consent.wording(session, WAITING_FORM).id, now=clock.now())
    return _wait_page(session, form)


@blueprint.post("/join/not-yet")
@web.public
@web.limiter.limit(
    limits.SIGN_UPS_PER_CLIENT, deduct_when=web.moved_on, exempt_when=web.is_rehearsal, on_breach=_too_many
)
def not_yet_post() -> ResponseReturnValue:
    """Ask the addresses to confirm, and say the same whatever came of it: a page must not tell who is known to us."""
    if _SECTOR not in cookie:
        return redirect(url_for("waiting.find"), 303)
    with transaction(web.session()) as session:
        form = _wait_form()
        if not form.validate() or not _ask(session, form):
            return _wait_page(session, form), 422
    cookie[_ASKED] = [medium.value for medium, typed in _typed(form) if typed]
    return redirect(url_for("waiting.check"), 303)


@blueprint.get("/join/not-yet/check")
@web.public
def check() -> ResponseReturnValue:
    """What to do next; says what was asked for, not that it was sent."""
    asked = cookie.get(_ASKED)
    return render_template("subscribers/wait_check.html", asked=asked) if asked else redirect(url_for("waiting.find"))


def _wait_form() -> WaitForm:
    form = WaitForm()
    form.ask_age(web.runtime().config.minimum_age)
    form.fictional_allowed = web.runtime().config.sandboxed
    return form


def _wait_page(session: Session, form: WaitForm) -> str:
    return render_template(
        "subscribers/not_yet.html",
        form=form,
        sector=cookie[_SECTOR],
        zones=zones.active(session),
        wording=consent.wording(session, WAITING_FORM),
    )


def _typed(form: WaitForm) -> tuple[tuple[Medium, str | None], ...]:
    return (Medium.SMS, form.mobile_number()), (Medium.EMAIL, form.mailbox())


def _ask(session: Session, form: WaitForm) -> bool:
    """Ask for confirmation; False, with the reason on the form, when no more texts may be sent today."""
    now, config = clock.now(), web.runtime().config
    opening = robots.FormMarks(config.secret_keys).read(form.opened.data or "")
    if opening is None or robots.looks_like_one(opening, form.homepage.data or "", now=now):
        signup.note_robot(session, now=now)
        return True
    wanted = waiting.WaitRequest(
        sector=cookie[_SECTOR],
        wording=consent.agreed(session, WAITING_FORM, opening.wording_id),
        mobile=form.mobile_number(),
        email=form.mailbox(),
    )
    try:
        waiting.ask(session, wanted, links=_links(), address_key=config.address_key, now=now)
    except signup.TooManyTodayError as err:
        form.mobile.errors = [str(err)]
        return False
    return True


# Confirming


@blueprint.get("/wait/<token>")
@web.public
def confirm(token: str) -> ResponseReturnValue:
    """Show the button; changes nothing, since mail scanners open every link."""
    try:
        row = _of(web.session(), token)
    except NotFoundError as err:
        return _problem(err)
    page = "subscribers/wait_confirmed.html" if row.confirmed_at else "subscribers/wait_confirm.html"
    return render_template(page, token=token, sector=row.sector)


@blueprint.post("/wait/<token>")
@web.public
def confirm_post(token: str) -> ResponseReturnValue:
    """Put the reader on the list."""
    try:
        with transaction(web.session()) as session:
            waiting.confirm(session, _of(session, token), how="link", now=clock.now())
    except NotFoundError as err:
        return _problem(err)
    return redirect(url_for("waiting.confirm", token=token), 303)


def _of(session: Session, token: str) -> Waiting:
    try:
        return waiting.of_link(session, _links().read_wait(token), now=clock.now())
    except keys.BadTokenError as err:
        raise NotFoundError(str(waiting.GONE)) from err


def _problem(err: NotFoundError) -> ResponseReturnValue:
    return render_template("subscribers/link_problem.html", message=str(err)), 404
