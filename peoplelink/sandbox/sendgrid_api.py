"""SendGrid over HTTP: Mail Send (POST /v3/mail/send) and the look-up of Email Logs (POST /v3/logs)."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import orjson
from aiohttp import web

from peoplelink.clock import now
from peoplelink.sandbox.arrivals import Person
from peoplelink.sandbox.calls import TOO_MANY, under_faults
from peoplelink.sandbox.records import Call, new_call
from peoplelink.sandbox.sendgrid_checks import check_mail
from peoplelink.sandbox.sendgrid_errors import SendGridRefusalError, too_large
from peoplelink.sandbox.sendgrid_events import report_call
from peoplelink.sandbox.sendgrid_logs import find_mails, log_json, read_log_query
from peoplelink.sandbox.world import WORLD, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BYTES = 30 * 2**20  # of one request
MAX_FOUND = 1000
DEFAULT_FOUND = 10

routes = web.RouteTableDef()


def _sendgrid(handler: Handler) -> Handler:
    """The key is looked at first; refusals become SendGrid's JSON, and a body too large nginx's page."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _check_key(request)
            return await handler(request)
        except SendGridRefusalError as refusal:
            return refusal.response()
        except web.HTTPRequestEntityTooLarge:
            return too_large()

    return guarded


def _check_key(request: web.Request) -> None:
    expected = f"Bearer {request.app[WORLD].settings.api_key}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise SendGridRefusalError("The provided authorization grant is invalid, expired, or revoked", status=401)


async def _read_json(request: web.Request) -> Any:
    if (request.content_length or 0) > MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BYTES, request.content_length or 0)
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError as err:
        raise SendGridRefusalError("Bad Request") from err


@routes.post("/v3/mail/send")
@_sendgrid
async def send(request: web.Request) -> web.StreamResponse:
    """Take a call for up to 1,000 people, or refuse it whole; 202 without a body."""
    world = request.app[WORLD]
    payload = await _read_json(request)

    def accept() -> web.Response:
        try:
            checked = check_mail(payload)
        except SendGridRefusalError as refusal:
            return refusal.response()
        if _only_tried(checked):
            return web.Response(status=200)
        call = take_call(world, checked)
        return web.Response(status=202, headers={"X-Message-Id": call.id})

    return await under_faults(request, world.arrivals.note("email", _people(payload)), accept, _refuse)


def _refuse(status: int) -> web.Response:
    message = "too many requests" if status == TOO_MANY else "Internal Server Error"
    return SendGridRefusalError(message, status=status).response()


def _only_tried(payload: dict[str, Any]) -> bool:
    """SendGrid's own sandbox mode: checked, not sent, no events."""
    settings = payload.get("mail_settings") or {}
    return bool((settings.get("sandbox_mode") or {}).get("enable"))


def take_call(world: World, payload: dict[str, Any]) -> Call:
    """Put an accepted call into the ledger and have its events told."""
    call = world.state.add_call(new_call(secrets.token_urlsafe(16), now(), payload))
    report_call(world, call)
    return call


def _people(payload: Any) -> list[Person]:
    """The recipients as far as they can be read: faults come before the checks."""
    try:
        return [
            (to["email"].lower(), person.get("custom_args"))
            for person in payload["personalizations"]
            for to in person["to"]
        ]
    except (KeyError, TypeError, AttributeError):
        return []


@routes.post("/v3/logs")
@_sendgrid
async def logs(request: web.Request) -> web.StreamResponse:
    """Look up mails by a query (spec tsg_logs_v3), newest first."""
    world = request.app[WORLD]
    if world.faults.strikes("rate_lookup_5xx"):
        return _refuse(500)
    payload = await _read_json(request)
    if not isinstance(payload, dict):
        raise SendGridRefusalError("Bad Request")
    limit = payload.get("limit", DEFAULT_FOUND)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_FOUND:
        raise SendGridRefusalError("limit must be between 1 and 1000", "limit")
    found = find_mails(world.state, read_log_query(payload.get("query") or ""), limit)
    body = {"messages": [log_json(mail) for mail in found]}
    return web.Response(body=orjson.dumps(body), content_type="application/json")


@routes.route("*", "/v3/{rest:.*}")
@_sendgrid
async def unknown(_request: web.Request) -> web.StreamResponse:
    """Everything else of SendGrid's API."""
    raise SendGridRefusalError("not found", status=404)
