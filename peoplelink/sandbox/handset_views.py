"""What the handset pages show, made ready for the templates."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from peoplelink.clock import in_london
from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.numbers import judge_recipient
from peoplelink.sandbox.records import Entry, Letter, Mail, Text
from peoplelink.sandbox.state import State

_SHOWN = 100  # the latest entries of a conversation, and handsets of the list
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']")
_ANGLE_LINK = re.compile(r"<\s*(https?://[^>\s]+)\s*>")
_ADDRESS = re.compile(r"[^@\s<>\",;]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}")


@dataclass(frozen=True)
class Summary:
    """One line of the list of handsets."""

    id: str
    label: str
    last: str


@dataclass(frozen=True)
class Bubble:
    """One text or mail of a conversation, ready to show."""

    mine: bool
    when: str
    words: Markup
    by_provider: bool = False
    media: tuple[str, ...] = ()
    subject: str = ""
    other: str = ""  # from whom, or to whom if mine
    mail_id: str | None = None
    has_html: bool = False
    unsubscribe: str | None = None
    one_click: bool = False


@dataclass(frozen=True)
class Thread:
    """A conversation: the latest entries, oldest first."""

    id: str
    label: str
    bubbles: list[Bubble]
    blocked: bool


def read_address(typed: str) -> str:
    """A number or mailbox as typed; raises InvalidInputError with what to do."""
    typed = typed.strip()
    if _ADDRESS.fullmatch(typed):
        return typed.lower()
    digits = re.sub(r"[\s()-]", "", typed)
    verdict = judge_recipient("+44" + digits[1:] if digits.startswith("0") else digits)
    if verdict.code is not None:
        raise InvalidInputError("Enter a UK mobile number, like 07700 900123, or an email address.")
    return verdict.e164


def label(address: str) -> str:
    """A number as people write it."""
    if address.startswith("+447"):
        return f"0{address[3:7]} {address[7:]}"
    return address


def when(moment: dt.datetime) -> str:
    """A moment as people say it: Saturday 14 March, 2.05pm."""
    local = in_london(moment)
    hour = local.hour % 12 or 12
    return f"{local:%A} {local.day} {local:%B}, {hour}.{local:%M}{'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004


def linked(words: str) -> Markup:
    """Text with its web addresses made clickable."""
    parts, at = [], 0
    for found in _LINK.finditer(words):
        parts += [escape(words[at : found.start()]), _anchor(found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(words[at:])])


def _anchor(url: str) -> Markup:
    return Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(url)


def summaries(state: State) -> list[Summary]:
    """Handsets with the latest news first; those never used at the end."""
    latest = [(_latest(entries), address) for address, entries in state.threads.items()]
    latest.sort(key=lambda pair: (pair[0] is not None, pair[0].accepted_at if pair[0] else 0), reverse=True)
    return [
        Summary(state.handset_id(address), label(address), when(entry.accepted_at) if entry else "nothing yet")
        for entry, address in latest[:_SHOWN]
    ]


def _latest(entries: list[Entry]) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.shown), None)


def thread_view(state: State, address: str) -> Thread:
    """The conversation with one address: only what has arrived there, or was written there."""
    shown = [entry for entry in state.threads.get(address, ()) if entry.shown][-_SHOWN:]
    blocked = any(resident == address for _, resident in state.blocks)
    return Thread(state.handset_id(address), label(address), [_bubble(entry) for entry in shown], blocked)


def _bubble(entry: Entry) -> Bubble:
    if isinstance(entry, Text):
        return Bubble(
            mine=entry.origin == "handset",
            when=when(entry.accepted_at),
            by_provider=entry.origin == "provider",
            words=linked(entry.body),
            media=entry.media,
        )
    if isinstance(entry, Letter):
        return Bubble(
            mine=True, when=when(entry.accepted_at), words=linked(entry.words), subject=entry.subject, other=entry.to
        )
    return _mail_bubble(entry)


def _mail_bubble(mail: Mail) -> Bubble:
    return Bubble(
        mine=False,
        when=when(mail.accepted_at),
        words=linked(mail.part("text/plain")),
        subject=mail.subject,
        other=f"{mail.sender_name} <{mail.sender}>".strip(),
        mail_id=mail.id,
        has_html=bool(mail.part("text/html")),
        unsubscribe=_header(mail, "list-unsubscribe"),
        one_click=one_click_link(mail) is not None,
    )


def _header(mail: Mail, name: str) -> str | None:
    return next((value for header, value in mail.headers.items() if header.lower() == name), None)


def one_click_link(mail: Mail) -> str | None:
    """The web address of List-Unsubscribe, if the mail also says that a POST to it is enough (RFC 8058)."""
    if (_header(mail, "list-unsubscribe-post") or "").strip().lower() != "list-unsubscribe=one-click":
        return None
    found = _ANGLE_LINK.search(_header(mail, "list-unsubscribe") or "")
    return found[1] if found else None


def reply_text(mail: Mail, words: str) -> str:
    """An answer with the mail quoted below it, as mail programs write it."""
    quoted = "\n".join(f"> {line}" for line in mail.part("text/plain").splitlines())
    return f"{words.rstrip()}\n\nOn {when(mail.accepted_at)}, {mail.sender_name} <{mail.sender}> wrote:\n{quoted}\n"


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("peoplelink.sandbox"), autoescape=True, undefined=jinja2.StrictUndefined
    )


def render(template: str, **values: Any) -> str:
    """A page as HTML; every value is escaped unless it is Markup."""
    return _templates().get_template(template).render(**{"error": None, "outcome": None, **values})
