"""Twilio's API answers its account only."""

import base64
import hmac
from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.twilio_errors import TwilioRefusalError
from peoplelink.sandbox.world import WORLD

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def account_only(handler: Handler) -> Handler:
    """The account's credentials are looked at first; refusals become Twilio's JSON."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _check_credentials(request, request.app[WORLD].settings)
            return await handler(request)
        except TwilioRefusalError as refusal:
            return refusal.response()

    return guarded


def _check_credentials(request: web.Request, settings: Settings) -> None:
    given = request.headers.get("Authorization", "")
    pair = base64.b64encode(f"{settings.account_sid}:{settings.auth_token}".encode()).decode()
    if not hmac.compare_digest(given.encode(), f"Basic {pair}".encode()):
        raise TwilioRefusalError(20003)
    if request.match_info.get("account", settings.account_sid) != settings.account_sid:
        raise TwilioRefusalError(20404)
