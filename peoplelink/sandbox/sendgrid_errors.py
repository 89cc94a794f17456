"""SendGrid's refusals: a list of {message, field, help} (twilio.com/docs/sendgrid/api-reference/mail-send/errors)."""

import orjson
from aiohttp import web

TOO_LARGE_PAGE = (
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class SendGridRefusalError(Exception):
    """A refusal of the whole request. Messages name no address, unlike SendGrid's own, which repeats it."""

    def __init__(self, message: str, field: str | None = None, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status

    def response(self) -> web.Response:
        """The answer as SendGrid gives it."""
        body = {"errors": [{"message": self.message, "field": self.field, "help": None}]}
        return web.Response(body=orjson.dumps(body), status=self.status, content_type="application/json")


def too_large() -> web.Response:
    """Above 30 MB the answer is nginx's page and not JSON."""
    return web.Response(text=TOO_LARGE_PAGE, status=413, content_type="text/html")
