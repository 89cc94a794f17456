"""The form for a frame on a partner's website: compact, without scripts, and without a cookie.

Browsers keep cookies from a page in another site's frame, so no token against forged requests can hang on one. None is
needed: nobody is signed in here and nothing is done in anybody's name, the form only asks an address to confirm, and
every such form carries a mark that we signed a short while ago.
"""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from sqlalchemy.orm import Session

from peoplelink import clock, languages, web
from peoplelink.channels.messages import Medium
from peoplelink.db import transaction
from peoplelink.languages import gettext as _
from peoplelink.subscribers import consent, limits, partners, robots, zones
from peoplelink.subscribers.forms import JoinForm
from peoplelink.subscribers.seed import WEB_FORM
from peoplelink.subscribers.views import empty_form, shown_on, sign_up, typed

blueprint = Blueprint("embed", __name__, url_prefix="/embed/join")

_OPEN_FOR = 12 * 3600
"""Seconds that a form may stand open: copies of our mark are of no use the next day."""


@blueprint.before_request
def _who_may_show_it() -> None:
    g.framed_by = partners.origins(web.session())


@blueprint.after_request
def _let_partners_show_it(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = web.content_policy(framed_by=g.get("framed_by", ()))
    return response


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("embed/too_many.html"), 429)


@blueprint.get("")
@web.public
def join() -> ResponseReturnValue:
    """The form. `?zone=new-parks` ticks a zone."""
    session = web.session()
    form = empty_form(session, meta={"csrf": False})
    form.zones.data = request.args.getlist("zone")
    return _page(session, form)


# No token: see the head of this module.
@blueprint.post("")
@web.public
@web.csrf.exempt
@web.limiter.limit(limits.SIGN_UPS_PER_CLIENT, deduct_when=web.moved_on, on_breach=_too_many)
def join_post() -> ResponseReturnValue:
    """Ask the addresses to confirm, and say the same whatever came of it."""
    with transaction(web.session()) as session:
        form = empty_form(session, meta={"csrf": False})
        if not form.validate() or _stale(form) or not sign_up(session, form, name="embed"):
            return _page(session, form), 422
    asked = [medium.value for medium, value in typed(form) if value]
    return redirect(url_for("embed.check", by=asked, lang=languages.current().code), 303)


@blueprint.get("/check")
@web.public
def check() -> ResponseReturnValue:
    """What to do next. Which media were typed in stands in the address, since there is no cookie to keep it."""
    asked = {medium.value for medium in Medium} & set(request.args.getlist("by"))
    return render_template("embed/check.html", asked=asked) if asked else redirect(url_for("embed.join"))


def _page(session: Session, form: JoinForm) -> str:
    if _marks().read(form.opened.data or "") is None:
        form.opened.data = _marks().make(consent.wording(session, WEB_FORM).id, now=clock.now())
    return render_template("embed/join.html", form=form, zones=zones.active(session), wording=shown_on(session, form))


def _stale(form: JoinForm) -> bool:
    """Whether the form was opened too long ago, or not by us; it is shown again with a new mark."""
    opening = _marks().read(form.opened.data or "")
    if opening is not None and clock.now().timestamp() - opening.at <= _OPEN_FOR:
        return False
    form.opened.data = ""
    form.zones.errors = [_("This form has been open for a long time. Press Join once more")]
    return True


def _marks() -> robots.FormMarks:
    return robots.FormMarks(web.runtime().config.secret_keys)
