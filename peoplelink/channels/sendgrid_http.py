"""The transport under SendGrid's official client: urllib as shipped, but it says whether a connection was ever made.

python-http-client 3.3.7 opens a connection a call and sets no time-out. One call carries up to 1,000 people, so the
connection hardly matters; not knowing whether the request left would matter a great deal.
"""

import http.client
import logging
import urllib.error
import urllib.request
from typing import Any

import python_http_client
from python_http_client.exceptions import HTTPError, handle_error
from sendgrid import SendGridAPIClient

from peoplelink.channels import lateness

logging.getLogger("python_http_client").setLevel(logging.INFO)  # at DEBUG it writes every address and word


class NotConnectedError(OSError):
    """No connection: nothing can have been sent."""


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            raise NotConnectedError(type(error).__name__) from error
        lateness.look()


class _TlsConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            raise NotConnectedError(type(error).__name__) from error
        lateness.look()


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_TlsConnection, req)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would follow a POST's redirect with a GET, whose 200 says nothing about the mail."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:  # noqa: ARG002
        return None


class _Client(python_http_client.Client):
    """The official client with the opener above, kept by the clients it makes for each part of a path."""

    def _build_client(self, name: str | None = None) -> "_Client":
        path = [*self._url_path, name] if name else self._url_path
        return _Client(self.host, self.request_headers, self._version, path, self.append_slash, self.timeout)

    def _make_request(self, _opener: Any, request: urllib.request.Request, timeout: float | None = None) -> Any:
        opener = urllib.request.build_opener(_Http, _Https, _NoRedirect)
        try:
            return opener.open(request, timeout=timeout or self.timeout)
        except urllib.error.HTTPError as error:
            refused: HTTPError = handle_error(error)
        raise refused


def open_client(api_key: str, base_url: str, timeout: float) -> SendGridAPIClient:
    """SendGrid's client, with `timeout` in seconds for connecting and for each wait on the socket."""
    api = SendGridAPIClient(api_key, host=base_url.rstrip("/"))
    api.client = _Client(api.host, dict(api.client.request_headers), version=3, timeout=timeout)
    return api
