"""Asking Twilio which messages it has taken, and what became of them.

There is no idempotency key, so a text whose SID we never got is known by number, words and time.

https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]

from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import Awaited, EventKind, Sighting, Sought, StatusEvent
from peoplelink.channels.twilio_errors import reason_for
from peoplelink.channels.twilio_webhooks import KINDS, news

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
    return [sighting(message) for message in found if _fits(message, sought)]


async def ask_after(messages: Any, awaited: Sequence[Awaited]) -> list[StatusEvent | SendError | None]:
    """Fetch each text by its SID, several at once. `messages` is the message list of the official client."""
    gate = asyncio.Semaphore(_AT_ONCE)
    return await asyncio.gather(*(_fetch(messages, one, gate) for one in awaited))


async def _fetch(messages: Any, awaited: Awaited, gate: asyncio.Semaphore) -> StatusEvent | SendError | None:
    if not awaited.provider_message_id.isalnum():
        return UnknownOutcome("no SID to ask by")  # the client writes it into the address as it is
    async with gate:
        try:
            message = await messages(awaited.provider_message_id).fetch_async()
            word, code = str(message.status), str(message.error_code or "")
        except SendError as error:
            return error
        except TwilioRestException as error:
            gone = error.status == HTTPStatus.NOT_FOUND
            return None if gone else UnknownOutcome("the look-up did not work", provider_code=str(error.status))
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):
            return UnknownOutcome("the look-up did not work")
    return news(awaited.provider_message_id, word, code, delivery=awaited.delivery, attempt=awaited.attempt)


def _fits(message: Any, sought: Sought) -> bool:
    if message.direction == "inbound" or message.body != sought.text or message.date_created is None:
        return False
    return bool(sought.opened_at - _CLOCKS <= message.date_created <= sought.closed_at + _CLOCKS)


def sighting(message: Any) -> Sighting:
    """A message as Twilio holds it, in our words."""
    kind = KINDS.get(str(message.status), EventKind.ACCEPTED)
    code = str(message.error_code or "")
    return Sighting(str(message.sid), kind, reason_for(code) if kind is EventKind.FAILED else None, code)
