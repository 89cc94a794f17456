"""Admin calls and the handset are for this machine only, whatever a web page elsewhere may try."""

from collections.abc import Awaitable, Callable
from functools import wraps
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def local_only(handler: Handler) -> Handler:
    """Refuse callers from other machines, other names for this one (DNS rebinding), and pages of other sites."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not _from_here(request) or _foreign_page(request, origin_needed=False):
            raise web.HTTPForbidden(text="The sandbox answers this to its own machine only.")
        return await handler(request)

    return guarded


def same_page(handler: Handler) -> Handler:
    """For the handset's forms: besides `local_only`, the browser must say that the form is ours."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not _from_here(request) or _foreign_page(request, origin_needed=True):
            raise web.HTTPForbidden(text="Send this form from the handset page itself.")
        return await handler(request)

    return guarded


def _from_here(request: web.Request) -> bool:
    return _is_loopback(request.remote or "") and _is_loopback(urlsplit(f"//{request.host}").hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _foreign_page(request: web.Request, *, origin_needed: bool) -> bool:
    origin = request.headers.get("Origin")
    if origin is None:
        return origin_needed
    return origin != f"{request.scheme}://{request.host}"
