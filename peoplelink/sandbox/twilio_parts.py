"""The parts of Twilio's API around a text: the pictures that came with it, and the numbers of a Messaging Service."""

import hashlib
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from peoplelink.sandbox.records import Text
from peoplelink.sandbox.twilio_api import find, maybe_break
from peoplelink.sandbox.twilio_errors import TwilioRefusalError, json_response
from peoplelink.sandbox.twilio_guard import account_only
from peoplelink.sandbox.twilio_views import API_VERSION
from peoplelink.sandbox.world import WORLD

_MEDIA = f"/{API_VERSION}/Accounts/{{account}}/Messages/{{sid}}/Media"

routes = web.RouteTableDef()


@routes.get(f"{_MEDIA}.json")
@account_only
async def list_media(request: web.Request) -> web.StreamResponse:
    """The pictures of one text; all on one page, as there are ten at most."""
    world, text = find(request)
    found = [_media_json(text, place, world.settings.account_sid) for place in range(len(text.media))]
    return json_response({"media_list": found, "page": 0, "page_size": 50, "next_page_uri": None})


@routes.get(f"{_MEDIA}/{{media}}")
async def fetch_media(request: web.Request) -> web.StreamResponse:
    """The picture itself, wherever it lies: Twilio redirects to its store, and asks for no credentials by default."""
    text = request.app[WORLD].state.texts.get(request.match_info["sid"])
    for place, url in enumerate(text.media if text else ()):
        if text and _media_sid(text, place) == request.match_info["media"]:
            return web.Response(status=307, headers={"Location": url})
    return TwilioRefusalError(20404).response()


def _media_sid(text: Text, place: int) -> str:
    return "ME" + hashlib.sha256(f"{text.sid}:{place}".encode()).hexdigest()[:32]


def _media_json(text: Text, place: int, account_sid: str) -> dict[str, Any]:
    sid = _media_sid(text, place)
    return {
        "sid": sid,
        "account_sid": account_sid,
        "parent_sid": text.sid,
        "content_type": "image/jpeg",
        "date_created": format_datetime(text.accepted_at),
        "date_updated": format_datetime(text.accepted_at),
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Messages/{text.sid}/Media/{sid}.json",
    }


@routes.get("/v1/Services/{service}/PhoneNumbers")
@account_only
async def list_numbers(request: web.Request) -> web.StreamResponse:
    """The numbers of our Messaging Service: the one we play (messaging.twilio.com, not api)."""
    world = request.app[WORLD]
    maybe_break(world)
    settings = world.settings
    if request.match_info["service"] != settings.service_sid:
        raise TwilioRefusalError(20404)
    number = {
        "sid": "PN" + hashlib.sha256(settings.number.encode()).hexdigest()[:32],
        "account_sid": settings.account_sid,
        "service_sid": settings.service_sid,
        "phone_number": settings.number,
        "country_code": "GB",
        "capabilities": ["SMS"],
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": str(request.url),
    }
    meta = {"key": "phone_numbers", "page": 0, "page_size": 50, "next_page_url": None, "previous_page_url": None}
    return json_response({"phone_numbers": [number], "meta": meta})
