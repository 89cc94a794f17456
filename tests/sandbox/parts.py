"""The sandbox on a thread of its own, and a server that plays the app and remembers what it was told."""

import asyncio
import dataclasses
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import uvloop

from peoplelink.sandbox.faults import FaultPlan
from peoplelink.sandbox.server import start
from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.signing import load_private, new_key_pair
from peoplelink.sandbox.world import WORLD, World

ACCOUNT = "AC" + "a" * 32
TOKEN = "t" * 32
SERVICE = "MG" + "b" * 32
API_KEY = "SG.sandbox"
OURS = "+447700900000"
DOMAIN = "in.example.org"
EVENT_PRIVATE, EVENT_PUBLIC = new_key_pair()
PARSE_PRIVATE, PARSE_PUBLIC = new_key_pair()


class Heard(NamedTuple):
    """One request that the app got."""

    path: str
    headers: Message
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Reply(NamedTuple):
    status: int = 204
    body: bytes = b""
    content_type: str = "text/xml"


class Sink:
    """Plays the app: answers as told, remembers everything."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answer: Callable[[str], Reply] = lambda path: Reply()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.heard.append(Heard(self.path, self.headers, body))
                reply = sink.answer(self.path)
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def at(self, path: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.path.split("?")[0] == path]

    @property
    def statuses(self) -> list[str]:
        return [heard.form["MessageStatus"] for heard in self.at("/status")]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: Message

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """A sandbox that runs for one test."""

    def __init__(self, settings: Settings, plan: FaultPlan | None = None) -> None:
        self.settings = settings
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(settings, plan))
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self, settings: Settings, plan: FaultPlan | None) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(settings, plan))

    async def _serve(self, settings: Settings, plan: FaultPlan | None) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        runner, port = await start(settings, plan)
        self.url = f"http://127.0.0.1:{port}"
        self.world: World = runner.app[WORLD]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert self.world.agenda.failures == 0, "an action of the sandbox raised"

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers or {})
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=20) as response:
                return Answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as err:
            with err:
                return Answer(err.code, err.read(), err.headers)

    def idle(self) -> None:
        answer = self.call("POST", "/sandbox/idle?timeout=15")
        assert answer.status == 200, answer.text

    def order(self, **faults: Any) -> None:
        assert self.call("POST", "/sandbox/faults", faults).status == 200

    def ledger(self, query: str = "") -> list[dict[str, Any]]:
        return self.call("GET", f"/sandbox/ledger{query}").json

    def text_in(self, sender: str, body: str, **more: Any) -> dict[str, Any]:
        answer = self.call("POST", "/sandbox/inbound/sms", {"from": sender, "body": body, **more})
        assert answer.status == 200, answer.text
        return answer.json


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *args):
        return None


def make_settings(public_url: str, *, journal: Path | None = None, **changes: Any) -> Settings:
    settings = Settings(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        api_key=API_KEY,
        event_key=load_private(EVENT_PRIVATE),
        parse_key=load_private(PARSE_PRIVATE),
        public_url=public_url,
        inbound_domain=DOMAIN,
        number=OURS,
        port=0,
        step_ms=5,
        event_batch_ms=20,
        retry_ms=20,
        journal=journal,
    )
    return dataclasses.replace(settings, **changes)


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def a_mail(*people: dict[str, Any] | str, **changes: Any) -> dict[str, Any]:
    """A request that SendGrid takes."""
    return {
        "personalizations": [
            {"to": [{"email": person}]} if isinstance(person, str) else person
            for person in people or ["ash@example.org"]
        ],
        "from": {"email": "link@example.org", "name": "People Link"},
        "subject": "News",
        "content": [{"type": "text/plain", "value": "Hello"}, {"type": "text/html", "value": "<p>Hello</p>"}],
        **changes,
    }
