"""Reading a webhook's request, whoever sent it."""

import re
from urllib.parse import parse_qs

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import ProviderRequest

MAX_FIELDS = 1000
"""More than any provider sends; a bound on the work one request can cause."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def header(request: ProviderRequest, name: str) -> str:
    """A header's value whatever the case of its name, empty if it is missing."""
    wanted = name.lower()
    return next((value for key, value in request.headers.items() if key.lower() == wanted), "")


def form(request: ProviderRequest) -> dict[str, list[str]]:
    """The fields of a form-encoded body, blank ones too, unchanged; raises UnreadablePayloadError."""
    try:
        return parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise UnreadablePayloadError("the body is not a form") from error


def harmless(text: str) -> str:
    """Text that every database stores: PostgreSQL refuses NUL, and UTF-8 has no lone surrogates."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
