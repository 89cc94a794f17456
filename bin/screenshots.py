"""Takes a picture of every page, wide and on a small phone, from an installation in which the story has been played.

    python bin/screenshots.py FOLDER [--only NAME ...]

The pictures are for looking at; docs/screenshots holds the one that the README shows.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from peoplelink.demo.answering import conversations
from peoplelink.demo.people import make_residents
from peoplelink.demo.scene import Scene
from peoplelink.demo.stage import installation
from peoplelink.demo.story import tell
from peoplelink.demo.tally import Tally

WIDTHS = {"wide": 1280, "phone": 320}
WORDS = "Litter pick at the Rec on Saturday 14 March, 2pm, {name|neighbour}. Reply if you can come."
EMAIL = """Hello {name|neighbour},

We meet **on Saturday 14 March at 2pm** by the gate.

- Bags and gloves are there
- Tea after"""


def main() -> None:
    """Play, then look at everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=None)
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with installation(segments_per_second=100) as stage:
        scene = Scene(stage, make_residents(60), Tally(print), print)
        tell(scene)
        with sync_playwright() as playwright:
            _shoot(_launch(playwright), scene, wanted.folder, wanted.only)


def _launch(playwright: object) -> Browser:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=arguments)  # type: ignore[attr-defined]


def _shoot(browser: Browser, scene: Scene, folder: Path, only: list[str] | None) -> None:
    for width_name, width in WIDTHS.items():
        page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
        _sign_in(page, scene)
        for name, address in _addresses(scene):
            if only and name not in only:
                continue
            page.goto(address)
            if name == "compose":
                _write(page)
            page.screenshot(path=folder / f"{name}-{width_name}.png", full_page=True)
            sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            print(
                f"{name}-{width_name}: {page.title()}" + (f"  SCROLLS SIDEWAYS by {sideways}" if sideways > 0 else "")
            )


def _sign_in(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.stage.base}/officer/sign-in")
    page.get_by_label("Email").fill(scene.stage.officer)
    page.get_by_role("textbox", name="Password").fill(scene.stage.password)
    page.get_by_role("button", name="Sign in").click()


def _write(page: Page) -> None:
    page.get_by_label("Title").fill("Litter pick")
    page.get_by_label("New Parks").check()
    page.get_by_label("Words of the text message").fill(WORDS)
    page.get_by_label("Email subject").fill("Litter pick on Saturday")
    page.get_by_label("Words of the email").fill(EMAIL)
    page.wait_for_timeout(1500)  # the panel beside the form is worked out half a second after the last letter


def _addresses(scene: Scene) -> Iterator[tuple[str, str]]:
    base, officer = scene.stage.base, scene.officer
    for path in ("/", "/join", "/privacy", "/accessibility", "/cookies", "/contact", "/no-such-page", "/leave/broken"):
        yield path.strip("/").replace("/", "-") or "home", base + path
    for path in ("", "/broadcasts", "/inbox", "/inbox?tab=done", "/unplaced", "/reports", "/password"):
        yield "officer" + path.replace("/", "-").replace("?tab=", "-"), f"{base}/officer{path}"
    yield "compose", f"{base}/officer/broadcasts/new"
    sent = next(link for link in officer.get("/officer/broadcasts").links("/officer/broadcasts/") if _is_thing(link))
    for part in ("", "/preview", "/deliveries"):
        yield "broadcast" + part.replace("/", "-"), sent + part
    conversation = conversations(scene)[0]
    yield "conversation", conversation
    yield "report-new", f"{conversation}/report"
    report = next(link for link in officer.get("/officer/reports").links("/officer/reports/") if _is_thing(link))
    yield "report", report
    yield "report-grade", f"{report}/grade"
    yield "report-edit", f"{report}/edit"
    yield "handset", scene.stage.sandbox


def _is_thing(address: str) -> bool:
    return len(urlsplit(address).path.rpartition("/")[2]) == 36  # noqa: PLR2004 - a public id


if __name__ == "__main__":
    main()
