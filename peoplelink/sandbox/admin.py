"""What tests and the demo ask of the sandbox: faults, the ledger, a resident's text or mail, a moment of quiet."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
from aiohttp import web

from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.guard import local_only
from peoplelink.sandbox.inbound_mails import hear_mail, read_raw, write_mail
from peoplelink.sandbox.inbound_texts import hear_text
from peoplelink.sandbox.ledger import ledger_entries, read_filter
from peoplelink.sandbox.numbers import judge_recipient
from peoplelink.sandbox.world import WORLD

_IDLE_SECONDS = 10.0
_LONGEST_IDLE = 600.0

routes = web.RouteTableDef()


def _json(body: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _wrong(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=orjson.dumps({"error": message}).decode(), content_type="application/json")


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as err:
        raise _wrong("The body must be JSON.") from err
    if not isinstance(body, dict):
        raise _wrong("The body must be a JSON object.")
    return body


def _need(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name} is needed, as text.")
    return value


@routes.get("/sandbox/faults")
@local_only
async def show_faults(request: web.Request) -> web.StreamResponse:
    """The faults in force."""
    return _json(asdict(request.app[WORLD].faults.plan))


@routes.post("/sandbox/faults")
@local_only
async def order_faults(request: web.Request) -> web.StreamResponse:
    """Order faults: what is named is changed, the rest stays."""
    faults = request.app[WORLD].faults
    try:
        faults.order(await _read(request))
    except InvalidInputError as err:
        raise _wrong(str(err)) from err
    return _json(asdict(faults.plan))


@routes.delete("/sandbox/faults")
@local_only
async def reset_faults(request: web.Request) -> web.StreamResponse:
    """Nothing goes wrong any more."""
    faults = request.app[WORLD].faults
    faults.reset()
    return _json(asdict(faults.plan))


@routes.get("/sandbox/ledger")
@local_only
async def show_ledger(request: web.Request) -> web.StreamResponse:
    """Every message accepted from the app, oldest first."""
    return _json(list(_entries(request)))


@routes.get("/sandbox/requests")
@local_only
async def show_requests(request: web.Request) -> web.StreamResponse:
    """Every request to send that came, refused ones too, a row a person; empty unless started with --keep-requests."""
    return _json(list(request.app[WORLD].arrivals.entries()))


@routes.get("/sandbox/ledger/count")
@local_only
async def count_ledger(request: web.Request) -> web.StreamResponse:
    """How many there are, by medium."""
    counts = {"sms": 0, "email": 0}
    for entry in _entries(request):
        counts[entry["medium"]] += 1
    return _json({**counts, "total": sum(counts.values())})


def _entries(request: web.Request) -> Iterator[dict[str, Any]]:
    try:
        wanted = read_filter(request.query)
    except ValueError as err:
        raise _wrong("since must be ISO 8601 or seconds since 1970; medium sms or email.") from err
    return ledger_entries(request.app[WORLD].state, wanted)


@routes.delete("/sandbox/ledger")
@local_only
async def clear_ledger(request: web.Request) -> web.StreamResponse:
    """Forget everything accepted, said and opted out of."""
    world = request.app[WORLD]
    world.state.clear()
    world.arrivals.clear()
    return web.Response(status=204)


@routes.post("/sandbox/inbound/sms")
@local_only
async def inbound_sms(request: web.Request) -> web.StreamResponse:
    """A resident texts our number; answers when the app has been told."""
    world, body = request.app[WORLD], await _read(request)
    resident = judge_recipient(_need(body, "from")).e164
    if body.get("to") not in (None, world.settings.number):
        raise _wrong("to must be the sandbox's own number, or left out.")
    media = body.get("media") or []
    if not isinstance(media, list) or not all(isinstance(url, str) for url in media):
        raise _wrong("media must be a list of URLs.")
    heard = await hear_text(world, resident=resident, body=str(body.get("body") or ""), media=tuple(media))
    return _json(asdict(heard))


@routes.post("/sandbox/inbound/mail")
@local_only
async def inbound_mail(request: web.Request) -> web.StreamResponse:
    """A resident writes to our domain; answers when the app has been told."""
    world, body = request.app[WORLD], await _read(request)
    sender, to = _need(body, "from"), _need(body, "to")
    try:
        if "raw_base64" in body:
            raw = read_raw(_need(body, "raw_base64"))
        else:
            raw = write_mail(
                sender=sender,
                to=to,
                subject=str(body.get("subject") or ""),
                text=str(body.get("text") or ""),
                in_reply_to=body.get("in_reply_to"),
            )
        posted = await hear_mail(world, sender=sender, to=to, raw=raw)
    except InvalidInputError as err:
        raise _wrong(str(err)) from err
    return _json(asdict(posted))


@routes.post("/sandbox/idle")
@local_only
async def idle(request: web.Request) -> web.StreamResponse:
    """Wait until no webhook is pending; 408 if `timeout` seconds (10) were not enough."""
    agenda = request.app[WORLD].agenda
    try:
        seconds = min(float(request.query.get("timeout", _IDLE_SECONDS)), _LONGEST_IDLE)
    except ValueError as err:
        raise _wrong("timeout must be seconds.") from err
    quiet = await agenda.idle(seconds)
    return _json({"idle": quiet, "pending": agenda.pending}, status=200 if quiet else 408)
