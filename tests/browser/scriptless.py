"""A small phone on which no script of a page runs."""

from collections.abc import Callable
from typing import Any

SMALL = {"width": 320, "height": 640}


class Phone:
    """Asks for pages in a language. `page` is Playwright's, which needs no scripts of its own to click and read."""

    def __init__(self, browser: Any, tag: str = "en-GB") -> None:
        self.page = browser.new_context(viewport=SMALL, locale=tag).new_page()
        self._debugger = self.page.context.new_cdp_session(self.page)
        self._run_scripts(False)

    def asked(self, find: Callable[[Any], str]) -> str:
        """What a script of ours (axe) finds in the page as it stands.

        Scripts are let run only now: those of the page were passed over while it was read, and stay so.
        """
        self._run_scripts(True)
        try:
            return find(self.page)
        finally:
            self._run_scripts(False)

    def close(self) -> None:
        self.page.context.close()

    def _run_scripts(self, allowed: bool) -> None:
        self._debugger.send("Emulation.setScriptExecutionDisabled", {"value": not allowed})
