"""What the pages of a broadcast show, worked out beforehand so that templates only lay it out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.broadcasts import checks, counting
from peoplelink.broadcasts.audience import AudienceCount
from peoplelink.broadcasts.checks import Draft, Problem
from peoplelink.broadcasts.counting import NO_REST, NOBODY, Reach
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.broadcasts.resting import Rest
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import Segments, describe
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import progress, words
from peoplelink.outbound.services import lane_of, paused_lanes
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.quiet_hours import Hours

RECEIPTS_WATCHED = dt.timedelta(minutes=10)
"""How long a page goes on asking for receipts by itself; most come within a minute, the last may take three days."""

MEDIUM_WORDS = {Medium.SMS: "Text message", Medium.EMAIL: "Email"}

LEFT_OUT_WORDS = {
    "no address": "gave us none of these",
    "no consent": "have left",
    "suppressed": "said stop, or messages bounced",
    "paused": "have paused their messages",
    "only important": "only want what is important",
    "digest": "get it later, in one email with others",
    "weekly limit": "have had as many this week as they want",
    "same address": "share it with somebody who gets it",
}
"""Why residents are left out (`audience.Standing.words`), as the end of "they ...", under "Text message" or "Email"."""


@dataclass(frozen=True)
class CheckPanel:
    """What the live check says about words and audience."""

    problems: list[Problem]
    segments: Segments | None
    """For somebody who gave no name. None without a text message."""
    dearest: int
    """The most segments for anybody, whatever their name."""
    odd: list[str]
    """Characters that make the text dearer, by name."""
    counted: AudienceCount | None
    """None while they are being counted: many, so there is somebody."""
    draft: Draft
    rest: Rest = NO_REST
    """Who would have to wait for the end of quiet hours."""

    @property
    def counting(self) -> bool:
        """Whether the audience is not known yet."""
        return self.counted is None

    @property
    def count(self) -> AudienceCount:
        """The audience; nobody while it is being counted."""
        return self.counted or NOBODY

    @property
    def blocked(self) -> bool:
        """Whether it cannot be sent as it stands."""
        nobody = not self.counting and not self.count.people
        return nobody or any(problem.blocks for problem in self.problems)

    @property
    def audience_rows(self) -> list[list[str]]:
        """The table of who gets it and who does not."""
        return audience_rows(self.count.recipients, self.count.left_out, self.count.second_addresses)

    @property
    def total_segments(self) -> int:
        """Segments of the whole broadcast, and where names differ the most there can be: what is paid for."""
        return self.dearest * self.count.recipients.get(Medium.SMS, 0)

    @property
    def by_name(self) -> bool:
        """Whether it costs more for some people because of their names."""
        return self.segments is not None and self.dearest > self.segments.segments


@dataclass(frozen=True)
class Preview:
    """The messages as they arrive."""

    texts: list[tuple[str, str]]
    """(for whom, the finished text)."""
    subject: str
    email_text: str


@dataclass(frozen=True)
class Progress:
    """How a broadcast stands."""

    counts: Mapping[Medium, Mapping[DeliveryStatus, int]]
    totals: Mapping[DeliveryStatus, int]
    sentence: str
    live: bool
    """Whether the figures will change within seconds: the page asks again while they do."""
    waits_because: list[str]
    """Why nothing goes out just now, in an officer's words."""

    @property
    def failed(self) -> int:
        """Deliveries that will not arrive."""
        return self.totals.get(DeliveryStatus.FAILED, 0)


def check_panel(draft: Draft, reach: Reach | None, *, now: dt.datetime) -> CheckPanel:
    """Problems, cost and audience of what is typed; `reach` is None while it is being counted."""
    segments = checks.segments_of(draft) if draft.sms.strip() else None
    longest, rest = (reach.longest, reach.rest) if reach else (checks.NOBODY_NAMED, NO_REST)
    return CheckPanel(
        problems=[*checks.check_times(draft, now=now), *_in_vain(draft, rest), *checks.check(draft, longest)],
        segments=segments,
        dearest=checks.dearest(draft, longest) if segments else 0,
        odd=[describe(char) for char in segments.odd] if segments else [],
        counted=reach.count if reach else None,
        draft=draft,
        rest=rest,
    )


