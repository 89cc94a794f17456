"""Flask glue: a session a request, guards, CSRF, limits, security headers, and what an error means in HTTP."""

import secrets
from collections.abc import Callable, Collection
from functools import wraps
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Protocol, TypeVar, cast

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from peoplelink import page_language
from peoplelink.engines import is_outage
from peoplelink.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, PeopleLinkError
from peoplelink.ids import new_public_id
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

MAX_REQUEST = 1_000_000  # bytes; the inbound mail webhook raises it for itself, `take_files` for officers' files
_FORM_AROUND = 100_000  # bytes of a request beside its file
_RETRY_AFTER = 60  # seconds, for machines that ask when to come again
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_STATUS_OF = {NotFoundError: 404, ConflictError: 409, ForbiddenError: 403, InvalidInputError: 422}

csrf = CSRFProtect()


def client_network() -> str:
    """Whom a limit counts: a whole IPv4 address, or the /64 of an IPv6 address, of which one customer has 2^64."""
    text = get_remote_address()
    try:
        address = ip_address(text)
    except ValueError:
        return text  # behind a socket file there is none
    if isinstance(address, IPv4Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))


# Kept in Redis so that all web processes count together; in memory while Redis is away, rather than not at all.
limiter = Limiter(client_network, default_limits=["600/minute"], in_memory_fallback_enabled=True, key_prefix="plimit")


def moved_on(response: Response) -> bool:
    """Whether a form did something and led on: one that comes back with errors does not count towards a limit."""
    return response.status_code == 303  # noqa: PLR2004 - "see other", which is how our forms lead on


def led_somewhere(response: Response) -> bool:
    """Whether a link was one of ours: who tries made-up ones uses up nothing of what others on their line may do."""
    return response.status_code != 404  # noqa: PLR2004 - "not found"


def is_rehearsal() -> bool:
    """Demo and tests play many residents from one machine; with a sandbox nobody is written to for real."""
    return runtime().config.sandboxed and get_remote_address() in {"127.0.0.1", "::1"}


class Principal(Protocol):
    """Whoever is signed in."""

    is_authenticated: bool
    public_id: str

    def allows(self, permission: str, zones: Collection[int] | None = None) -> bool:
        """Whether they may do this, in all of these zones where zones are given."""
        ...


def runtime() -> Runtime:
    """The parts of this process; for views only."""
    return cast(Runtime, current_app.extensions["peoplelink"])


def session() -> Session:
    """The session of the request, opened at first use: writing for a POST, a snapshot for a page that only reads."""
    if "session" not in g:
        database = runtime().database
        g.session = database.read() if request.method in _READING else database.write()
    return cast(Session, g.session)


def principal() -> Principal:
    """Whoever is signed in; behind a guard only."""
    return cast(Principal, current_user)


def public(view: View) -> View:
    """Mark a view that anybody may reach; test_architecture holds the list of them."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: str) -> Callable[[View], View]:
    """Guard a view: signed in, and allowed to do this somewhere. Zones are checked by the service's scope."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(url_for("officers.sign_in", next=_asked_for()))
            if not principal().allows(permission):
                abort(403)
            return cast(ResponseReturnValue, view(*args, **kwargs))

        guarded.guard = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def take_files(blueprint: Blueprint, *endpoints: str, permission: str, most: int) -> None:
    """Let these pages get files of up to `most` bytes, from whoever has the permission and from nobody else."""

    @blueprint.url_value_preprocessor
    def _take(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        # Before the guard against forged requests reads the form.
        if request.endpoint in endpoints and current_user.is_authenticated and current_user.allows(permission):
            request.max_content_length = most + _FORM_AROUND
            session().rollback()  # no lock is held while a slow line sends the file


def _asked_for() -> str:
    # Not Flask's full_path, which raises where the query is not UTF-8.
    query = request.query_string.decode(errors="replace")
    return f"{request.path}?{query}" if query else request.path


def set_up(app: Flask, parts: Runtime) -> None:
    """Give an application its parts, limits, headers and error pages."""
    config = parts.config
    app.extensions["peoplelink"] = parts
    app.config.update(
        SECRET_KEY=config.secret_key,
        SECRET_KEY_FALLBACKS=list(config.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        SESSION_COOKIE_NAME="__Host-peoplelink" if config.secure_cookies else "peoplelink",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open overnight; the token ends with the session
        WTF_CSRF_SSL_STRICT=False,  # checks the Referer, which our own header policy does not send
        # Flask-Limiter has a name of its own for a socket file.
        RATELIMIT_STORAGE_URI=config.redis_url.replace("unix://", "redis+unix://", 1),
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # First what a page needs to be shown at all, then what may refuse the request: the refusal is a page too.
    app.before_request(_begin)
    page_language.set_up(app)
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_add_security_headers)
    app.teardown_request(_close_session)
    _register_errors(app)


def set_up_for_machines(app: Flask, parts: Runtime) -> None:
    """Give an application that shows no pages its parts, its limit of size, and headers."""
    app.extensions["peoplelink"] = parts
    app.config.update(MAX_CONTENT_LENGTH=MAX_REQUEST)
    app.before_request(_name_request)
    app.after_request(_add_security_headers)
    app.teardown_request(_close_session)


def _begin() -> None:
    _name_request()
    g.csp_nonce = secrets.token_urlsafe(16)


def _name_request() -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=new_public_id(), endpoint=request.endpoint)


def _close_session(_error: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        try:
            opened.close()
        except DBAPIError:
            # The connection is gone, and with it what was not committed; the pool has let go of it. The answer stands.
            log.warning("session_lost")


def content_policy(*, framed_by: Collection[str] = ()) -> str:
    """What a page of ours may load and do, and which sites may show it in a frame: none, unless they are named."""
    nonce, ancestors = g.get("csp_nonce", ""), " ".join(framed_by) or "'none'"
    return (
        "default-src 'none'; img-src 'self' data:; style-src 'self'; connect-src 'self'; form-action 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; frame-ancestors {ancestors}; base-uri 'none'"
    )


def _add_security_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if runtime().config.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _register_errors(app: Flask) -> None:
    app.register_error_handler(CSRFError, _bad_form)
    app.register_error_handler(PeopleLinkError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(PoolTimeoutError, _database_error)
    app.register_error_handler(Exception, _crash)


def _bad_form(_error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/form_expired.html"), 400


def _domain_error(error: PeopleLinkError) -> ResponseReturnValue:
    status = next((code for kind, code in _STATUS_OF.items() if isinstance(error, kind)), 500)
    return _error_page(status, str(error))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:  # noqa: PLR2004
        return error.get_response()
    return _error_page(error.code or 500, "")


def _database_error(error: DBAPIError | PoolTimeoutError) -> ResponseReturnValue:
    if not is_outage(error):
        return _crash(error)
    _close_session(error)  # what it holds, others may wait for
    log.error("database_not_available", error=str(getattr(error, "orig", error)))
    return (*_error_page(503, ""), {"Retry-After": str(_RETRY_AFTER)})


def _crash(error: Exception) -> ResponseReturnValue:
    log.error("request_failed", exc_info=error)
    return _error_page(500, "")


def _error_page(status: int, message: str) -> tuple[str, int]:
    # Never let the page that explains an error be the next error: it reads nothing from the database.
    return render_template("errors/error.html", status=status, message=message), status
