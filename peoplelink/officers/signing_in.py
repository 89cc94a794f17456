"""Sessions of officers: Flask-Login, who is behind a cookie, and how long it lasts."""

import datetime as dt
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_user, logout_user

from peoplelink import web
from peoplelink.officers import services
from peoplelink.officers.models import Officer

IDLE = dt.timedelta(hours=8)
"""A session ends when nothing was asked of us for a working day; each request starts the time again."""

HOME = "/officer"


def set_up(app: Flask) -> None:
    """Teach an application who is signed in. There is no "remember me": the cookie of the session is all."""
    app.config["PERMANENT_SESSION_LIFETIME"] = IDLE
    app.session_interface = Cookies()
    manager = LoginManager()
    # "strong" would end a session, and lose a half-written broadcast, whenever a phone leaves Wi-Fi for mobile data.
    manager.session_protection = "basic"
    manager.user_loader(_load)
    # Theirs loads the officer for every page, error pages too; console/look.py hands templates the lazy proxy.
    manager.init_app(app, add_context_processor=False)


class Cookies(SecureCookieSessionInterface):
    """Sessions in a cookie, as Flask has them.

    Every answer renews the cookie, so a page that varies with it is never found again by the browser that keeps it. One
    that is private to that browser anyway does not say so.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Renew the cookie."""
        super().save_session(app, session, response)
        if response.cache_control.private:
            response.vary.discard("Cookie")


def begin(officer: Officer) -> None:
    """Sign in: a new session, so that nothing planted in the old one lives on (session fixation)."""
    session.clear()
    login_user(officer)
    session.permanent = True


def renew(officer: Officer) -> None:
    """Keep this browser signed in after its officer changed the password; every other session has ended."""
    begin(officer)


def end() -> None:
    """Sign out."""
    logout_user()
    session.clear()


def officer() -> Officer:
    """The officer who is signed in; behind a guard only."""
    return cast(Officer, current_user._get_current_object())  # noqa: SLF001 - werkzeug's documented way out of a proxy


def scope() -> frozenset[int] | None:
    """Ids of the zones the signed-in officer may see; None means all. Behind a guard only."""
    return officer().scope


def safe_next(target: str | None) -> str:
    """Where to go after signing in: one of our own officer pages, whatever the link that led here says."""
    if not target or "\\" in target or any(ord(char) < ord(" ") for char in target):
        return HOME
    parts = urlsplit(target)
    own = not parts.scheme and not parts.netloc and (parts.path == HOME or parts.path.startswith(HOME + "/"))
    return target if own else HOME


def _load(session_id: str) -> Officer | None:
    return services.of_session(web.session(), session_id)
