"""What an officer has written, and what is wrong with it before it is sent."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from peoplelink.broadcasts.audience import Rule
from peoplelink.broadcasts.models import Broadcast
from peoplelink.broadcasts.names import Longest
from peoplelink.channels.messages import Medium
from peoplelink.channels.segments import Segments, count_segments
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import words
from peoplelink.subscribers.models import Importance

DEAR, TOO_LONG = 3, 6
"""Segments of a text: above the first we warn, above the second we refuse. Each is billed, and long texts go unread."""
MAX_TITLE = 200  # characters
FARTHEST = dt.timedelta(days=366)
"""How far ahead a broadcast may be planned: a year later is a mistyped one."""
NOBODY_NAMED = Longest()
_PLAIN, _ODD = "n", "\N{LATIN SMALL LETTER L WITH STROKE}"


@dataclass(frozen=True)
class Draft:
    """A broadcast as a form gives it."""

    title: str = ""
    zone_ids: tuple[int, ...] = ()
    topic_ids: tuple[int, ...] = ()
    sms: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    """Markdown."""
    importance: Importance = Importance.ORDINARY
    scheduled_for: dt.datetime | None = None
    """When it is to go out; None: when an officer says so."""
    expires_at: dt.datetime | None = None
    """After this it is of no use."""
    ignores_quiet_hours: bool = False
    quiet_because: str = field(default="", repr=False)
    """Why it cannot wait for the morning."""

    @property
    def rule(self) -> Rule:
        """Whom it is for, and by which media it has words."""
        bodies = ((Medium.SMS, self.sms), (Medium.EMAIL, self.email))
        media = tuple(medium for medium, body in bodies if body.strip())
        return Rule(zone_ids=self.zone_ids, topic_ids=self.topic_ids, media=media, importance=self.importance)

    @property
    def sms_as_sent(self) -> str:
        """The text with its frame; "" when there is none. The merge field is still in it."""
        return words.frame_sms(self.sms) if self.sms.strip() else ""


@dataclass(frozen=True)
class Problem:
    """Something to put right, in words for the officer. What does not block is a warning."""

    field: str
    """The form field it belongs to."""
    words: str
    blocks: bool = True


def draft_of(broadcast: Broadcast) -> Draft:
    """What stands in a saved broadcast."""
    contents = {content.medium: content for content in broadcast.contents}
    sms, email = contents.get(Medium.SMS), contents.get(Medium.EMAIL)
    return Draft(
        title=broadcast.title,
        zone_ids=tuple(zone.id for zone in broadcast.zones),
        topic_ids=tuple(topic.id for topic in broadcast.topics),
        sms=sms.body if sms else "",
        subject=email.subject if email else "",
        email=email.body if email else "",
        importance=broadcast.importance,
        scheduled_for=broadcast.scheduled_for,
        expires_at=broadcast.expires_at,
        ignores_quiet_hours=broadcast.ignores_quiet_hours,
        quiet_because=broadcast.ignores_quiet_because or "",
    )


def check(draft: Draft, names: Longest = NOBODY_NAMED) -> list[Problem]:
    """Everything to put right, those that stop it from being sent first. `names`: the longest of the audience."""
    problems = [*_missing(draft), *_fields(draft), *_length(draft, names)]
    return sorted(problems, key=lambda problem: not problem.blocks)


def check_times(draft: Draft, *, now: dt.datetime) -> list[Problem]:
    """What is wrong with when it goes out and until when it is of use; like `check`."""
    return list(_times(draft, now))


def segments_of(draft: Draft) -> Segments:
    """What the text costs for somebody who gave no name."""
    return count_segments(words.fill(draft.sms_as_sent, None))


def dearest(draft: Draft, names: Longest) -> int:
    """The most segments that the text takes for anybody: with the longest name, or one in letters that cost more."""
    people = (None, _PLAIN * names.plain, _ODD * names.odd)
    return max(count_segments(words.fill(draft.sms_as_sent, name)).segments for name in people)


def greets(draft: Draft) -> bool:
    """Whether the text is different for each person."""
    return words.has_merge_fields(draft.sms)


def _times(draft: Draft, now: dt.datetime) -> Iterator[Problem]:
    at, until = draft.scheduled_for, draft.expires_at
    if at is not None and at <= now:
        yield Problem("scheduled_day", "The time to send it has passed. Choose a later one, or empty it to send now.")
    elif at is not None and at - now > FARTHEST:
        yield Problem("scheduled_day", "The time to send it is more than a year ahead. Choose an earlier one.")
    if until is not None and until <= now:
        yield Problem("expires_day", "The time after which it is of no use has passed. Choose a later one.")
    elif until is not None and until - now > FARTHEST:
        yield Problem(
            "expires_day", "The time after which it is of no use is more than a year ahead. Choose an earlier one."
        )
    elif until is not None and at is not None and until <= at:
        yield Problem("expires_day", "It would be of no use before it goes out. Change one of the two times.")
    if draft.ignores_quiet_hours and not draft.quiet_because.strip():
        yield Problem("quiet_because", "Say why it cannot wait until the quiet hours end.")


def _missing(draft: Draft) -> Iterator[Problem]:
    if not draft.zone_ids:
        yield Problem("zones", "Choose at least one zone.")
    if not draft.rule.media:
        yield Problem("sms", "Write a text message, an email, or both.")
    if draft.email.strip() and not draft.subject.strip():
        yield Problem("subject", "Give the email a subject.")
    if draft.subject.strip() and not draft.email.strip():
        yield Problem("email", "Write the email that goes with the subject, or take the subject away.")


def _fields(draft: Draft) -> Iterator[Problem]:
    for name, text in (("sms", draft.sms), ("subject", draft.subject), ("email", draft.email)):
        try:
            words.check_merge_fields(text)
        except InvalidInputError as err:
            yield Problem(name, str(err))


def _length(draft: Draft, names: Longest) -> Iterator[Problem]:
    segments = dearest(draft, names)
    takes = f"takes {segments} segments"
    if segments > segments_of(draft).segments:
        takes += " for somebody with a long name, or a name in letters that cost more"
    if segments > TOO_LONG:
        yield Problem("sms", f"Shorten the text: it {takes}, and {TOO_LONG} are the most we send.")
    elif segments > DEAR:
        yield Problem("sms", f"The text {takes}, and each is paid for. Can it be shorter?", blocks=False)
