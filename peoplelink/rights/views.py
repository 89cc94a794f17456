"""Pages for the data protection officer: a person, what is held about them, and what is done with it.

A number or a mailbox is never in an address of these pages: whoever is looked for is posted, with the reason.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from peoplelink.officers import signing_in
from peoplelink.officers.models import Officer
from peoplelink.persons import Person, Wish
from peoplelink.rights import downloads, erasing, exporting, finding, holding, log, requests
from peoplelink.rights.models import HoldKind, RequestKind
from peoplelink.rights.parts import parts
from peoplelink.subscribers import objecting
from peoplelink.subscribers.models import Subscriber

blueprint = Blueprint("rights_officer", __name__, url_prefix="/officer/rights")

KINDS = {
    RequestKind.ACCESS: "A copy of what we hold",
    RequestKind.ERASURE: "To be erased",
    RequestKind.OBJECTION: "Objection",
    RequestKind.RECTIFICATION: "To put something right",
    RequestKind.RESTRICTION: "To use it less for a while",
    RequestKind.COMPLAINT: "Complaint",
}


def officer() -> Officer:
    """Whoever is signed in; raises ForbiddenError for one limited to zones, since people are not."""
    found = signing_in.officer()
    if found.scope is not None:
        raise ForbiddenError(
            "These pages are for officers of all zones: what is held about a person is in all of them."
        )
    return found


@blueprint.get("")
@web.requires("rights.manage")
def index() -> ResponseReturnValue:
    """Open requests with their clocks, a person to look for, and holds."""
    officer()
    return _index()


def _index(*, problem: str = "", typed: str = "", reason: str = "") -> str:
    session, now = web.session(), clock.now()
    waiting = requests.open_ones(session)
    return render_template(
        "rights/index.html", waiting=waiting, settled=requests.settled(session), now=now, kinds=KINDS,
        in_vain=requests.in_vain(session, waiting), holds=holding.standing(session), problem=problem, typed=typed,
        reason=reason, erasures=log.erasures(session),
    )  # fmt: skip


@blueprint.post("/find")
@web.requires("rights.manage")
def find() -> ResponseReturnValue:
    """Who is behind a number or mailbox; where there are several, the officer chooses."""
    by, typed, why = officer(), request.form.get("address", ""), request.form.get("reason", "")
    config, now = web.runtime().config, clock.now()
    try:
        reason = finding.reason(why)
        with transaction(web.session()) as session:
            found = finding.by_address(
                session, typed, address_key=config.address_key, fictional_allowed=config.sandboxed, now=now
            )
            for one in found:
                exporting.note_reading(session, one.person, action="rights.found", by=by.actor, now=now,
                                       reason=reason)  # fmt: skip
    except (InvalidInputError, NotFoundError) as error:
        return _index(problem=str(error), typed=typed, reason=why), 422
    if len(found) == 1:
        return _show(found[0].person, reason)
    return render_template("rights/choose.html", found=found, reason=reason)


@blueprint.post("/person")
@web.requires("rights.manage")
def show() -> ResponseReturnValue:
    """What is held about somebody who was found."""
    by, reason = officer(), finding.reason(request.form.get("reason", ""))
    with transaction(web.session()) as session:
        person = finding.person(session, request.form.get("person", ""))
        exporting.note_reading(session, person, action="rights.read", by=by.actor, now=clock.now(), reason=reason)
    return _show(person, reason)


def _show(person: Person, reason: str) -> str:
    session = web.session()
    return render_template(
        "rights/person.html",
        person=person,
        reason=reason,
        made=exporting.export_person(session, person, parts(), now=clock.now()),
        holds=holding.on(session, person, parts()),
        objects=objecting.stands(session, person.subscriber_id),
        handed_on=any(end <= clock.now() for end in person.until.values()),
        kinds={kind: words for kind, words in KINDS.items() if kind is not RequestKind.COMPLAINT},
        cannot=[part.cannot_be_recalled for part in parts() if part.cannot_be_recalled],
    )


@blueprint.post("/person/download")
@web.requires("rights.manage")
def download() -> ResponseReturnValue:
    """What is held, to hand to the person; reports only where it was decided."""
    by, reason, form = officer(), finding.reason(request.form.get("reason", "")), request.form.get("form", "")
    wish = Wish(with_reports="with_reports" in request.form, with_files=downloads.wants_files(form))
    with transaction(web.session()) as session:
        person = finding.person(session, request.form.get("person", ""))
        made = exporting.export_person(session, person, parts(), now=clock.now(), wish=wish)
        exporting.note_reading(session, person, action="rights.taken_away", by=by.actor, now=clock.now(),
                               reason=reason, with_reports=wish.with_reports, form=form)  # fmt: skip
    return downloads.response(made, form)


@blueprint.post("/person/erase")
@web.requires("rights.manage")
def erase() -> ResponseReturnValue:
    """Erase somebody at their wish; the box must be ticked, since it cannot be undone."""
    by, reason = officer(), finding.reason(request.form.get("reason", ""))
    if "sure" not in request.form:
        raise InvalidInputError("Tick the box to say that they asked for it and know what cannot be taken back.")
    with transaction(web.session()) as session:
        person, now = finding.person(session, request.form.get("person", "")), clock.now()
        exporting.note_reading(session, person, action="rights.erasure_asked", by=by.actor, now=now, reason=reason)
        erasing.begin(session, person, parts(), by=by.actor, now=now, quiet=web.runtime().config.quiet_hours)
    return _done("They are written to no more, and what is held is being erased: it takes some minutes.")


@blueprint.post("/person/object")
@web.requires("rights.manage")
def object_() -> ResponseReturnValue:
    """Note that they object to our public task, or that this is over."""
    by, over = officer(), "over" in request.form
    with transaction(web.session()) as session:
        resident = _resident_of(finding.person(session, request.form.get("person", "")))
        change = objecting.end if over else objecting.object_
        if change(session, resident, by=by.actor, now=clock.now()) and not over:
            requests.record(session, RequestKind.OBJECTION, person=resident.public_id, by=by.actor, now=clock.now())
    return _done("The objection is over." if over else "Noted: no new report is made of what they write.")


def _resident_of(person: Person) -> Subscriber:
    resident = web.session().get(Subscriber, person.subscriber_id) if person.subscriber_id else None
    if resident is None:
        raise ConflictError("They are no resident: write down what they ask as a request.")
    return resident


@blueprint.post("/person/request")
@web.requires("rights.manage")
def record() -> ResponseReturnValue:
    """Write down what somebody asked by letter, on the telephone or in person; its clock begins."""
    by, wanted = officer(), request.form.get("kind", "")
    if wanted not in set(RequestKind):
        abort(400)
    with transaction(web.session()) as session:
        person = finding.person(session, request.form.get("person", ""))
        words = request.form.get("words", "")
        requests.record(session, RequestKind(wanted), person=person.public_id, words=words, by=by.actor,
                        now=clock.now())  # fmt: skip
    return _done("Written down. Its clock has begun.")


@blueprint.post("/holds")
@web.requires("rights.manage")
def hold() -> ResponseReturnValue:
    """Keep a person, a conversation or a report from being erased or deleted."""
    by, wanted = officer(), request.form.get("kind", "")
    if wanted not in set(HoldKind):
        abort(400)
    with transaction(web.session()) as session:
        subject = log.subject(session, HoldKind(wanted), request.form.get("subject", ""), parts())
        holding.place(session, HoldKind(wanted), subject, request.form.get("why", ""), by=by, now=clock.now())
    return _done("Nothing of it is erased or deleted until the hold is lifted.")


@blueprint.post("/holds/<public_id>/lift")
@web.requires("rights.manage")
def lift(public_id: str) -> ResponseReturnValue:
    """Let go."""
    by = officer()
    with transaction(web.session()) as session:
        holding.lift(session, public_id, by=by, now=clock.now())
    return _done("The hold is lifted. What is over its time goes tonight.")


@blueprint.get("/log")
@web.requires("rights.manage")
def show_log() -> ResponseReturnValue:
    """Everything that was done by right."""
    officer()
    page = log.page(web.session(), request.args.get("before", ""))
    return render_template("rights/log.html", page=page)


def _done(words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("rights_officer.index"), 303)
