"""The page on which somebody asks us to send the request to confirm once more."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.forms import PlainForm
from peoplelink.languages import lazy_gettext as _l
from peoplelink.subscribers import asking_again, contacts, limits, robots
from peoplelink.subscribers.contacts import Contact
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.views import ASKED

blueprint = Blueprint("again", __name__, url_prefix="/join/again")


class AgainForm(PlainForm):
    """A number or a mailbox, and what tells a script from a person."""

    contact = StringField(_l("Your mobile number or email address"), widget=GovTextInput())
    homepage = StringField(_l("Leave this box empty"))
    opened = HiddenField()

    def validate_contact(self, _field: StringField) -> None:
        """A UK mobile or a mailbox."""
        try:
            self.typed()
        except InvalidInputError as err:
            raise ValidationError(str(err)) from err

    def typed(self) -> Contact:
        """Which it is, in its one spelling; raises InvalidInputError."""
        return contacts.read(self.contact.data or "", fictional_allowed=web.runtime().config.sandboxed)


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("subscribers/too_often.html"), 429)


@blueprint.get("")
@web.public
def again() -> ResponseReturnValue:
    """Ask to whom."""
    form = AgainForm()
    form.opened.data = _marks().make(0, now=clock.now())
    return render_template("subscribers/again.html", form=form)


@blueprint.post("")
@web.public
@web.limiter.limit(limits.ASK_AGAIN_PER_CLIENT, deduct_when=web.moved_on, on_breach=_too_many)
def again_post() -> ResponseReturnValue:
    """Send it again where one waits, and say the same whatever came of it."""
    form = AgainForm()
    if not form.validate():
        return render_template("subscribers/again.html", form=form), 422
    contact, config, now = form.typed(), web.runtime().config, clock.now()
    if not robots.looks_like_one(_marks().read(form.opened.data or ""), form.homepage.data or "", now=now):
        with transaction(web.session()) as session:
            links = Links.of(config)
            asking_again.ask_again(session, contact.medium, contact.value, links=links, now=now)
    cookie[ASKED] = [contact.medium.value]
    return redirect(url_for("subscribers.check", again=1), 303)


def _marks() -> robots.FormMarks:
    return robots.FormMarks(web.runtime().config.secret_keys)
