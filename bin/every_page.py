"""Takes a picture of every page that the tests look at, on a small phone and wide: public pages in every language.

    python bin/every_page.py FOLDER [--only WORD ...]

The pages are those of the tables in tests/browser; `--only` keeps those with one of the words in their name. The
pictures are for looking at, and are not kept.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peoplelink.embedded import valkey
from peoplelink.languages import LANGUAGES, Language
from peoplelink.sandbox.signing import new_key_pair
from tests import settings
from tests.browser import emails, town
from tests.browser.conftest import find_chromium
from tests.browser.officer_pages import OFFICERS
from tests.browser.public_pages import FOR_OFFICERS, PUBLIC
from tests.browser.shown import Shown
from tests.databases import SqliteFiles

WIDTHS = (320, 1280)


def main() -> None:
    """Plant, serve, look at everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        planted = _plant(stack)
        site = stack.enter_context(town.served(planted.app))
        browser = _launch(stack)
        for width in WIDTHS:
            _shoot(browser, width, planted, site, wanted)


def _plant(stack: ExitStack) -> town.Town:
    files = SqliteFiles()
    stack.callback(files.close)
    queue = valkey.start(Path(stack.enter_context(tempfile.TemporaryDirectory())), keep=False)
    stack.callback(queue.stop)
    config = settings.sandboxed(new_key_pair()[1], new_key_pair()[1])
    return stack.enter_context(town.planted(config, database_url=files.create(), redis_url=queue.url))


def _launch(stack: ExitStack) -> Browser:
    playwright = stack.enter_context(sync_playwright())
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)


def _shoot(browser: Browser, width: int, planted: town.Town, site: str, wanted: argparse.Namespace) -> None:
    with planted.app.extensions["peoplelink"].database.write() as session:
        mails = emails.every(session)
        session.rollback()
    for language in LANGUAGES.values():
        page = browser.new_context(viewport={"width": width, "height": 640}, locale=language.tag).new_page()
        for name, shown in _pages(language, planted):
            if _is_wanted(name, wanted):
                shown.open(page, site, planted)
                _keep(page, wanted.folder / f"{name}-{width}.png")
        for name, html in mails.items():
            if name.endswith(f"-{language.code}") and _is_wanted(f"email-{name}", wanted):
                page.goto("about:blank")  # a page of ours would not let an email bring its own styles
                page.set_content(html)
                _keep(page, wanted.folder / f"email-{name}-{width}.png")
        page.context.close()


def _pages(language: Language, planted: town.Town) -> Iterator[tuple[str, Shown]]:
    english = language.code == "en"
    for shown in PUBLIC:
        if english or shown.endpoint not in FOR_OFFICERS:
            yield f"{shown.name}-{language.code}", shown
    if english:
        yield from ((f"officer-{shown.name}", shown.signed_in(planted)) for shown in OFFICERS)


def _is_wanted(name: str, wanted: argparse.Namespace) -> bool:
    return not wanted.only or any(word in name for word in wanted.only)


def _keep(page: Page, path: Path) -> None:
    page.screenshot(path=path, full_page=True)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    print(f"{path.stem}: {page.title()}" + (f"  SCROLLS SIDEWAYS by {sideways}" if sideways > 0 else ""))


if __name__ == "__main__":
    main()
