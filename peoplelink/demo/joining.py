"""Residents ask to join, by form and by text, and confirm each of their addresses."""

import time
from collections import Counter

from peoplelink.demo.browser import Browser, Page, PageError
from peoplelink.demo.people import Resident
from peoplelink.demo.scene import Scene
from peoplelink.subscribers.robots import LEAST_SECONDS


def join(scene: Scene) -> None:
    """Everybody joins; afterwards each address has been asked once and has said yes."""
    by_form = [resident for resident in scene.residents if not resident.by_text]
    by_text = [resident for resident in scene.residents if resident.by_text]
    scene.tell(f"{len(by_form)} residents fill in the form, {len(by_text)} text a zone's word")
    _fill_in_forms(scene, by_form)
    scene.everybody(lambda resident: _text_word(scene, resident), by_text)
    addresses = addresses_of(scene)
    scene.until("every address to be asked", lambda: len(scene.sandbox.accepted()) >= len(addresses))
    asked = Counter(entry["to"] for entry in scene.sandbox.accepted())
    scene.tally.same("addresses asked to confirm, once each", dict.fromkeys(addresses, 1), dict(asked), brief=True)
    scene.tell("they confirm: YES by text, the button behind the link by email")
    scene.everybody(lambda resident: _confirm(scene, resident), scene.residents)
    _hear_welcomes(scene)


def addresses_of(scene: Scene) -> list[str]:
    """Every number and mailbox in the story."""
    return [value for one in scene.residents for value in (one.mobile, one.mailbox) if value]


def _fill_in_forms(scene: Scene, residents: list[Resident]) -> None:
    opened: list[tuple[Resident, Browser, Page]] = []

    def look(resident: Resident) -> None:
        browser = scene.browser_of(resident)
        opened.append((resident, browser, browser.get("/join")))

    scene.everybody(look, residents)
    time.sleep(LEAST_SECONDS + 1)  # whoever is quicker is taken for a script
    scene.everybody(_send_form, opened)


def _send_form(opened: tuple[Resident, Browser, Page]) -> None:
    resident, browser, page = opened
    filled: dict[str, object] = {resident.zone: True, "I am 13 or over": True}
    if resident.mobile:
        filled["Mobile number"] = "0" + resident.mobile.removeprefix("+44")
    if resident.mailbox:
        filled["Email address"] = resident.mailbox
    if resident.name:
        filled["Your name"] = resident.name
    answer = browser.submit(page, "Join", filled)
    if not answer.url.endswith("/join/check"):
        raise PageError(f"the form was not taken: {answer.text[:200]}")


def _text_word(scene: Scene, resident: Resident) -> None:
    words = f"Join {resident.keyword.lower()}" if resident.number % 2 else resident.keyword
    scene.sandbox.text(resident.mobile or "", words)


def _confirm(scene: Scene, resident: Resident) -> None:
    if resident.mobile:
        scene.sandbox.text(resident.mobile, "Yes")
    if resident.mailbox:
        browser = scene.browser_of(resident)
        page = browser.submit(browser.get(scene.sandbox.confirm_link(resident.mailbox)), "Yes")
        if "confirm" not in page.text.casefold() and "email" not in page.text.casefold():
            raise PageError(f"not confirmed: {page.text[:200]}")


def _hear_welcomes(scene: Scene) -> None:
    phones = [resident.mobile for resident in scene.residents if resident.mobile]

    def welcomed() -> Counter[str]:
        texts = scene.sandbox.accepted(medium="sms")
        return Counter(entry["to"] for entry in texts if entry["body"].startswith("You're in"))

    scene.until("every phone to be welcomed", lambda: len(welcomed()) >= len(phones))
    scene.tally.same("phones welcomed, once each", dict.fromkeys(phones, 1), dict(welcomed()), brief=True)
