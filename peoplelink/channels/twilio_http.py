"""The transport under Twilio's async client: one pool of connections, a real time-out, and no second try.

twilio 9.13's own `AsyncTwilioHttpClient` passes `timeout=None` over every limit, and asked to retry it POSTs again
after a 500, which can text one person twice.
"""

import contextlib
import logging
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from aiohttp.connector import Connection
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]

from peoplelink.channels import lateness
from peoplelink.channels.errors import (
    ConfigurationError,
    PermanentError,
    SendError,
    TemporaryError,
    TooLateError,
    UnknownOutcome,
)
from peoplelink.channels.messages import FailureReason

MAX_WAIT = 3600.0
"""Seconds we let a rate limit hold us, whatever the header says."""

_log = logging.getLogger(__name__)


class _Request(aiohttp.ClientRequest):
    """A request that looks at the clock when its connection stands."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        lateness.look()
        return await super().send(conn)


class LeanHttpClient(AsyncHttpClient):
    """Speaks HTTP for `twilio.rest.Client`. Opened inside the running loop, once a process."""

    def __init__(self, *, timeout: float, concurrency: int) -> None:
        """`timeout` in seconds for a whole request, half of it for getting a connection; `concurrency` connections."""
        super().__init__(_log, is_async=True, timeout=timeout)
        self._limits = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._concurrency = concurrency

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._limits,
            request_class=_Request,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def request(  # noqa: PLR0917 - the base class's signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - the session's limit holds
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises SendError where no answer came, and for 429, whose headers say how long to wait."""
        sent_headers = dict(headers or {})
        if auth:
            sent_headers["Authorization"] = aiohttp.encode_basic_auth(*auth)
        body = _encode(data)
        try:
            async with self._session.request(
                method, uri, params=params, data=body, headers=sent_headers, allow_redirects=allow_redirects
            ) as response:
                text = await response.text(errors="replace")
        except lateness.TooLateToSendError as error:
            raise TooLateError from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise no_answer(error) from error
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TemporaryError("HTTP 429", provider_code="20429", retry_after=seconds(response.headers))
        return Response(response.status, text, response.headers)


def no_answer(error: BaseException) -> SendError:
    """Sort a fault of the line: was the request certainly never made, or may it have arrived?"""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return TemporaryError(f"no connection: {name}", reason=FailureReason.PROVIDER)
    if isinstance(error, aiohttp.InvalidURL):
        return ConfigurationError(f"the provider's address is wrong: {name}")
    return UnknownOutcome(f"no answer: {name}")


def seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds. Its other form, a date, is ignored: our own back-off serves."""
    value = headers.get("Retry-After", "")
    return min(float(value[:9]), MAX_WAIT) if value.isascii() and value.isdigit() else None


def _encode(data: Mapping[str, object] | None) -> bytes | None:
    """The form as bytes; raises PermanentError for what has no encoding (lone surrogates), not naming it."""
    with contextlib.suppress(UnicodeEncodeError):
        return urlencode(data, doseq=True).encode() if data else None
    raise PermanentError("the text cannot be encoded", reason=FailureReason.CONTENT)
