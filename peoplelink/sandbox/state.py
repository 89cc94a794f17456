"""What has been accepted, what became of it, who said STOP. Every change is told to the journal, if there is one."""

import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from peoplelink.sandbox.journal import Journal
from peoplelink.sandbox.records import (
    Call,
    Entry,
    Letter,
    Mail,
    Text,
    call_record,
    letter_record,
    new_call,
    read_letter,
    read_text,
    text_record,
)


class State:
    """The ledger and its indexes. Grows with what was accepted, and with nothing else."""

    def __init__(self, key: str, journal: Journal | None = None) -> None:
        self._key = key.encode()
        self._journal: Journal | None = None
        self._clear()
        if journal is not None:
            for record in journal.records():
                self._replay(record)
        self._journal = journal

    def _clear(self) -> None:
        self.texts: dict[str, Text] = {}  # in the order of acceptance
        self.calls: dict[str, Call] = {}
        self.mails: dict[str, Mail] = {}
        self.by_category: dict[str, list[Call]] = defaultdict(list)
        self.threads: dict[str, list[Entry]] = {}  # by the resident's address
        self.blocks: set[tuple[str, str]] = set()
        self._handsets: dict[str, str] = {}
        self._numbered = 0

    def clear(self) -> None:
        """Forget everything: ledger, handsets and opt-outs."""
        self._clear()
        if self._journal is not None:
            self._journal.clear()

    def add_text(self, text: Text) -> Text:
        """Take a text into the ledger."""
        self._numbered += 1
        text.number = self._numbered
        self.texts[text.sid] = text
        self._thread(text.resident).append(text)
        self._note(text_record, text)
        return text

    def set_text_status(self, text: Text, status: str, now: dt.datetime, error_code: int | None = None) -> None:
        """What has become of a text."""
        text.status, text.updated_at, text.error_code = status, now, error_code
        if status == "sent":
            text.sent_at = now
        self._note(_text_status_record, text)

    def set_told(self, text: Text, now: dt.datetime) -> None:
        """The app has said yes to the webhook of a resident's text."""
        text.told_at = now
        self._note(dict, {"kind": "told", "sid": text.sid, "at": now})

    def redact(self, text: Text, now: dt.datetime) -> None:
        """Take the words out of a text, as POST with an empty Body does."""
        text.body, text.updated_at = "", now
        self._note(_redact_record, text)

    def remove(self, text: Text) -> None:
        """Take a text out of the ledger."""
        del self.texts[text.sid]
        self._thread(text.resident).remove(text)
        self._note(_remove_record, text)

    def add_call(self, call: Call) -> Call:
        """Take an accepted mail call and its mails into the ledger."""
        self.calls[call.id] = call
        for category in call.categories:
            self.by_category[category].append(call)
        for mail in call.mails:
            self.mails[mail.id] = mail
            self._thread(mail.to).append(mail)
        self._note(call_record, call)
        return call

    def set_mail_status(self, mails: Iterable[Mail], status: str, reason: str | None = None) -> None:
        """What has become of some mails."""
        ids = []
        for mail in mails:
            mail.status, mail.reason = status, reason
            ids.append(mail.id)
        if ids:
            self._note(dict, {"kind": "mail_status", "ids": ids, "status": status, "reason": reason})

    def add_letter(self, letter: Letter) -> Letter:
        """Keep a mail that a resident wrote."""
        self._thread(letter.sender).append(letter)
        self._note(letter_record, letter)
        return letter

    def block(self, sender: str, resident: str) -> bool:
        """Note an opt-out of a number or service; False if it was there already."""
        return self._set_block(sender, resident, blocked=True)

    def unblock(self, sender: str, resident: str) -> bool:
        """Lift an opt-out; False if there was none."""
        return self._set_block(sender, resident, blocked=False)

    def _set_block(self, sender: str, resident: str, *, blocked: bool) -> bool:
        pair = (sender, resident)
        if (pair in self.blocks) is blocked:
            return False
        if blocked:
            self.blocks.add(pair)
        else:
            self.blocks.discard(pair)
        self._note(dict, {"kind": "block", "sender": sender, "resident": resident, "blocked": blocked})
        return True

    def remember(self, address: str) -> str:
        """Make sure there is a handset for an address; gives its id."""
        if address not in self.threads:
            self._thread(address)
            self._note(dict, {"kind": "handset", "address": address})
        return self.handset_id(address)

    def handset_id(self, address: str) -> str:
        """A short name for an address, fit for a URL and the same after a restart."""
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()[:12]

    def handset(self, handset_id: str) -> str | None:
        """The address that a handset id stands for."""
        return self._handsets.get(handset_id)

    def _thread(self, address: str) -> list[Entry]:
        thread = self.threads.get(address)
        if thread is None:
            thread = self.threads[address] = []
            self._handsets[self.handset_id(address)] = address
        return thread

    def _note(self, make: Callable[[Any], dict[str, Any]], thing: object) -> None:
        if self._journal is not None:
            self._journal.write(make(thing))

    def _replay(self, record: dict[str, Any]) -> None:
        kind = record["kind"]
        if kind == "text":
            self.add_text(read_text(record))
        elif kind == "call":
            self.add_call(new_call(record["id"], dt.datetime.fromisoformat(record["accepted_at"]), record["payload"]))
        elif kind == "letter":
            self.add_letter(read_letter(record))
        elif kind == "block":
            self._set_block(record["sender"], record["resident"], blocked=record["blocked"])
        elif kind == "handset":
            self.remember(record["address"])
        elif kind == "mail_status":
            mails = [self.mails[mail_id] for mail_id in record["ids"] if mail_id in self.mails]
            self.set_mail_status(mails, record["status"], record["reason"])
        elif (text := self.texts.get(record["sid"])) is not None:
            self._replay_text(kind, text, record)

    def _replay_text(self, kind: str, text: Text, record: dict[str, Any]) -> None:
        if kind == "remove":
            self.remove(text)
        elif kind == "redact":
            self.redact(text, dt.datetime.fromisoformat(record["at"]))
        elif kind == "told":
            self.set_told(text, dt.datetime.fromisoformat(record["at"]))
        else:
            self.set_text_status(text, record["status"], dt.datetime.fromisoformat(record["at"]), record["error_code"])


def _text_status_record(text: Text) -> dict[str, Any]:
    return {
        "kind": "text_status",
        "sid": text.sid,
        "status": text.status,
        "at": text.updated_at,
        "error_code": text.error_code,
    }


def _redact_record(text: Text) -> dict[str, Any]:
    return {"kind": "redact", "sid": text.sid, "at": text.updated_at}


def _remove_record(text: Text) -> dict[str, Any]:
    return {"kind": "remove", "sid": text.sid}
