"""What Twilio tells us about a text it took: one status after another, posted to the text's own StatusCallback."""

import datetime as dt
import secrets
import time
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from peoplelink.clock import now
from peoplelink.sandbox.records import DONE_TEXT, Text
from peoplelink.sandbox.twilio_views import API_VERSION
from peoplelink.sandbox.webhooks import Answer, Notice, post, read_overrides
from peoplelink.sandbox.world import World

_PATH = ("accepted", "queued", "sending", "sent", "delivered")
_SHUFFLE_STEPS = 6  # a shuffled callback comes up to so many steps late
_LEAST_SECONDS = 0.1  # a time-out of nothing would mean none at all
_FORM = "application/x-www-form-urlencoded; charset=UTF-8"


def set_going(world: World, text: Text) -> None:
    """Start (or after a restart resume) a text's way through the statuses."""
    if text.status not in DONE_TEXT:
        world.agenda.put(world.settings.step_ms / 1000, _advance, world, text)


async def _advance(world: World, text: Text) -> None:
    """One step, the next one planned before the app is told of this: Twilio does not wait for us."""
    if world.state.texts.get(text.sid) is not text or text.status in DONE_TEXT:
        return
    status, error_code = _next_status(world, text)
    moment = now()
    world.state.set_text_status(text, status, moment, error_code)
    notice = _notice(world, text, moment)
    set_going(world, text)
    if notice is not None:
        await _announce(world, text, notice)


def _next_status(world: World, text: Text) -> tuple[str, int | None]:
    status = _PATH[_PATH.index(text.status) + 1]
    if status == "delivered" and world.faults.strikes("rate_undelivered", (text.to,)):
        return "undelivered", world.faults.plan.undelivered_code
    return status, None


def _notice(world: World, text: Text, moment: dt.datetime) -> Notice | None:
    if text.status_callback is None:
        return None
    params = {
        "AccountSid": world.settings.account_sid,
        "ApiVersion": API_VERSION,
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": text.status,
        "SmsSid": text.sid,
        "SmsStatus": text.status,
        "To": text.to,
    }
    if text.service_sid:
        params["MessagingServiceSid"] = text.service_sid
    if text.status in {"delivered", "undelivered"}:
        params["RawDlrDoneDate"] = moment.strftime("%y%m%d%H%M")
    if text.error_code is not None:
        params["ErrorCode"] = str(text.error_code)
    return Notice(text.status_callback, params)


async def _announce(world: World, text: Text, notice: Notice) -> None:
    faults, who = world.faults, (text.to,)
    if faults.strikes("lose_webhooks", who):
        return
    step = world.settings.step_ms / 1000
    if faults.strikes("duplicate_callbacks", who):
        world.agenda.put(step, _deliver, world, notice)
    if faults.strikes("shuffle_callbacks", who):
        world.agenda.put(faults.pick_delay(_SHUFFLE_STEPS * step), _deliver, world, notice)
    else:
        await _deliver_in_turn(world, text, notice)


async def _deliver_in_turn(world: World, text: Text, notice: Notice) -> None:
    """Order is promised by nobody, but without a fault ordered a text's news does not overtake itself."""
    if text.outbox is not None:
        text.outbox.append(notice)
        return
    text.outbox = deque([notice])
    try:
        while text.outbox:
            await _deliver(world, text.outbox.popleft())
    finally:
        text.outbox = None


async def _deliver(world: World, notice: Notice) -> None:
    _, later = await try_notice(world, notice)
    if later is not None:
        world.agenda.put(later.pause, _deliver, world, later)


async def try_notice(world: World, notice: Notice) -> tuple[Answer, Notice | None]:
    """Post once; gives the answer, and the next attempt if the overrides in the URL's fragment ask for one."""
    url, _, fragment = notice.url.partition("#")
    rules = read_overrides(fragment)
    clock = time.monotonic()
    started = notice.started or clock
    left = max(rules.total - (clock - started), _LEAST_SECONDS)
    headers = _headers(world, url, notice.params)
    body = urlencode(notice.params).encode()
    answer = await post(world.http, url, body, headers, connect=min(rules.connect, left), total=min(rules.read, left))
    pause = world.settings.retry_ms / 1000 * 2**notice.tried
    late = time.monotonic() - started + pause >= rules.total
    if late or notice.tried >= rules.retries or not rules.again(answer):
        return answer, None
    return answer, Notice(notice.url, notice.params, notice.tried + 1, started, pause)


_validator = lru_cache(maxsize=4)(RequestValidator)


def _headers(world: World, url: str, params: Mapping[str, str]) -> dict[str, str]:
    return {
        "Content-Type": _FORM,
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": _validator(world.settings.auth_token).compute_signature(url, params),
        # Whether Twilio repeats it on a retry is not settled: a fresh one each time, so that nobody leans on it.
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
    }