def _in_vain(draft: Draft, rest: Rest) -> list[Problem]:
    if not rest.in_vain(draft.expires_at):
        return []
    end = f"{clock.in_london(min(rest.until)):%H:%M}"
    said = f"Nobody would get it: quiet hours last until {end}, and by then it is of no use. Choose a later time after"
    return [Problem("expires_day", f"{said} which it is of no use, or say that it goes out in quiet hours too.")]


def refuse_if_blocked(session: Session, draft: Draft, *, now: dt.datetime, quiet: Hours) -> None:
    """Raises InvalidInputError for what the audience makes a fault: a name too long for the text, hours all quiet."""
    problems = checks.check(draft, counting.longest_names(session, draft))
    if draft.expires_at is not None:
        problems += _in_vain(draft, counting.rest_of(session, draft, now=now, quiet=quiet))
    blocking = [problem for problem in problems if problem.blocks]
    if blocking:
        raise InvalidInputError(blocking[0].words)


def audience_rows(
    recipients: Mapping[Any, int], left_out: Mapping[Any, Mapping[str, int]], second: Mapping[Any, int] | None = None
) -> list[list[str]]:
    """A row for those who get it, one for each reason that left somebody out, and the total; a column a medium."""
    rows = [("Get it", dict(recipients))]
    for reason, said in LEFT_OUT_WORDS.items():
        rows.append((f"Left out: they {said}", {medium: left_out[medium].get(reason, 0) for medium in recipients}))
    if second:
        rows.append(("Counted twice: a second address of one resident", {m: -second[m] for m in recipients}))
    total = {medium: sum(numbers[medium] for _, numbers in rows) for medium in recipients}
    shown = [row for row in rows if row[0] == "Get it" or any(row[1].values())]
    return [[said, *(f"{n:,}" for n in numbers.values())] for said, numbers in [*shown, ("Residents in all", total)]]


def facts(broadcast: Broadcast) -> list[tuple[str, str | dt.datetime | None]]:
    """What stands beside the figures of a broadcast that was sent; moments are for the template to say."""
    return [
        ("Zones", ", ".join(zone.name for zone in broadcast.zones)),
        ("Topics", ", ".join(topic.name for topic in broadcast.topics) or "Everything"),
        ("Importance", broadcast.importance.value.capitalize()),
        ("Written by", broadcast.created_by.name),
        ("Sent by", broadcast.sent_by.name if broadcast.sent_by else ""),
        ("Scheduled for", broadcast.scheduled_for),
        ("Of no use after", broadcast.expires_at),
        ("Quiet hours", f"Not kept: {broadcast.ignores_quiet_because}" if broadcast.ignores_quiet_hours else ""),
        ("Sent off", broadcast.released_at),
        ("Sent out", broadcast.sent_out_at),
        ("Finished", broadcast.finished_at),
    ]


def preview(draft: Draft, *, name: str) -> Preview:
    """The finished words, for somebody with this name and for somebody who gave none."""
    people: list[tuple[str, str | None]] = [("Somebody who gave no name", None)]
    if words.has_merge_fields(draft.sms):
        people.insert(0, (f"Somebody called {name}", name))
    texts = [(whom, words.fill(draft.sms_as_sent, their_name)) for whom, their_name in people] if draft.sms else []
    if len(texts) == 1:
        texts = [("Everybody", texts[0][1])]
    body = words.email_text(words.fill(draft.email, name)).replace(words.LEAVE_TAG, "(their own link to leave)")
    body = body.replace(words.PREFERENCES_TAG, "(the page of their choices)")
    return Preview(texts, words.fill(draft.subject, name), body if draft.email else "")


