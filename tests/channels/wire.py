"""A provider at the other end of a loopback socket: it answers what a test orders, and remembers what it was asked."""

import asyncio
import contextlib
import queue
import socket
import threading
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict
    body: bytes


@dataclass
class Wire:
    """A server's address and what it was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextlib.contextmanager
def provider(*, status=200, body=b"", headers=None, delay=0.0, drop=False):
    """Serve every request with the one answer ordered, from a thread with a loop of its own."""
    wire = Wire()

    async def answer(request):
        wire.asked.append(Asked(request.method, request.path_qs, dict(request.headers), await request.read()))
        await asyncio.sleep(delay)
        if drop:
            request.transport.abort()
        return web.Response(status=status, body=body, headers=headers or {})

    async def serve():
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wire.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        started.put(lambda: loop.call_soon_threadsafe(stop.set))
        await stop.wait()
        await runner.cleanup()

    started = queue.Queue()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    stop = started.get(timeout=10)
    try:
        yield wire
    finally:
        stop()
        thread.join(10)
        assert not thread.is_alive()


@contextlib.contextmanager
def silent_port():
    """An address that takes connections into a full queue and never completes another: connecting times out."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def closed_port():
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
