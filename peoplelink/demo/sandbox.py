"""The sandbox's side of the story: residents' phones and mailboxes, and the ledger of what was accepted."""

import re
from typing import Any, cast

import requests

_TIMEOUT = 60  # seconds
_CONFIRM = re.compile(r"https?://\S+/confirm/[^\s<>\")]+")


class Sandbox:
    """Talks to a running sandbox's admin addresses."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = requests.Session()

    def text(self, sender: str, words: str) -> None:
        """A resident texts our number."""
        self._post("/sandbox/inbound/sms", {"from": sender, "body": words})

    def mail(self, sender: str, recipient: str, subject: str, words: str) -> None:
        """A resident writes an email."""
        self._post("/sandbox/inbound/mail", {"from": sender, "to": recipient, "subject": subject, "text": words})

    def idle(self, seconds: int = 30) -> None:
        """Wait until every status callback and event has been delivered."""
        self._http.post(
            f"{self._base}/sandbox/idle", params={"timeout": seconds}, timeout=seconds + 10
        ).raise_for_status()

    def accepted(self, **wanted: str) -> list[dict[str, Any]]:
        """Every message accepted so far, oldest first; `medium` and `to` narrow it down."""
        answer = self._http.get(f"{self._base}/sandbox/ledger", params=wanted, timeout=_TIMEOUT)
        answer.raise_for_status()
        return cast(list[dict[str, Any]], answer.json())

    def last_to(self, address: str) -> dict[str, Any]:
        """The newest message to an address; an empty one if there is none."""
        return (self.accepted(to=address) or [{}])[-1]

    def confirm_link(self, mailbox: str) -> str:
        """The link in the newest email to a mailbox that confirms it."""
        found = _CONFIRM.search(self.last_to(mailbox).get("text") or "")
        return found[0] if found else ""

    def _post(self, path: str, body: dict[str, str]) -> None:
        self._http.post(f"{self._base}{path}", json=body, timeout=_TIMEOUT).raise_for_status()
