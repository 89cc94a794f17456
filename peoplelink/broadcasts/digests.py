"""Digests: the broadcasts of a day or a week in one email, for residents who do not want each at once.

A resident's period begins where their last one ended (`Subscriber.digest_up_to`), so that nothing is passed over when
we were not running. It ends at 8 in the morning, on Mondays for a weekly one. Each part of the residents is one
transaction that writes the messages and moves their marks on: killed half-way, it goes on with those who are left.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, not_, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts import digest_reading, digest_words
from peoplelink.broadcasts.digest_reading import Reader
from peoplelink.broadcasts.models import DigestIssue, DigestItem
from peoplelink.clock import LONDON, in_london
from peoplelink.db import ring_after_commit
from peoplelink.outbound import release
from peoplelink.outbound.models import Dispatch
from peoplelink.outbound.states import Purpose, Urgency
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import Digest, Subscriber

HOUR = 8
"""When a period ends, on a clock in London: quiet hours are over, and the day's plans are still to be made."""
GRACE = dt.timedelta(minutes=15)
"""How long after that digests are made: a release that began before it has written down by then that it is done."""
PART = 200
"""Residents in one transaction."""


@dataclass(frozen=True)
class _Period:
    """What one making of digests is about."""

    ends_at: dt.datetime
    now: dt.datetime
    quiet: Hours
    """The organisation's, for who has none of their own."""


def last_end(digest: Digest, now: dt.datetime) -> dt.datetime:
    """The end of the latest period that is over and may be told of."""
    here = in_london(now - GRACE)
    day = here.date() - dt.timedelta(days=0 if here.hour >= HOUR else 1)
    if digest is Digest.WEEKLY:
        day -= dt.timedelta(days=day.weekday())
    return dt.datetime.combine(day, dt.time(HOUR), LONDON).astimezone(dt.UTC)


def ring_if_due(session: Session, *, now: dt.datetime) -> None:
    """Ring for the digests that are due."""
    if any(session.scalars(_due(digest, last_end(digest, now)).limit(1)).first() for digest in Digest):
        ring_after_commit(session, "digests")


def next_part(session: Session, *, now: dt.datetime, quiet: Hours) -> bool:
    """Make the digests of the next residents for whom one is due; whether there were any. Harmless twice."""
    for digest in Digest:
        period = _Period(last_end(digest, now), now, quiet)
        due = _due(digest, period.ends_at).order_by(Subscriber.id).limit(PART)
        people = session.scalars(due.with_for_update().execution_options(populate_existing=True)).all()
        if people:
            _make(session, people, period)
            return True
    return False


def close(session: Session, person: Subscriber, *, now: dt.datetime, quiet: Hours) -> None:
    """What has gathered goes out now: from here on this resident wants each broadcast by itself.

    Called while they still have their digest.
    """
    if person.digest is not None:
        _make(session, [person], _Period(now, now, quiet))


def _due(digest: Digest, ends_at: dt.datetime) -> Select[Any]:
    made = exists().where(DigestIssue.subscriber_id == Subscriber.id, DigestIssue.ends_at == ends_at)
    return select(Subscriber).where(Subscriber.digest == digest, Subscriber.digest_up_to < ends_at, not_(made))


def _make(session: Session, people: Sequence[Subscriber], period: _Period) -> None:
    """Sort the residents by what they are told, and write one dispatch for all who are told the same."""
    groups: dict[tuple[int, ...], list[Reader]] = defaultdict(list)
    waiting: set[int] = set()
    told_at: dict[int, set[int]] = defaultdict(set)
    for reader in digest_reading.readers(session, people, now=period.now):
        found = digest_reading.broadcasts(session, reader, ends_at=period.ends_at, now=period.now)
        told = [broadcast for broadcast in found if broadcast not in told_at[reader.address_id]]
        if told and reader.over_limit:
            waiting.add(reader.person.id)
        elif told:
            told_at[reader.address_id].update(told)
            groups[tuple(told)].append(reader)
    for broadcast_ids, readers in groups.items():
        _send(session, broadcast_ids, readers, period)
    for person in people:
        _move_on(session, person, period, waits=person.id in waiting)


def _send(session: Session, broadcast_ids: Sequence[int], readers: Sequence[Reader], period: _Period) -> None:
    words = digest_words.email(session, broadcast_ids)
    now = period.now
    dispatch = release.start(session, purpose=Purpose.DIGEST, urgency=Urgency.BULK, words=[words], now=now)
    release.add_recipients(session, dispatch, digest_reading.recipients(readers, period.quiet), now=now)
    release.close(session, dispatch, now=now)
    for reader in readers:
        issue = _issue(session, reader.person, period, dispatch)
        session.add_all(
            DigestItem(address_id=reader.address_id, broadcast_id=broadcast_id, issue_id=issue.id)
            for broadcast_id in broadcast_ids
        )
    session.flush()


def _move_on(session: Session, person: Subscriber, period: _Period, *, waits: bool) -> None:
    """The resident's next period begins here; but who has had enough this week is told of this one in the next."""
    if waits:
        _issue(session, person, period, None)
    else:
        person.digest_up_to = period.ends_at
    session.flush()


def _issue(session: Session, person: Subscriber, period: _Period, dispatch: Dispatch | None) -> DigestIssue:
    # The unique key is what holds should two ever make the same digest: the second fails and takes all back.
    mine = (DigestIssue.subscriber_id == person.id, DigestIssue.ends_at == period.ends_at)
    issue = session.scalar(select(DigestIssue).where(*mine))
    if issue is None:
        issue = DigestIssue(subscriber_id=person.id, ends_at=period.ends_at)
        session.add(issue)
    issue.dispatch_id = issue.dispatch_id or (dispatch.id if dispatch else None)
    session.flush()
    return issue
