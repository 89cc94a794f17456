"""A real Chromium on a real server, on this machine only."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from peoplelink.outbound import tasks
from tests.browser import town

NO_BROWSER = "no Chromium here: install it (Debian: apt-get install chromium), or put `chromium` on the PATH"
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",  # containers give it 64 MB
    "--disable-sync",
    "--no-first-run",
]
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": WCAG_TAGS}, "resultTypes": ["violations"]}
"""All rules, and the particulars only of what is wrong: half the time."""


def find_chromium() -> str | None:
    """Debian's browser, or whatever is called chromium or chrome on the PATH; never a download."""
    names = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    path = find_chromium()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    # Chromium's own sandbox refuses to run as root.
    without_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": path, "args": [*QUIET, *without_sandbox]}


@pytest.fixture(scope="session")
def engine_name() -> str:
    """Pages look the same on either database."""
    return "sqlite"


@pytest.fixture(scope="session", autouse=True)
def clicks_wait_for_the_page() -> Iterator[None]:
    """A click is over when the page it leads to is there whole.

    Playwright's own is over at that page's first bytes, and on a busy machine half a page is then read or measured: axe
    has met one without an <html>.
    """
    click = Locator.click

    def whole(self: Locator, **how: Any) -> None:
        click(self, **how)
        self.page.wait_for_load_state()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", whole)
        yield


@pytest.fixture
def site(app) -> Iterator[str]:
    """The address of `app`, served on a free port of this machine."""
    with town.served(app) as address:
        yield address


@pytest.fixture(scope="session")
def planted_town(config, sqlite_files, valkey_server, compiled_templates) -> Iterator[town.Town]:
    """A town with something in every list, which tests look at and do not change."""
    url = sqlite_files.create()
    with town.planted(config, database_url=url, redis_url=valkey_server.url) as planted:
        planted.app.testing = True
        planted.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600  # two hundred pages ask for the same styles
        planted.app.jinja_env.bytecode_cache = compiled_templates
        yield planted
    sqlite_files.drop(url)


@pytest.fixture(scope="session")
def planted_site(planted_town: town.Town) -> Iterator[str]:
    """The address at which it is served."""
    with town.served(planted_town.app) as address:
        yield address


@pytest.fixture
def send_waiting(runtime):
    """Call with a lane: sends what waits in it. In a thread, since Playwright's own event loop runs in this one."""

    def send(lane: str) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(tasks.drain_lane, runtime, lane).result()

    return send


@pytest.fixture
def violations():
    """Call with a page: what axe finds against WCAG 2.2 AA, as text; empty where all is well."""

    def find(page: Page) -> str:
        results = Axe().run(page, options=AXE)
        return results.generate_report() if results.violations_count else ""

    return find
