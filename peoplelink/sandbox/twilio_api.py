"""Twilio's Messages resource over HTTP: create, list, fetch, redact, cancel, delete."""

import secrets

from aiohttp import web

from peoplelink.channels.segments import count_segments
from peoplelink.clock import now
from peoplelink.sandbox.calls import under_faults
from peoplelink.sandbox.records import Text
from peoplelink.sandbox.twilio_callbacks import set_going
from peoplelink.sandbox.twilio_errors import TwilioRefusalError, json_response
from peoplelink.sandbox.twilio_guard import account_only
from peoplelink.sandbox.twilio_orders import TextOrder, read_order
from peoplelink.sandbox.twilio_views import page_json, read_query, text_json
from peoplelink.sandbox.world import WORLD, World

_CANCELABLE = frozenset({"accepted", "queued"})
_COMPLETE = frozenset({"sent", "delivered", "undelivered", "failed", "canceled", "received"})

routes = web.RouteTableDef()


@routes.post("/2010-04-01/Accounts/{account}/Messages.json")
@account_only
async def create(request: web.Request) -> web.StreamResponse:
    """Take a text, or refuse it; 201 with the whole resource."""
    world = request.app[WORLD]
    form = await request.post()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    media = tuple(value for value in form.getall("MediaUrl", []) if isinstance(value, str))

    def accept() -> web.Response:
        text = take_text(world, read_order(fields, media, world.settings, world.state), origin="api")
        return json_response(text_json(text, world.settings.account_sid), status=201)

    arrival = world.arrivals.note("sms", [(fields.get("To", ""), fields.get("StatusCallback"))])
    return await under_faults(request, arrival, accept, _refuse)


def _refuse(status: int) -> web.Response:
    return TwilioRefusalError(20429 if status == web.HTTPTooManyRequests.status_code else 20500).response()


def take_text(world: World, order: TextOrder, *, origin: str) -> Text:
    """Put an order into the ledger and set it going."""
    text = Text(
        sid=("MM" if order.media else "SM") + secrets.token_hex(16),
        origin=origin,
        to=order.to,
        sender=world.settings.number,
        body=order.body,
        accepted_at=now(),
        status="accepted" if order.service_sid else "queued",
        segments=max(count_segments(order.body).segments, 1),
        service_sid=order.service_sid,
        status_callback=order.status_callback,
        media=order.media,
    )
    world.state.add_text(text)
    set_going(world, text)
    return text


@routes.get("/2010-04-01/Accounts/{account}/Messages.json")
@account_only
async def list_texts(request: web.Request) -> web.StreamResponse:
    """A page of texts both ways, newest first."""
    world = request.app[WORLD]
    maybe_break(world)
    try:
        query = read_query(request.query)
    except ValueError as err:
        raise TwilioRefusalError(90000) from err
    return json_response(page_json(world.state, query, world.settings.account_sid))


def maybe_break(world: World) -> None:
    """Fail a look-up where that was ordered; raises TwilioRefusalError."""
    if world.faults.strikes("rate_lookup_5xx"):
        raise TwilioRefusalError(20500)


def find(request: web.Request) -> tuple[World, Text]:
    """The text that an address names; raises TwilioRefusalError, also by a fault that was ordered."""
    world = request.app[WORLD]
    maybe_break(world)
    text = world.state.texts.get(request.match_info["sid"])
    if text is None:
        raise TwilioRefusalError(20404)
    return world, text


@routes.get("/2010-04-01/Accounts/{account}/Messages/{sid}.json")
@account_only
async def fetch(request: web.Request) -> web.StreamResponse:
    """One text."""
    world, text = find(request)
    return json_response(text_json(text, world.settings.account_sid))


@routes.post("/2010-04-01/Accounts/{account}/Messages/{sid}.json")
@account_only
async def update(request: web.Request) -> web.StreamResponse:
    """Redact (an empty Body) or cancel (Status=canceled, while nothing has been sent)."""
    world, text = find(request)
    form = await request.post()
    if form.get("Status") == "canceled":
        if text.status not in _CANCELABLE:
            raise TwilioRefusalError(20009)
        world.state.set_text_status(text, "canceled", now())
    elif form.get("Body") == "":
        _check_complete(text)
        world.state.redact(text, now())
    else:
        raise TwilioRefusalError(90000)
    return json_response(text_json(text, world.settings.account_sid))


@routes.delete("/2010-04-01/Accounts/{account}/Messages/{sid}.json")
@account_only
async def delete(request: web.Request) -> web.StreamResponse:
    """Remove a text for good; 204."""
    world, text = find(request)
    _check_complete(text)
    world.state.remove(text)
    return web.Response(status=204)


def _check_complete(text: Text) -> None:
    if text.status not in _COMPLETE:
        raise TwilioRefusalError(20009)


@routes.route("*", "/2010-04-01/{rest:.*}")
@account_only
async def unknown(_request: web.Request) -> web.StreamResponse:
    """Everything else of Twilio's API."""
    raise TwilioRefusalError(20404)
