"""Asking Twilio for the texts that were sent to us: its webhook's tries end after 15 seconds.

https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources

What its list does not say is its own verdict on a text (OptOutType): a stop word of one's own in Advanced Opt-Out is
known from the webhook only.
"""

import datetime as dt
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]

from peoplelink.channels.errors import UnknownOutcome
from peoplelink.channels.messages import Fetched, ProviderRequest

_PAGE = 1000
_FORM = "application/x-www-form-urlencoded"


async def received_since(
    client: Any, since: dt.datetime, *, sender: str | None, service_sid: str | None, base_url: str
) -> list[Fetched]:
    """Every text received at our numbers since a moment, oldest first; raises SendError when any part is not known.

    `client` is the official client. A day's texts may come instead of an hour's: Twilio documents its filter by days.
    """
    try:
        return await _received(client, since, sender=sender, service_sid=service_sid, base_url=base_url)
    except (TwilioException, ValueError, TypeError, AttributeError, KeyError) as error:
        # Nothing of the exception is kept: it quotes the number.
        fault = type(error).__name__
    raise UnknownOutcome(f"the list of texts cannot be read: {fault}")


async def _received(
    client: Any, since: dt.datetime, *, sender: str | None, service_sid: str | None, base_url: str
) -> list[Fetched]:
    found: list[Fetched] = []
    for number in await _numbers(client, sender, service_sid):
        listed = await client.messages.list_async(to=number, date_sent_after=since.astimezone(dt.UTC), page_size=_PAGE)
        # The newest come first. One that is still coming in, part by part, is read when it is whole.
        whole = [one for one in listed if one.direction == "inbound" and one.status == "received" and one.date_sent]
        found += [await _fetched(one, base_url) for one in reversed(whole)]
    return sorted(found, key=lambda one: one.sent_at)


async def _numbers(client: Any, sender: str | None, service_sid: str | None) -> list[str]:
    """The numbers that residents can text: our own, and those of the Messaging Service."""
    numbers = [sender] if sender else []
    if service_sid:
        pool = await client.messaging.v1.services(service_sid).phone_numbers.list_async(page_size=_PAGE)
        numbers += [str(one.phone_number) for one in pool]
    return list(dict.fromkeys(numbers))


async def _fetched(message: Any, base_url: str) -> Fetched:
    fields = {
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body or "",
        "NumMedia": message.num_media or "0",
        "SmsStatus": "received",
    }
    if fields["NumMedia"] != "0":
        for place, media in enumerate(await _media(message)):
            fields |= {
                f"MediaUrl{place}": base_url + str(media.uri).removesuffix(".json"),
                f"MediaContentType{place}": str(media.content_type),
            }
    body = urlencode(fields).encode()
    request = ProviderRequest(url=base_url + str(message.uri), headers={}, body=body, content_type=_FORM)
    return Fetched(str(message.sid), request, message.date_sent.astimezone(dt.UTC))


async def _media(message: Any) -> list[Any]:
    try:
        return list(await message.media.list_async())
    except TwilioRestException as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return []  # taken off Twilio's store since
        raise
