"""Requests made beforehand, sent as fast as they are answered over so many connections: what callers of ours do."""

import asyncio
import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import uvloop

from bench.processes import call


def post(port: int, path: str, body: bytes, content_type: str, **headers: str) -> bytes:
    """A request as bytes; an underscore in the name of a header stands for a hyphen."""
    fields = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def order(port: int, requests: Sequence[bytes], *, connections: int, times: int = 1) -> dict[str, Any]:
    """For `bench.load:fired`: send each request `times` times."""
    coded = [base64.b64encode(request).decode() for request in requests]
    return {"port": port, "requests": coded, "connections": connections, "times": times}


def fire(port: int, requests: Sequence[bytes], *, connections: int, times: int = 1) -> dict[str, Any]:
    """Send them from a process of its own: when it `began`, the `seconds` it took, `good` answers (2xx)."""
    return call("bench.load:fired", order(port, requests, connections=connections, times=times))


def fired(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The process that sends."""
    requests = [base64.b64decode(request) for request in wanted["requests"]]
    return uvloop.run(_fire(wanted["port"], requests * wanted["times"], wanted["connections"]))


async def _fire(port: int, requests: list[bytes], connections: int) -> dict[str, Any]:
    volley = _Volley(port, requests)
    began = time.monotonic()
    await asyncio.gather(*(volley.connect() for _ in range(min(connections, len(requests)))))
    await volley.over.wait()
    return {"began": began, "seconds": time.monotonic() - began, "good": volley.good}


class _Volley:
    """What all connections share: the requests left, and the answers."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._port = port
        self.left: Iterator[bytes] = iter(requests)
        self.expected, self.answers, self.good = len(requests), 0, 0
        self.over = asyncio.Event()

    async def connect(self) -> None:
        """One more connection; it takes requests until none is left."""
        await asyncio.get_running_loop().create_connection(lambda: _Caller(self), "127.0.0.1", self._port)

    def answered(self, *, good: bool) -> None:
        """Count an answer."""
        self.answers += 1
        self.good += good
        if self.answers == self.expected:
            self.over.set()

    def again(self) -> None:
        """The server closes a connection after its answer: make another."""
        if self.answers < self.expected:
            self._task = asyncio.ensure_future(self.connect())


class _Caller(asyncio.Protocol):
    """One connection: a request at a time."""

    def __init__(self, volley: _Volley) -> None:
        self._volley = volley
        self._waiting = False
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind
        self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0 or len(self._held) < end + 4 + _length(self._held[:end]):
            return
        answer, self._held = self._held, b""
        self._waiting = False
        self._volley.answered(good=answer[9:10] == b"2")
        if b"onnection: close" not in answer[:end]:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._waiting:
            self._volley.answered(good=False)
        self._volley.again()

    def _next(self) -> None:
        request = next(self._volley.left, None)
        if request is None:
            self._transport.close()
        else:
            self._waiting = True
            self._transport.write(request)


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length: ")
    return int(lower[at + 16 :].split(b"\r", 1)[0]) if at >= 0 else 0
