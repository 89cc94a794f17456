"""Pages where officers sign in, sign out, and change their own password."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from flask_login import current_user

from peoplelink import clock, keys, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.officers import services, signing_in
from peoplelink.officers.forms import PasswordForm, SignInForm

blueprint = Blueprint("officers", __name__, url_prefix="/officer")

ATTEMPTS = "10/15 minutes"
"""Wrong passwords, by client and by account; a right one does not count."""


def _account_key() -> str:
    # The limiter's keys lie in Redis: a keyed hash there, not a mailbox.
    email = request.form.get("email", "").strip().lower()
    return keys.address_hash(web.runtime().config.secret_key, "sign-in", email)


def _went_wrong(response: Response) -> bool:
    return response.status_code >= 400  # noqa: PLR2004


def _too_many(_limit: RequestLimit) -> Response:
    page = render_template("officers/sign_in.html", form=SignInForm(), wait=True, next=_next())
    return make_response(page, 429)


def _next() -> str:
    return signing_in.safe_next(request.values.get("next"))


@blueprint.get("/sign-in")
@web.public
def sign_in() -> ResponseReturnValue:
    """Ask who it is."""
    return render_template("officers/sign_in.html", form=SignInForm(), next=_next())


@blueprint.post("/sign-in")
@web.public
@web.limiter.limit(ATTEMPTS, deduct_when=_went_wrong, on_breach=_too_many)
@web.limiter.limit(ATTEMPTS, key_func=_account_key, deduct_when=_went_wrong, on_breach=_too_many)
def sign_in_post() -> ResponseReturnValue:
    """Let an officer in, or say that email and password do not go together (never which of them is wrong)."""
    form = SignInForm()
    if not form.validate():
        return render_template("officers/sign_in.html", form=form, next=_next()), 422
    with transaction(web.session()) as session:
        officer = services.authenticate(session, form.email.data or "", form.password.data or "", now=clock.now())
    if officer is None:
        form.password.errors = ["Your email address or password is not right. Try again"]
        return render_template("officers/sign_in.html", form=form, next=_next()), 422
    signing_in.begin(officer)
    return redirect(_next())


@blueprint.post("/sign-out")
@web.public
def sign_out() -> ResponseReturnValue:
    """End the session, and every other of this officer: a cookie that somebody copied ends with it. Harmless twice."""
    if current_user.is_authenticated:
        with transaction(web.session()):
            services.end_sessions(signing_in.officer())
    signing_in.end()
    flash("You are signed out.", "success")
    return redirect(url_for("officers.sign_in"))


@blueprint.get("/password")
@web.requires("broadcasts.read")
def password() -> ResponseReturnValue:
    """Ask for a new password. Every role may read broadcasts, so every officer may open this."""
    return render_template("officers/password.html", form=PasswordForm())


@blueprint.post("/password")
@web.requires("broadcasts.read")
@web.limiter.limit(ATTEMPTS, deduct_when=_went_wrong)
def password_post() -> ResponseReturnValue:
    """Change one's own password; sessions on other devices end."""
    form = PasswordForm()
    if not form.validate():
        return render_template("officers/password.html", form=form), 422
    officer = signing_in.officer()
    try:
        with transaction(web.session()) as session:
            services.change_password(
                session, officer, present=form.present.data or "", new=form.new.data or "", now=clock.now()
            )
    except services.WrongPasswordError as err:
        form.present.errors = [str(err)]
    except InvalidInputError as err:
        form.new.errors = [str(err)]
    else:
        signing_in.renew(officer)
        flash("Your password is changed. Other devices are signed out.", "success")
        return redirect(signing_in.HOME)
    return render_template("officers/password.html", form=form), 422
