"""Pages for anybody: the privacy notice, with the periods that really hold, and the form for a complaint."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.ids import new_code
from peoplelink.languages import gettext as _
from peoplelink.rights import clocks, periods, requests
from peoplelink.rights.forms import ComplaintForm
from peoplelink.rights.models import RequestKind

blueprint = Blueprint("rights", __name__)

COMPLAINTS_PER_CLIENT = "5/hour"
"""For one client address: more than a person writes, and few enough to be read."""
_SENT = "complaint"  # in the cookie: the number of the complaint, nothing of what was written


def _too_many(_limit: RequestLimit) -> Response:
    form = ComplaintForm()
    said = _(
        "Several complaints have just come from where you are. Please try again in an hour, or reach us another way."
    )
    form.words.errors = [said]
    return make_response(render_template("rights/complain.html", form=form), 429)


@blueprint.get("/privacy")
@web.public
def privacy() -> ResponseReturnValue:
    """The privacy notice (UK GDPR articles 13 and 14)."""
    minimum_age = web.runtime().config.minimum_age
    return render_template("console/privacy.html", rules=periods.rules(web.session()), minimum_age=minimum_age)


@blueprint.get("/complain")
@web.public
def complain() -> ResponseReturnValue:
    """The form."""
    return render_template("rights/complain.html", form=ComplaintForm())


@blueprint.post("/complain")
@web.public
@web.limiter.limit(COMPLAINTS_PER_CLIENT, deduct_when=web.moved_on, on_breach=_too_many)
def complain_post() -> ResponseReturnValue:
    """Take it in. A script that fills in what people do not see is shown the same page, and nothing is kept."""
    form, config = ComplaintForm(), web.runtime().config
    form.fictional_allowed = config.sandboxed
    if not form.validate():
        return render_template("rights/complain.html", form=form), 422
    code = new_code()
    if not form.is_robot:
        with transaction(web.session()) as session:
            made = requests.complain(session, form.complaint, address_key=config.address_key, now=clock.now())
            code = made.code
    cookie[_SENT] = code
    return redirect(url_for("rights.complained"), 303)


@blueprint.get("/complain/sent")
@web.public
def complained() -> ResponseReturnValue:
    """Its number, and what happens next."""
    if _SENT not in cookie:
        return redirect(url_for("rights.complain"))
    due_at = clocks.due(RequestKind.COMPLAINT, clock.now())
    return render_template("rights/complained.html", code=cookie[_SENT], due_at=due_at)