def email_page(draft: Draft, *, name: str) -> str:
    """The email as a page of its own."""
    page = words.email_html(words.fill(draft.email, name)).replace(words.LEAVE_TAG, "#")
    return page.replace(words.PREFERENCES_TAG, "/preferences")


def standing(session: Session, broadcast: Broadcast, *, now: dt.datetime) -> Progress:
    """How the deliveries of a broadcast stand."""
    counts = progress.counts(session, broadcast.dispatch_id) if broadcast.dispatch_id else {}
    obstacles = _obstacles(session, broadcast)
    totals = {status: sum(of.get(status, 0) for of in counts.values()) for status in DeliveryStatus}
    return Progress(
        counts=counts,
        totals={status: number for status, number in totals.items() if number},
        sentence=_sentence(broadcast, totals, _rested_too_long(session, broadcast, totals)),
        live=_is_live(broadcast, now) and not obstacles,
        waits_because=obstacles,
    )


def _is_live(broadcast: Broadcast, now: dt.datetime) -> bool:
    if broadcast.status is BroadcastStatus.SENT_OUT and broadcast.sent_out_at:
        return now - broadcast.sent_out_at < RECEIPTS_WATCHED
    return broadcast.status in {BroadcastStatus.RELEASING, BroadcastStatus.SENDING}


def _obstacles(session: Session, broadcast: Broadcast) -> list[str]:
    if broadcast.status is not BroadcastStatus.SENDING or broadcast.dispatch is None:
        return []
    lanes = {lane_of(medium, broadcast.dispatch.urgency) for medium in Medium}
    return [lane.paused_because or "" for lane in paused_lanes(session) if lane.name in lanes]


def _rested_too_long(session: Session, broadcast: Broadcast, totals: Mapping[DeliveryStatus, int]) -> int:
    return progress.rested_too_long(session, broadcast.dispatch_id or 0) if totals[DeliveryStatus.EXPIRED] else 0


def _sentence(broadcast: Broadcast, totals: Mapping[DeliveryStatus, int], rested: int) -> str:
    total = sum(totals.values())
    if broadcast.expired_unsent:
        return "It was not sent: when we could send it, it was of no use any more"
    if broadcast.status is BroadcastStatus.CANCELLED and broadcast.dispatch_id is None:
        return "It was never sent: its draft was deleted"
    if broadcast.status is BroadcastStatus.RELEASING:
        return f"Making the list of people: {total:,} so far"
    if not total:
        return "Nobody was left to send it to"
    delivered = totals[DeliveryStatus.DELIVERED]
    if broadcast.status in {BroadcastStatus.SENDING, BroadcastStatus.PAUSED}:
        sent = f"{delivered + totals[DeliveryStatus.SENT]:,} of {total:,} sent"
        return ", ".join([sent, f"{delivered:,} delivered", *_rest(totals, {}, rested)])
    without = "without a receipt" if broadcast.status is BroadcastStatus.FINISHED else "waiting for a receipt"
    return ", ".join([f"{delivered:,} of {total:,} delivered", *_rest(totals, {DeliveryStatus.SENT: without}, rested)])


def _rest(totals: Mapping[DeliveryStatus, int], also: Mapping[DeliveryStatus, str], rested: int) -> list[str]:
    counts = {**totals, DeliveryStatus.EXPIRED: totals.get(DeliveryStatus.EXPIRED, 0) - rested}
    named = {
        **also,
        DeliveryStatus.HELD: "held because of quiet hours",
        DeliveryStatus.UNCONFIRMED: "we are not sure about",
        DeliveryStatus.FAILED: "failed",
        DeliveryStatus.SUPPRESSED: "not sent because they had said stop",
        DeliveryStatus.EXPIRED: "not sent because it was too late",
        DeliveryStatus.CANCELLED: "taken back",
    }
    said = [f"{counts[status]:,} {words}" for status, words in named.items() if counts[status]]
    return [*said, f"{rested:,} not sent because quiet hours lasted until it was of no use"] if rested else said
