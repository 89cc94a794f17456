"""Pages where officers sign in, sign out, and change their own password."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from flask_login import current_user

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.officers import devices, limits, permissions, services, signing_in
from peoplelink.officers.forms import PasswordForm, SignInForm

blueprint = Blueprint("officers", __name__, url_prefix="/officer")


def _email() -> str:
    # As the form takes it: what the form leaves out must not make another account of it.
    return services.as_kept(SignInForm().email.data or "")


def _account() -> str:
    return devices.account(web.runtime().config.secret_key, _email())


def _account_and_network() -> str:
    return f"{_account()} {web.client_network()}"


def _is_known() -> bool:
    return devices.known(_email()) is not None


def _is_unknown() -> bool:
    return not _is_known()


def _device() -> str:
    device = devices.known(_email())
    return device.public_id if device else ""


def _wrong_password(_response: Response) -> bool:
    return bool(g.get("wrong_password"))


def _tries(limit: str, key: Callable[[], str], exempt_when: Callable[[], bool]) -> Any:
    # A right password does not count.
    return web.limiter.limit(
        limit, key_func=key, exempt_when=exempt_when, deduct_when=_wrong_password, on_breach=_too_many
    )


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
@_tries(limits.TRIES, _device, exempt_when=_is_unknown)
@_tries(limits.TRIES, _account_and_network, exempt_when=_is_known)
@_tries(limits.TRIES_PER_NETWORK, web.client_network, exempt_when=_is_known)
@_tries(limits.TRIES_PER_ACCOUNT, _account, exempt_when=_is_known)
def sign_in_post() -> ResponseReturnValue:
    """Let an officer in, or say that email and password do not go together (never which of them is wrong)."""
    form = SignInForm()
    if not form.validate():
        return render_template("officers/sign_in.html", form=form, next=_next()), 422
    with transaction(web.session()) as session:
        officer = services.authenticate(session, form.email.data or "", form.password.data or "", now=clock.now())
    if officer is None:
        g.wrong_password = True
        form.password.errors = ["Your email address or password is not right. Try again"]
        return render_template("officers/sign_in.html", form=form, next=_next()), 422
    signing_in.begin(officer)
    answer = make_response(redirect(_next()))
    devices.remember(answer, officer.email)
    return answer


@blueprint.post("/sign-out")
@web.public
def sign_out() -> ResponseReturnValue:
    """End the session, and every other of this officer: a cookie that somebody copied ends with it. Harmless twice."""
    if current_user.is_authenticated:
        with transaction(web.session()) as session:
            services.sign_out(session, signing_in.officer(), now=clock.now())
    signing_in.end()
    flash("You are signed out.", "success")
    return redirect(url_for("officers.sign_in"))


@blueprint.get("/password")
@web.requires(permissions.SELF)
def password() -> ResponseReturnValue:
    """Ask for a new password; every officer may."""
    return render_template("officers/password.html", form=PasswordForm())


@blueprint.post("/password")
@web.requires(permissions.SELF)
@web.limiter.limit(limits.TRIES, key_func=lambda: signing_in.officer().public_id, deduct_when=_wrong_password)
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
        g.wrong_password = True
        form.present.errors = [str(err)]
    except InvalidInputError as err:
        form.new.errors = [str(err)]
    else:
        signing_in.renew(officer)
        flash("Your password is changed. Other devices are signed out.", "success")
        return redirect(signing_in.HOME)
    return render_template("officers/password.html", form=form), 422
