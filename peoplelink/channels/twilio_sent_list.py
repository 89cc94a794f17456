"""Asking Twilio for every text that left our account since a moment: after a restore nobody here knows of them.

https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
"""

import datetime as dt
from typing import Any

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

from peoplelink.channels.errors import UnknownOutcome
from peoplelink.channels.messages import Taken
from peoplelink.channels.twilio_lookup import sighting

_PAGE = 1000


async def taken_since(messages: Any, since: dt.datetime, until: dt.datetime) -> list[Taken]:
    """Oldest first; raises SendError when any part is not known. `messages` is the client's message list."""
    try:
        return await _taken(messages, since, until)
    except (TwilioException, ValueError, TypeError, AttributeError, KeyError) as error:
        # Nothing of the exception is kept: it quotes numbers.
        fault = type(error).__name__
    raise UnknownOutcome(f"the list of texts cannot be read: {fault}")


async def _taken(messages: Any, since: dt.datetime, until: dt.datetime) -> list[Taken]:
    found: list[Taken] = []
    older = 0
    # The filter by date sent leaves out what still waits in Twilio's queue, so the list is read from its newest end.
    # Its order is not documented to the second: a whole page of older ones ends it, not the first.
    async for message in await messages.stream_async(page_size=_PAGE):
        created = message.date_created
        older = older + 1 if created < since else 0
        if older >= _PAGE:
            break
        if message.direction != "inbound" and since <= created <= until:
            found.append(Taken(str(message.to), str(message.body), created.astimezone(dt.UTC), sighting(message)))
    return sorted(found, key=lambda one: one.taken_at)
