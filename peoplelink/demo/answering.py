"""Residents answer the broadcast; the officer reads, answers one, and makes a graded report of it."""

import re

from peoplelink.demo.browser import PageError
from peoplelink.demo.people import Resident
from peoplelink.demo.scene import Scene

WORDS = "Yes, I can come. The lights on the path by the school have been broken since Monday. Ring me on 07400 123456."
THANKS = "Thank you. We have told the council about the lights and will text you when they answer."
_GRADE = re.compile(r"\b2A P\b")
_REPORT = {
    "What it is about": "Litter",
    "Zone": "New Parks",
    "Where": "The path by the school",
    "When": "Since Monday",
}
_GRADING = {"We cannot say": True, "Yes, themselves": True, "Yes, for policing": True}


def answer(scene: Scene, writers: list[Resident], *, title: str) -> None:
    """`writers` answer by phone if they have one, else by email; every answer stands in the inbox, linked."""
    scene.tell(f"{len(writers)} residents answer")
    scene.everybody(lambda resident: _write(scene, resident, title), writers)
    scene.until("every answer to be in the inbox", lambda: len(conversations(scene)) >= len(writers))
    found = conversations(scene)
    scene.tally.same("conversations in the inbox", len(writers), len(found))
    about = [title in scene.officer.get(address).text for address in found]
    scene.tally.same("conversations linked to the broadcast", len(writers), sum(about))
    _make_report(scene, found[0])
    _answer_one(scene, found[0])


def conversations(scene: Scene) -> list[str]:
    """The addresses of all new conversations."""
    page, found = scene.officer.get("/officer/inbox"), []
    while True:
        found += page.links("/officer/conversations/")
        following = page.links("after=")
        if not following:
            return list(dict.fromkeys(found))
        page = scene.officer.get(following[0])


def _write(scene: Scene, resident: Resident, title: str) -> None:
    if resident.mobile:
        scene.sandbox.text(resident.mobile, WORDS)
        return
    mail = next(entry for entry in scene.sandbox.accepted(to=resident.mailbox or "") if entry["subject"] == title)
    quoted = "\n".join(f"> {line}" for line in mail["text"].splitlines())
    scene.sandbox.mail(resident.mailbox or "", mail["reply_to"], f"Re: {title}", f"{WORDS}\n\n{quoted}")


def _make_report(scene: Scene, conversation: str) -> None:
    form = scene.officer.get(scene.officer.get(conversation).link("Open a report"))
    sanitised = "".join(field.text or "" for field in form.tree.iter("textarea"))
    scene.tally.same(
        "the report starts without the resident's number", (True, False), ("lights" in sanitised, "123456" in sanitised)
    )
    report = scene.officer.submit(form, "Make the report", _REPORT)
    questions = scene.officer.get(report.link("Grade it"))
    proposed = scene.officer.submit(questions, "Propose a grade", _GRADING)
    graded = scene.officer.submit(proposed, "Save this grade")
    scene.tally.same("the report is graded 2A P", True, bool(_GRADE.search(graded.text)))


def _answer_one(scene: Scene, conversation: str) -> None:
    page = scene.officer.submit(scene.officer.get(conversation), "Send answer", {"Your answer": THANKS})
    if THANKS not in page.text:
        raise PageError(f"the answer does not stand in the conversation: {page.text[:200]}")

    def arrived() -> int:
        return sum(1 for entry in scene.sandbox.accepted() if THANKS in (entry.get("body") or entry.get("text") or ""))

    scene.until("the answer to arrive", lambda: arrived() > 0)
    scene.tally.same("residents who got the officer's answer", 1, arrived())
