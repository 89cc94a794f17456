"""An officer signs in, writes to a zone, looks at who will get it, sends it, and watches it arrive."""

import re
from collections import Counter

from peoplelink.demo.browser import Page, PageError
from peoplelink.demo.scene import Scene

_DELIVERED = re.compile(r"([\d,]+) of ([\d,]+) delivered")
_OVER = ("Sent out", "Finished")


def sign_in(scene: Scene) -> None:
    """The officer signs in with the password that the terminal showed."""
    page = scene.officer.submit(
        scene.officer.get("/officer/sign-in"),
        "Sign in",
        {"Email": scene.stage.officer, "Password": scene.stage.password},
    )
    if page.status != 200 or "sign-in" in page.url:  # noqa: PLR2004
        raise PageError(f"the officer could not sign in: {page.text[:200]}")


def send(scene: Scene, title: str, words: str, *, zone: str, expected: list[str]) -> str:
    """Send `words` by text and email to a zone; `expected` are the addresses that must get it, and nobody else."""
    scene.tell(f"the officer writes {title!r} to {zone}")
    draft = scene.officer.submit(
        scene.officer.get("/officer/broadcasts/new"),
        "Check and preview",
        {
            "Title": title,
            zone: True,
            "Words of the text message": words,
            "Email subject": title,
            "Words of the email": f"**{words}**",
        },
    )
    confirm = scene.officer.get(draft.link("Send now"))
    scene.tally.same(f"{title}: people it will go to", _people(scene, expected), _number(confirm, r"Send to ([\d,]+)"))
    progress = scene.officer.submit(confirm, "Send to")
    scene.tell("it goes out")
    scene.until("everybody to have it", lambda: _arrived(scene, progress.url))
    _compare(scene, title, words, expected, scene.officer.get(progress.url))
    return progress.url


def _people(scene: Scene, expected: list[str]) -> int:
    return sum(1 for one in scene.residents if {one.mobile, one.mailbox} & set(expected))


def _arrived(scene: Scene, address: str) -> bool:
    page = scene.officer.get(address).text
    found = _DELIVERED.search(page)
    return any(word in page for word in _OVER) and found is not None and found[1] == found[2]


def _compare(scene: Scene, title: str, words: str, expected: list[str], page: Page) -> None:
    counted = _DELIVERED.search(page.text)
    said = tuple(int(number.replace(",", "")) for number in counted.groups()) if counted else ()
    scene.tally.same(f"{title}: delivered, by the officer's page", (len(expected), len(expected)), said)
    start = words.partition("{")[0]
    got = Counter(
        entry["to"]
        for entry in scene.sandbox.accepted()
        if start in (entry.get("body") or "") or entry.get("subject") == title
    )
    scene.tally.same(f"{title}: addresses that got it, once each", dict.fromkeys(expected, 1), dict(got), brief=True)


def _number(page: Page, pattern: str) -> int:
    found = re.search(pattern, page.text)
    if not found:
        raise PageError(f"no {pattern} on {page.url}: {page.text[:200]}")
    return int(found[1].replace(",", ""))
