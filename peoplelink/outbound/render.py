"""From a claimed delivery to the message a channel sends: merge fields, links to leave, where answers go."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property

from peoplelink import keys
from peoplelink.channels.messages import EmailBody, Medium, OutboundMessage, SmsBody
from peoplelink.channels.segments import count_segments
from peoplelink.config import Config
from peoplelink.languages import page_in
from peoplelink.outbound.claim import Claimed
from peoplelink.outbound.models import Content, Delivery
from peoplelink.outbound.words import LEAVE_TAG, PREFERENCES_TAG, Tagged, fill, substitutions, tag_fields

LEAVE = "leave"
"""What a link to leave is signed for."""


class Renderer:
    """Makes messages of one content; what is the same for everybody is worked out once."""

    def __init__(self, content: Content, config: Config) -> None:
        self._content = content
        self._config = config
        self._answers_to = ""

    def message(self, row: Claimed, *, now: dt.datetime, not_after: float) -> OutboundMessage:
        """The finished message for one claimed delivery, to leave until `not_after` (monotonic seconds)."""
        if row.medium is Medium.SMS:
            return self._text(row, now, not_after)
        return self._email(row, not_after)

    def cost(self, row: Claimed) -> int:
        """What a text takes from its sender's rate, in segments. Counted anew only where a name stands in it."""
        if self._content.personal:
            return count_segments(self._filled(self._content.text, row.name)).segments
        return row.segments

    def _text(self, row: Claimed, now: dt.datetime, not_after: float) -> OutboundMessage:
        return OutboundMessage(
            delivery=row.public_id,
            attempt=row.attempt,
            call_id=row.call_id,
            to=row.address,
            body=SmsBody(self._filled(self._content.text, row.name)),
            valid_for=int((row.expires_at - now).total_seconds()) if row.expires_at else None,
            not_after=not_after,
        )

    def _email(self, row: Claimed, not_after: float) -> OutboundMessage:
        leave = leave_url(self._config, row.address_public_id)
        reply_to = self._reply_to(row.dispatch)
        plain, marked_up = self._tagged
        return OutboundMessage(
            delivery=row.public_id,
            attempt=row.attempt,
            call_id=row.call_id,
            to=row.address,
            body=self._body,
            substitutions={
                LEAVE_TAG: page_in(leave, self._content.language),
                **substitutions(plain, row.name, escape=False),
                **substitutions(marked_up, row.name, escape=True),
                **substitutions(self._subject, row.name, escape=False),
            },
            headers=_unsubscribe(leave, reply_to) if self._may_leave else {},
            reply_to=reply_to,
            not_after=not_after,
        )

    def _reply_to(self, dispatch: str) -> str:
        # A content belongs to one dispatch, so this is the same for all of it.
        self._answers_to = self._answers_to or reply_address(self._config, dispatch)
        return self._answers_to

    def _filled(self, text: str, name: str | None) -> str:
        return fill(text, name) if self._content.personal else text

    def _fields(self, text: str, prefix: str) -> Tagged:
        return tag_fields(text, prefix=prefix) if self._content.personal else Tagged(text, {})

    @cached_property
    def _may_leave(self) -> bool:
        """Not from what is written to officers about their work."""
        return LEAVE_TAG in self._content.text

    @cached_property
    def _tagged(self) -> tuple[Tagged, Tagged]:
        return self._fields(self._content.text, "t"), self._fields(self._content.html, "h")

    @cached_property
    def _subject(self) -> Tagged:
        return self._fields(self._content.subject, "s")

    @cached_property
    def _body(self) -> EmailBody:
        # Once a content: the page is the same for everybody, and tells readers apart only when they ask it for a link.
        page = page_in(f"{self._config.public_url}/preferences", self._content.language)
        plain, marked_up = (part.text.replace(PREFERENCES_TAG, page) for part in self._tagged)
        return EmailBody(subject=self._subject.text, text=plain, html=marked_up)


def _unsubscribe(leave: str, reply_to: str) -> dict[str, str]:
    """What the button of a mail program does (RFC 2369 and 8058)."""
    return {
        "List-Unsubscribe": f"<{leave}>, <mailto:{reply_to}?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def said_to(content: Content, delivery: Delivery) -> str:
    """The words of a text as they were sent, or will be."""
    return fill(content.text, delivery.merge.get("name")) if content.personal else content.text


def leave_url(config: Config, address_public_id: str) -> str:
    """The reader's own link to leave: signed, never runs out, survives a rotation of keys."""
    return f"{config.public_url}/leave/{keys.sign(config.secret_keys, LEAVE, address_public_id)}"


def reply_address(config: Config, dispatch_public_id: str) -> str:
    """Where answers to a dispatch go: it and the sender's address tell the delivery (one Reply-To a call)."""
    return f"{keys.reply_token(config.secret_keys, dispatch_public_id)}@{config.inbound_domain}"


def calls_of(rows: Sequence[Claimed], *, batch_size: int) -> list[list[Claimed]]:
    """Deliveries in calls: one content and one Reply-To a call, so no address twice (unique within a dispatch)."""
    by_content: dict[int, list[Claimed]] = {}
    for row in rows:
        by_content.setdefault(row.content_id, []).append(row)
    return [
        group[start : start + batch_size] for group in by_content.values() for start in range(0, len(group), batch_size)
    ]
