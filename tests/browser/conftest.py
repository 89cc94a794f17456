"""A real Chromium on a real server, on this machine only."""

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from werkzeug.serving import make_server

from peoplelink.outbound import tasks

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


@pytest.fixture
def site(app) -> Iterator[str]:
    """The address of `app`, served on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


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
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG_TAGS}})
        return results.generate_report() if results.violations_count else ""

    return find
