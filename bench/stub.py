"""A provider that costs next to nothing: says yes as Twilio and as SendGrid do, after a set time.

`python -m bench.stub` prints its port. It reads no more of a request than its length, and keeps when each came. Its own
pages: `/stub/reset?latency=0.1`, `/stub/state`, `/stub/arrivals`, `/stub/last`.
"""

import asyncio
import json
import signal
import sys
import time
from array import array
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qs, urlsplit

import uvloop

from peoplelink.embedded import guard

_TWILIO, _SENDGRID, _OWN = b"POST /2010-04-01/", b"POST /v3/mail/send", b"GET /stub/"
_LENGTH = b"content-length: "
_ACCOUNT = "AC" + "0" * 32
_SID = "SM" + "0" * 32
_MESSAGE = {
    "account_sid": _ACCOUNT,
    "api_version": "2010-04-01",
    "body": "Hello.",
    "date_created": "Tue, 24 Nov 2026 12:00:00 +0000",
    "date_sent": None,
    "date_updated": "Tue, 24 Nov 2026 12:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": "+447700900000",
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": "GBP",
    "sid": _SID,
    "status": "queued",
    "subresource_uris": {"media": f"/2010-04-01/Accounts/{_ACCOUNT}/Messages/{_SID}/Media.json"},
    "to": "+447700900001",
    "uri": f"/2010-04-01/Accounts/{_ACCOUNT}/Messages/{_SID}.json",
}


def _answer(status: HTTPStatus, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


_CREATED = _answer(HTTPStatus.CREATED, json.dumps(_MESSAGE).encode(), "Content-Type: application/json;charset=utf-8")
_CREATED_PARTS = _CREATED.split(_SID.encode())
_ACCEPTED = _answer(HTTPStatus.ACCEPTED, b"", "Connection: close", f"X-Message-Id: {'0' * 22}").split(b"0" * 22)


class Provider:
    """What all connections share: the count, the latency, the arrivals."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.last = b""
        self.reset(0.0)

    def reset(self, latency: float) -> None:
        """Forget what came; answer after `latency` seconds from now on."""
        self.latency, self.count = latency, 0
        self.moments, self.lengths = array("d"), array("q")

    def texts(self) -> bytes:
        """The answer to one text, with a message id of its own."""
        return (b"SM%032x" % self.count).join(_CREATED_PARTS)

    def emails(self) -> bytes:
        """The answer to one call of SendGrid's."""
        return (b"%022x" % self.count).join(_ACCEPTED)

    def page(self, path: str) -> bytes:
        """One of our own pages."""
        parts = urlsplit(path)
        pages: dict[str, Callable[[], object]] = {
            "/stub/reset": lambda: self.reset(float(parse_qs(parts.query).get("latency", ["0"])[0])),
            "/stub/state": lambda: {"count": self.count, "bytes": sum(self.lengths), "cpu": time.process_time()},
            "/stub/arrivals": lambda: [self.moments.tolist(), self.lengths.tolist()],
            "/stub/last": lambda: self.last.decode("latin-1"),
        }
        return _answer(HTTPStatus.OK, json.dumps(pages[parts.path]()).encode(), "Content-Type: application/json")


class Connection(asyncio.Protocol):
    """One client. Requests come one after another; a body may come in pieces, which are counted and dropped."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._head = b""
        self._missing = 0
        self._reply: Callable[[], None] = self._text

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            if self._missing <= 0:
                self._reply()
            return
        data = self._head + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._head = data
            return
        self._head = b""
        self._begin(data, end + 4)

    def _begin(self, data: bytes, body: int) -> None:
        provider = self._provider
        if data.startswith(_OWN):
            self._transport.write(provider.page(data.split(b" ", 2)[1].decode()))
            return
        length = _length(data, body)
        provider.count += 1
        provider.moments.append(time.monotonic())
        provider.lengths.append(length)
        provider.last = data
        self._reply = self._email if data.startswith(_SENDGRID) else self._text
        self._missing = body + length - len(data)
        if self._missing <= 0:
            self._reply()

    def _text(self) -> None:
        provider = self._provider
        if provider.latency:
            provider.loop.call_later(provider.latency, self._write, provider.texts())
        else:
            self._transport.write(provider.texts())

    def _email(self) -> None:
        provider = self._provider
        provider.loop.call_later(provider.latency, partial(self._write, provider.emails(), last=True))

    def _write(self, answer: bytes, *, last: bool = False) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
            if last:
                self._transport.close()


def _length(data: bytes, body: int) -> int:
    head = data[:body].lower()
    at = head.find(_LENGTH)
    return int(head[at + len(_LENGTH) : head.find(b"\r", at)]) if at >= 0 else 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    provider = Provider(loop)
    server = await loop.create_server(lambda: Connection(provider), "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    guard.die_with_parent()
    uvloop.run(_serve())
