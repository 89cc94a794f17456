"""Pages where residents join, confirm and leave: without JavaScript, and with nothing personal in a URL."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from sqlalchemy.orm import Session

from peoplelink import clock, keys, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.languages import gettext, lazy_gettext
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import confirming, consent, limits, postcode_data, robots, services, signup, zones
from peoplelink.subscribers.forms import JoinForm
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, SignUp, SignUpSource, Subscriber
from peoplelink.subscribers.seed import WEB_FORM

blueprint = Blueprint("subscribers", __name__)

ASKED = "asked"  # in the cookie: the media that were typed in, nothing else
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_BROKEN = lazy_gettext(
    "This link is not complete, or has run out. Copy the whole link from the newest message we sent you."
)


def _links() -> Links:
    config = web.runtime().config
    return Links.of(config)


# Joining


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("subscribers/too_many.html"), 429)


@blueprint.get("/join")
@web.public
def join() -> ResponseReturnValue:
    """The form. `?zone=new-parks` ticks a zone."""
    session = web.session()
    form = empty_form(session)
    form.zones.data = request.args.getlist("zone")
    wording = consent.wording(session, WEB_FORM)
    form.opened.data = robots.FormMarks(web.runtime().config.secret_keys).make(wording.id, now=clock.now())
    return _form_page(session, form)


@blueprint.post("/join")
@web.public
@web.limiter.limit(
    limits.SIGN_UPS_PER_CLIENT, deduct_when=web.moved_on, exempt_when=web.is_rehearsal, on_breach=_too_many
)
def join_post() -> ResponseReturnValue:
    """Ask the addresses to confirm, and say the same whatever came of it: a page must not tell who is a member."""
    with transaction(web.session()) as session:
        form = empty_form(session)
        if not form.validate() or not sign_up(session, form):
            return _form_page(session, form), 422
    cookie[ASKED] = [medium.value for medium, value in typed(form) if value]
    return redirect(url_for("subscribers.check"), 303)


@blueprint.get("/join/check")
@web.public
def check() -> ResponseReturnValue:
    """What to do next; says what was asked for, not that it was sent."""
    asked = cookie.get(ASKED)
    if not asked:
        return redirect(url_for("subscribers.join"))
    return render_template("subscribers/check.html", asked=asked, again="again" in request.args)


def empty_form(session: Session, **options: Any) -> JoinForm:
    """The form with what is on offer; `options` go to WTForms."""
    config = web.runtime().config
    form = JoinForm(**options).offer(zones.active(session), zones.topics(session))
    form.ask_age(config.minimum_age)
    form.fictional_allowed = config.sandboxed
    return form


def _form_page(session: Session, form: JoinForm) -> str:
    return render_template(
        "subscribers/join.html",
        form=form,
        zones=zones.active(session),
        wording=shown_on(session, form),
        attribution=postcode_data.ATTRIBUTION,
    )


def shown_on(session: Session, form: JoinForm) -> ConsentWording:
    """The wording that a form's hidden mark names: with errors on it, it keeps the words that will be recorded."""
    opening = robots.FormMarks(web.runtime().config.secret_keys).read(form.opened.data or "")
    return consent.agreed(session, WEB_FORM, opening.wording_id) if opening else consent.wording(session, WEB_FORM)


def typed(form: JoinForm) -> tuple[tuple[Medium, str | None], ...]:
    return (Medium.SMS, form.mobile_number()), (Medium.EMAIL, form.mailbox())


def sign_up(session: Session, form: JoinForm, *, name: str = "join") -> bool:
    """Ask for confirmation; False, with the reason on the form, when no more texts may be sent today."""
    now = clock.now()
    config = web.runtime().config
    opening = robots.FormMarks(config.secret_keys).read(form.opened.data or "")
    if opening is None or robots.looks_like_one(opening, form.homepage.data or "", now=now):
        signup.note_robot(session, now=now)
        return True
    wanted = signup.SignUpRequest(
        source=SignUpSource.WEB,
        zones=form.chosen_zones(zones.active(session)),
        topics=form.chosen_topics(zones.topics(session)),
        wording=consent.agreed(session, WEB_FORM, opening.wording_id),
        mobile=form.mobile_number(),
        email=form.mailbox(),
        name=form.name.data,
        old_enough=bool(form.old_enough.data),
        evidence={"form": name},
    )
    try:
        signup.sign_up(session, wanted, links=_links(), address_key=config.address_key, now=now)
    except signup.TooManyTodayError as err:
        by_text = gettext("Or join by text: see below the form") if config.reply_number else ""
        form.mobile.errors = [f"{err} {by_text}".strip()]
        return False
    return True


