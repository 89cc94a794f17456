"""The people of a round, each at their own screen: an officer who sends and steers, and residents who stop."""

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import requests
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.demo.browser import Browser, Page, PageError
from peoplelink.demo.sandbox import Sandbox
from peoplelink.embedded.first_start import FIRST_OFFICER
from peoplelink.outbound.models import Dispatch
from peoplelink.outbound.states import HoldReason
from tests.crash.agenda import Agenda
from tests.crash.stack import Stack

_SCREENS = 3
_PATIENCE = 90.0  # seconds an officer tries again while the website is away
_FAULTS = (requests.RequestException, PageError, SQLAlchemyError)
_CANCEL = "Cancel the rest"
STOP_WORDS = ("STOP", "Stop", "stop ", "UNSUBSCRIBE", "Stop please")


class Crowd:
    """Acts on threads of its own, so that a website that hangs holds up nobody but the one who looks at it."""

    def __init__(self, stack: Stack, agenda: Agenda) -> None:
        self._stack, self._agenda = stack, agenda
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="crowd")
        self._doing: list[Future[None]] = []
        self._screens: queue.Queue[Browser] = queue.Queue()
        for _ in range(_SCREENS):
            self._screens.put(self._sign_in())

    def send(self, broadcast: str) -> None:
        """The officer sends a draft; tries again until it is sent."""
        self._do(f"send {broadcast[:8]}", lambda: self._officer(lambda browser: self._send(browser, broadcast)))

    def pause(self, broadcast: str, seconds: float) -> None:
        """The officer pauses a broadcast, if it is on its way, and resumes it after some time."""
        self._do(f"pause {broadcast[:8]}", lambda: self._pause(broadcast, seconds))

    def cancel(self, broadcast: str) -> None:
        """The officer cancels the rest of a broadcast, if it is on its way."""
        self._do(f"cancel {broadcast[:8]}", lambda: self._officer(lambda browser: self._cancel(browser, broadcast)))

    def look_at_failing(self) -> None:
        """The officer resumes what was paused because too much of it failed."""
        self._do(None, lambda: self._officer(self._resume_failing))

    def stop(self, number: str, words: str) -> None:
        """A resident texts a word for STOP."""
        self._do(None, lambda: Sandbox(self._stack.sandbox_url).text(number, words))

    def finish(self) -> list[str]:
        """Wait for everybody; what they could not do."""
        self._pool.shutdown(wait=True)
        errors = [future.exception() for future in self._doing]
        return [f"{type(error).__name__}: {error}" for error in errors if error]

    def _do(self, words: str | None, act: Callable[[], None]) -> None:
        if words:
            self._agenda.note(words)
        self._doing.append(self._pool.submit(act))

    def _officer(self, act: Callable[[Browser], bool]) -> None:
        """Try until it worked."""
        until = time.monotonic() + _PATIENCE
        browser = self._screens.get()
        try:
            while True:
                try:
                    if act(browser):
                        return
                    raise PageError("not done yet")
                except _FAULTS:
                    if time.monotonic() > until:
                        raise
                    time.sleep(1)
        finally:
            self._screens.put(browser)

    def _send(self, browser: Browser, broadcast: str) -> bool:
        """Whether it is sent: the answer to the click may have been lost, so the page is asked again."""
        path = f"/officer/broadcasts/{broadcast}/send"
        page = browser.get(path)
        if page.url.endswith("/send"):
            browser.submit(page, "Send to")
            page = browser.get(path)
        return not page.url.endswith("/send")

    def _pause(self, broadcast: str, seconds: float) -> None:
        self._officer(lambda browser: self._press(browser, broadcast, "Pause"))
        time.sleep(seconds)
        self._officer(lambda browser: self._press(browser, broadcast, "Resume"))

    def _press(self, browser: Browser, broadcast: str, button: str) -> bool:
        """Press a button of the broadcast's page, if it is there; whether it has gone."""
        page = browser.get(f"/officer/broadcasts/{broadcast}")
        if _offers(page, button):
            self._agenda.note(f"{button} {broadcast[:8]}")
            page = browser.submit(page, button)
        return not _offers(page, button)

    def _cancel(self, browser: Browser, broadcast: str) -> bool:
        path = f"/officer/broadcasts/{broadcast}"
        page = browser.get(path)
        if _offers(page, _CANCEL):
            browser.submit(browser.get(page.link(_CANCEL)), _CANCEL)
            page = browser.get(path)
        return not _offers(page, _CANCEL)

    def _resume_failing(self, browser: Browser) -> bool:
        failing = (
            select(Broadcast.public_id)
            .join(Dispatch, Dispatch.id == Broadcast.dispatch_id)
            .where(Broadcast.status == BroadcastStatus.PAUSED, Dispatch.held_because == HoldReason.FAILURES)
        )
        with self._stack.database.read() as session:
            found = list(session.scalars(failing))
        return all(self._press(browser, broadcast, "Resume") for broadcast in found)

    def _sign_in(self) -> Browser:
        browser = Browser(self._stack.base, address="192.0.2.1")
        page = browser.submit(
            browser.get("/officer/sign-in"), "Sign in", {"Email": FIRST_OFFICER, "Password": self._stack.password}
        )
        assert "sign-in" not in page.url, f"the officer could not sign in: {page.text[:200]}"
        return browser


def _offers(page: Page, words: str) -> bool:
    """Whether there is a button, or a link that looks like one."""
    return any(words in element.text_content() for element in page.tree.iter("button", "a"))
