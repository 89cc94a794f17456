"""The nightly run: what was kept for its time is taken away, batch by batch. It goes on after a break."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peoplelink import audit, clock
from peoplelink.persons import Due, Part, Purger
from peoplelink.rights import holding, periods
from peoplelink.rights.models import RetentionRun

BATCH = 500
"""Rows in one transaction."""
NIGHT = dt.time(3)
"""From when on, on a clock in London: quiet hours, after the last broadcast and before the first officer."""


@dataclass(frozen=True)
class Line:
    """How much of one thing is due, or was taken away."""

    what: str
    number: int


def purgers(parts: Sequence[Part]) -> list[Purger]:
    """In the order in which they run: from the top layer down, so that what refers to a row goes before it."""
    return [purger for part in parts for purger in part.purgers]


def preview(session: Session, parts: Sequence[Part], *, now: dt.datetime) -> list[Line]:
    """What a run would take away now, kind by kind. Changes nothing.

    What is freed only by the run itself (a number that nothing refers to once its messages are gone) is not in it.
    """
    due = _due(session, parts, now=now)
    return [Line(purger.what, purger.count(session, due[purger.of])) for purger in purgers(parts)]


def night_of(now: dt.datetime) -> str | None:
    """The night whose run may begin by now; None before three in the morning."""
    here = clock.in_london(now)
    return here.date().isoformat() if here.time() >= NIGHT else None


def is_due(session: Session, *, now: dt.datetime) -> bool:
    """Whether a run is not finished, or tonight's has not begun."""
    night = night_of(now)
    return bool(unfinished(session)) or (night is not None and _run_of(session, night) is None)


def unfinished(session: Session) -> list[int]:
    """The ids of runs under way, oldest first: one is done to its end before the next, whoever works."""
    waiting = select(RetentionRun.id).where(RetentionRun.finished_at.is_(None))
    return list(session.scalars(waiting.order_by(RetentionRun.id)))


def begin_tonight(session: Session, *, now: dt.datetime) -> None:
    """Begin the run of this night, once it may begin. Harmless twice.

    It takes the place of what is not finished, from its first step: one thing that cannot be taken away must not keep
    every later night from all that comes before it.
    """
    night = night_of(now)
    if night is None or _run_of(session, night) is not None:
        return
    session.execute(update(RetentionRun).where(RetentionRun.finished_at.is_(None)).values(finished_at=now))
    begin(session, night, now=now)


def begin_by_hand(session: Session, *, now: dt.datetime) -> RetentionRun:
    """A run of its own, whatever was done today: the night has its run all the same."""
    return begin(session, f"{clock.in_london(now):%Y-%m-%d %H:%M:%S.%f}", now=now)


def begin(session: Session, night: str, *, now: dt.datetime) -> RetentionRun:
    """The run of a night: begun now, or before."""
    run = _run_of(session, night)
    if run is not None:
        return run
    try:
        with session.begin_nested():
            run = RetentionRun(night=night, started_at=now)
            session.add(run)
    except IntegrityError:
        # Another worker began it between our look and our insert.
        return session.scalars(select(RetentionRun).where(RetentionRun.night == night)).one()
    return run


def _run_of(session: Session, night: str) -> RetentionRun | None:
    return session.scalar(select(RetentionRun).where(RetentionRun.night == night))


def go_on(session: Session, run_id: int, parts: Sequence[Part], *, now: dt.datetime) -> bool:
    """Take away the next batch; whether the run is finished. Workers take turns, and each batch is counted once.

    The periods are counted from the start of the run, so that it ends.
    """
    run = session.get_one(RetentionRun, run_id, with_for_update=True, populate_existing=True)
    if run.finished_at is not None:
        return True
    all_ = purgers(parts)
    if run.step < len(all_):
        purger = all_[run.step]
        gone = purger.purge(session, _due(session, parts, now=run.started_at)[purger.of], BATCH)
        run.counts = run.counts | {purger.what: run.counts.get(purger.what, 0) + gone}
        run.step += gone == 0
        return False
    run.finished_at = now
    counts = {what.replace(" ", "_"): number for what, number in run.counts.items() if number}
    audit.record(
        session, "rights.retention_run", actor="system", subject_kind="retention", subject_id=run.night, now=now,
        counts=counts,
    )  # fmt: skip
    return True


def latest(session: Session, *, limit: int = 14) -> list[RetentionRun]:
    """The last runs, newest first."""
    return list(session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(limit)))


def counted(session: Session, run_ids: Sequence[int]) -> list[Line]:
    """What these runs have taken away so far, together."""
    together: Counter[str] = Counter()
    for run in session.scalars(select(RetentionRun).where(RetentionRun.id.in_(run_ids)).order_by(RetentionRun.id)):
        together.update(run.counts)
    return [Line(what, number) for what, number in together.items()]


def _due(session: Session, parts: Sequence[Part], *, now: dt.datetime) -> dict[str, Due]:
    held = holding.held(session, parts)
    return {rule.of: Due(rule.period.before(now), held, now) for rule in periods.rules(session)}
