"""Twilio's refusals: code, HTTP status and body as its API gives them (www.twilio.com/docs/api/errors)."""

from typing import Any

import orjson
from aiohttp import web

_MESSAGES = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid From Number (caller ID)"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number provided is not a valid message-capable Twilio phone number for this account",
    ),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21624: (400, "Invalid validity period value"),
    21701: (400, "The Messaging Service does not exist"),
    # Not Twilio's: the sandbox says so when it is asked for a part that it does not play.
    90000: (400, "The sandbox does not play this part of Twilio's API"),
}


class TwilioRefusalError(Exception):
    """A refusal with one of Twilio's codes."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio refuses with {code}")
        self.code = code

    def response(self) -> web.Response:
        """The answer: Twilio's JSON error body. It names no number, as ours is a log's reader too."""
        status, message = _MESSAGES[self.code]
        body: dict[str, Any] = {
            "code": self.code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": status,
        }
        return json_response(body, status=status)


def json_response(body: Any, *, status: int = 200) -> web.Response:
    """JSON as Twilio sends it."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
