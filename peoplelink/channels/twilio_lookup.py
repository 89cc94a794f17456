"""Asking Twilio which messages it has taken. There is no idempotency key, so a text is known by number, words and time.

https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import EventKind, Sighting, Sought
from peoplelink.channels.twilio_errors import reason_for
from peoplelink.channels.twilio_webhooks import KINDS

_AT_ONCE = 50
_PAGE = 200
"""Newest messages to one number that are looked through; nobody is sent that many in the time a look-up covers."""
_CLOCKS = dt.timedelta(seconds=5)
"""How far Twilio's clock may be from ours; its times are whole seconds besides."""


async def look_up(messages: Any, sought: Sequence[Sought]) -> list[Sequence[Sighting] | SendError]:
    """Ask for each number, several at once. `messages` is the message list of the official client."""
    gate = asyncio.Semaphore(_AT_ONCE)
    return await asyncio.gather(*(_one(messages, one, gate) for one in sought))


async def _one(messages: Any, sought: Sought, gate: asyncio.Semaphore) -> Sequence[Sighting] | SendError:
    async with gate:
        try:
            # The filter by date sent leaves out what still waits in Twilio's queue, so times are compared here.
            found = await messages.list_async(to=sought.to, limit=_PAGE, page_size=_PAGE)
        except SendError as error:
            return error
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):
            # Nothing of the exception is kept: it quotes the number.
            return UnknownOutcome("the look-up did not work")
    return [_sighting(message) for message in found if _fits(message, sought)]


def _fits(message: Any, sought: Sought) -> bool:
    if message.direction == "inbound" or message.body != sought.text or message.date_created is None:
        return False
    return bool(sought.opened_at - _CLOCKS <= message.date_created <= sought.closed_at + _CLOCKS)


def _sighting(message: Any) -> Sighting:
    kind = KINDS.get(str(message.status), EventKind.ACCEPTED)
    code = str(message.error_code or "")
    return Sighting(str(message.sid), kind, reason_for(code) if kind is EventKind.FAILED else None, code)
