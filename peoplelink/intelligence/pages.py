"""What the pages of reports share: who asks, what they may see, and what to do with what cannot be kept."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import audit, clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.forms import PlainForm
from peoplelink.inbound import inbox
from peoplelink.intelligence import reading
from peoplelink.intelligence.forms import EditionForm
from peoplelink.intelligence.models import Report
from peoplelink.intelligence.personal import Found, LooksPersonalError
from peoplelink.intelligence.reading import Seen
from peoplelink.officers import signing_in
from peoplelink.subscribers import zones as zone_services
from peoplelink.subscribers.models import Zone


def report_of(session: Session, public_id: str, *, lock: bool = False) -> Report:
    """The report, if it is the officer's to see."""
    return reading.get(session, public_id, scope=scope(), lock=lock)


def zones(session: Session) -> list[Zone]:
    """The zones an officer may choose."""
    mine = scope()
    return [zone for zone in zone_services.active(session) if mine is None or zone.id in mine]


def scope() -> inbox.Scope:
    """The zones of whoever is signed in."""
    return signing_in.scope()


def refuse(form: PlainForm, field: str, error: InvalidInputError) -> Found | None:
    """Put an error beside what it is about (`field` where it does not say); what looks personal, if that is why."""
    if not isinstance(error, LooksPersonalError):
        form[field].errors = [str(error)]
        return None
    for name in error.found.marked:
        label = form[name].label.text
        form[name].errors = [f"Look again at “{label}”: it may show who somebody is"]
    return error.found


def editions(
    report: Report, form: EditionForm, *, kept: bool = False, stale: Seen | None = None, found: Found | None = None
) -> dict[str, Any]:
    """What a page with such a form shows of the report's history: what came after `stale`, and what looks personal.

    `kept` leaves the edition that the officer sent in the form; else it is the one that the page shows.
    """
    session = web.session()
    if not kept:
        form.start_from(reading.seen(session, report))
    return {"changed": reading.since(session, report, stale) if stale else None, "found": found}


def back(public_id: str, words: str) -> ResponseReturnValue:
    """To the report, saying what was done."""
    flash(words, "success")
    return redirect(url_for("intelligence.read", public_id=public_id))


def audit_read(action: str, kind: str, subject: str, **detail: int) -> None:
    """Note that somebody read it."""
    actor = signing_in.officer().actor
    # A POST has a session that writes already: on SQLite a second one would wait for it until both give up.
    writing = web.runtime().database.transaction() if request.method == "GET" else transaction(web.session())
    with writing as session:
        audit.record(session, action, actor=actor, subject_kind=kind, subject_id=subject, now=clock.now(), **detail)
