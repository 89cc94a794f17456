"""The page that sends a resident the link to their own; it tells nobody whether an address is known."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.preferences.forms import AskForm
from peoplelink.subscribers import preference_links
from peoplelink.subscribers.links import Links

blueprint = Blueprint("preference_links", __name__)

_ASKED = "asked-for-link"  # in the cookie: the medium that was typed in, nothing else


def links() -> Links:
    """Makes and reads the links of this installation."""
    config = web.runtime().config
    return Links.of(config)


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("preferences/too_many.html"), 429)


@blueprint.get("/preferences")
@web.public
def ask() -> ResponseReturnValue:
    """The form: a number or a mailbox."""
    return render_template("preferences/ask.html", form=AskForm())


@blueprint.post("/preferences")
@web.public
@web.limiter.limit(
    preference_links.ASKED_PER_CLIENT, deduct_when=web.moved_on, exempt_when=web.is_rehearsal, on_breach=_too_many
)
def ask_post() -> ResponseReturnValue:
    """Send the link where somebody lives, and say the same wherever nobody does."""
    form = AskForm()
    form.fictional_allowed = web.runtime().config.sandboxed
    if not form.validate() or not _send(form):
        return render_template("preferences/ask.html", form=form), 422
    cookie[_ASKED] = form.typed[0].value
    return redirect(url_for("preference_links.check"), 303)


@blueprint.get("/preferences/check")
@web.public
def check() -> ResponseReturnValue:
    """What to do next; says what was asked for, not that it was sent."""
    asked = cookie.get(_ASKED)
    if not asked:
        return redirect(url_for("preference_links.ask"))
    return render_template("preferences/check.html", by_text=asked == "sms")


def _send(form: AskForm) -> bool:
    medium, value = form.typed
    key = web.runtime().config.address_key
    try:
        with transaction(web.session()) as session:
            preference_links.ask(session, medium, value, links=links(), address_key=key, now=clock.now())
    except preference_links.TooManyLinksError as err:
        form.address.errors = [str(err)]
        return False
    return True