# Confirming


def _asked_by(session: Session, token: str) -> tuple[SignUp, Address]:
    try:
        return confirming.asked_by(session, *_links().read_confirm(token))
    except keys.BadTokenError as err:
        raise NotFoundError(_BROKEN) from err


def _problem(message: str, *, leaving: bool = False) -> ResponseReturnValue:
    return render_template("subscribers/link_problem.html", message=message, leaving=leaving), 404


@blueprint.get("/confirm/<token>")
@web.public
def confirm(token: str) -> ResponseReturnValue:
    """Show the button; changes nothing, since mail scanners open every link."""
    session = web.session()
    try:
        sign_up, address = _asked_by(session, token)
        resident = confirming.standing(session, sign_up, address, now=clock.now())
    except (NotFoundError, InvalidInputError) as err:
        return _problem(str(err))
    page = "subscribers/confirmed.html" if resident else "subscribers/confirm.html"
    chosen = signup.chosen_zones(session, sign_up)
    return render_template(page, token=token, zones=zones.named(chosen), medium=address.medium.value)


@blueprint.post("/confirm/<token>")
@web.public
def confirm_post(token: str) -> ResponseReturnValue:
    """Make the reader a resident."""
    try:
        with transaction(web.session()) as session:
            sign_up, address = _asked_by(session, token)
            resident = confirming.confirm(session, sign_up, address, how="link", evidence={}, now=clock.now())
            if sign_up.is_change:
                _recheck(session, resident)
    except (NotFoundError, InvalidInputError) as err:
        return _problem(str(err))
    return redirect(url_for("subscribers.confirm", token=token), 303)


def _recheck(session: Session, resident: Subscriber) -> None:
    """What waits for an address that they have given up is not sent there any more."""
    parts, ids = web.runtime(), [link.address_id for link in resident.addresses]
    for narrowed in parts.listeners.narrowed:
        narrowed(session, ids, now=clock.now(), quiet=parts.config.quiet_hours)


# Leaving


def _leaver(session: Session, token: str) -> Address:
    try:
        return services.address_of(session, _links().read_leave(token))
    except keys.BadTokenError as err:
        raise NotFoundError(_BROKEN) from err


@blueprint.get("/leave/<token>")
@web.public
def leave(token: str) -> ResponseReturnValue:
    """Show the button, or that it has been pressed; changes nothing, since mail scanners open every link."""
    try:
        address = _leaver(web.session(), token)
    except NotFoundError:
        return _problem(_BROKEN, leaving=True)
    page = "subscribers/left.html" if services.has_left(web.session(), address) else "subscribers/leave.html"
    return render_template(page, token=token, address=address)


# RFC 8058: the mail program's own button posts "List-Unsubscribe=One-Click" without cookies, so there can be no token
# against forged requests. None is needed: the signed link itself is the proof, and to leave twice changes nothing. Mail
# hosts post for many people from one client address: no limit either, the signature is checked before anything else.
@blueprint.post("/leave/<token>")
@web.public
@web.csrf.exempt
@web.limiter.exempt
def leave_post(token: str) -> ResponseReturnValue:
    """Stop writing to an address at once; answers 200 without a redirect, as the mail hosts want it."""
    name, value = _ONE_CLICK
    how = "one-click" if request.form.get(name) == value else "link"
    try:
        with transaction(web.session()) as session:
            address = _leaver(session, token)
            services.stop_address(
                session,
                address,
                reason=SuppressionReason.UNSUBSCRIBED,
                how=how,
                source=how,
                evidence={},
                now=clock.now(),
            )
    except NotFoundError:
        return _problem(_BROKEN, leaving=True)
    return render_template("subscribers/left.html", address=address)
