"""Release: freezes who gets what. One row per dispatch and address, written by INSERT ... SELECT."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from peoplelink.channels.messages import Medium
from peoplelink.db import UTCDateTime, is_sqlite, ring_after_commit
from peoplelink.outbound.models import Content, Delivery, Dispatch
from peoplelink.outbound.services import lane_of, make_content
from peoplelink.outbound.states import DeliveryStatus, Purpose, Urgency
from peoplelink.outbound.words import Words

QUIET = ("quiet_from", "quiet_until")


def start(
    session: Session,
    *,
    purpose: Purpose,
    urgency: Urgency,
    words: Sequence[Words],
    now: dt.datetime,
    not_before: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
) -> Dispatch:
    """A dispatch with its words frozen and nobody to get it yet."""
    dispatch = Dispatch(purpose=purpose, urgency=urgency, created_at=now, not_before=not_before, expires_at=expires_at)
    session.add(dispatch)
    session.add_all([make_content(dispatch, said) for said in words])
    session.flush()
    return dispatch


def add_recipients(session: Session, dispatch: Dispatch, recipients: Select[Any], *, now: dt.datetime) -> int:
    """Write a delivery for each row of `recipients`; how many are new.

    `recipients` yields `address_id`, `medium`, `name` (or NULL) and `language`, an address at most once; where it also
    yields `quiet_from` and `quiet_until`, nobody is written to in these hours. A row for which the dispatch has no
    words (another medium) is left out. Running it twice writes nothing twice.
    """
    rows = _rows(session, dispatch, recipients, now)
    upsert = sqlite.insert if is_sqlite(session) else postgresql.insert
    statement = upsert(Delivery).from_select(list(rows.selected_columns.keys()), rows).on_conflict_do_nothing()
    written = session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    for medium in Medium:
        ring_after_commit(session, f"lane:{lane_of(medium, dispatch.urgency)}")
    return written


def close(session: Session, dispatch: Dispatch, *, now: dt.datetime) -> None:
    """Say that every recipient has been written."""
    dispatch.released_at = now
    session.flush()


def _rows(session: Session, dispatch: Dispatch, recipients: Select[Any], now: dt.datetime) -> Select[Any]:
    people = recipients.subquery("recipients")
    theirs, english = aliased(Content), aliased(Content)
    lanes = case({m.value: lane_of(m, dispatch.urgency) for m in Medium}, value=cast(people.c.medium, String))
    return (
        select(
            _new_uuid(session).label("public_id"),
            literal(dispatch.id).label("dispatch_id"),
            people.c.address_id,
            func.coalesce(theirs.id, english.id).label("content_id"),
            lanes.label("lane"),
            literal(DeliveryStatus.QUEUED.value).label("status"),
            literal(0).label("rank"),
            literal(0).label("attempt"),
            literal(0).label("tries"),
            func.coalesce(theirs.segments, english.segments).label("segments"),
            _merge(session, people.c.name).label("merge"),
            literal(dispatch.not_before, UTCDateTime).label("not_before"),
            literal(dispatch.expires_at, UTCDateTime).label("expires_at"),
            *(people.c[name] for name in QUIET if name in people.c),
            literal(now, UTCDateTime).label("created_at"),
        )
        .join(english, and_(_of(english, dispatch, people.c.medium), english.language == "en"))
        .outerjoin(theirs, and_(_of(theirs, dispatch, people.c.medium), theirs.language == people.c.language))
        .where(true())  # SQLite cannot tell a join's ON from an upsert's without a WHERE
    )


def _of(content: type[Content], dispatch: Dispatch, medium: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(content.dispatch_id == dispatch.id, content.medium == medium)


def _new_uuid(session: Session) -> ColumnElement[Any]:
    if not is_sqlite(session):
        return cast(func.gen_random_uuid(), String)
    # Version 4 in all but its fixed bits, which nobody reads: 128 random bits in the usual spelling.
    digits = func.lower(func.hex(func.randomblob(16)))
    parts = [func.substr(digits, at, length) for at, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
    return parts[0] + "-" + parts[1] + "-" + parts[2] + "-" + parts[3] + "-" + parts[4]


def _merge(session: Session, name: ColumnElement[Any]) -> ColumnElement[Any]:
    build = func.json_object if is_sqlite(session) else func.json_build_object
    return build(cast(literal("name"), String), name)
