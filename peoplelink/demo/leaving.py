"""Some leave, by STOP and by their mail program's button. After that there is silence for them."""

import re

from peoplelink.demo.browser import PageError
from peoplelink.demo.people import Resident
from peoplelink.demo.scene import Scene

_LEAVE = re.compile(r"<(https?://[^>]+/leave/[^>]+)>")


def leave(scene: Scene, by_text: list[Resident], by_mail: list[Resident]) -> list[str]:
    """The addresses that have left: the number of each in `by_text`, the mailbox of each in `by_mail`."""
    scene.tell(f"{len(by_text)} residents text STOP, {len(by_mail)} press the button in their mail program")
    scene.everybody(lambda resident: scene.sandbox.text(resident.mobile or "", "Stop"), by_text)
    scene.everybody(lambda resident: _one_click(scene, resident), by_mail)
    return [one.mobile or "" for one in by_text] + [one.mailbox or "" for one in by_mail]


def _one_click(scene: Scene, resident: Resident) -> None:
    headers = scene.sandbox.last_to(resident.mailbox or "").get("headers") or {}
    link = _LEAVE.search(headers.get("List-Unsubscribe", ""))
    if link is None:
        raise PageError("an email without a way to leave")
    answer = scene.browser_of(resident).post(link[1], {"List-Unsubscribe": "One-Click"})
    if answer.status != 200:  # noqa: PLR2004
        raise PageError(f"one-click answered {answer.status}")
