"""Pages of reports: the list, a new one from a conversation, one with its history, editing, grading, notes."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import audit, clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.forms import number
from peoplelink.inbound import inbox
from peoplelink.inbound.models import Conversation
from peoplelink.intelligence import grading, reading, sanitise, services
from peoplelink.intelligence.forms import GradeForm, ReportForm
from peoplelink.intelligence.models import Report, ReportStatus
from peoplelink.officers import signing_in
from peoplelink.officers.models import Officer
from peoplelink.subscribers import zones as zone_services
from peoplelink.subscribers.models import Zone

blueprint = Blueprint("intelligence", __name__, url_prefix="/officer")

STATUS_WORDS = {
    ReportStatus.NEW: "New",
    ReportStatus.WORKING: "Working on it",
    ReportStatus.PASSED_ON: "Passed on",
    ReportStatus.DONE: "Done",
}


@blueprint.get("/reports")
@web.requires("reports.read")
def list_reports() -> ResponseReturnValue:
    """Reports, narrowed by status, zone, theme, or to one's own."""
    session, officer = web.session(), signing_in.officer()
    filters = _filters(session)
    page = reading.page(session, filters, scope=officer.scope, officer=officer, after=request.args.get("after"))
    _audit_read("report.listed", "report", "list", count=len(page.reports))
    return render_template(
        "intelligence/list.html",
        page=page,
        total=reading.count(session, filters, scope=officer.scope, officer=officer),
        filters=filters,
        zones=_zones(session),
        themes=reading.themes(session),
        status_words=STATUS_WORDS,
    )


@blueprint.get("/conversations/<public_id>/report")
@web.requires("reports.write")
def open_report(public_id: str) -> ResponseReturnValue:
    """Start a report from what a resident wrote, with the plainest marks of who they are blotted out."""
    session = web.session()
    conversation = _conversation(session, public_id)
    _audit_read("conversation.read", "conversation", public_id)
    form = _report_form(session)
    names = [conversation.subscriber.name] if conversation.subscriber and conversation.subscriber.name else []
    form.text.data = sanitise.blot(reading.original(session, conversation), names=names)
    form.zone.data = conversation.zone.slug if conversation.zone else ""
    return _show_new(session, conversation, form)


@blueprint.post("/conversations/<public_id>/report")
@web.requires("reports.write")
def open_report_post(public_id: str) -> ResponseReturnValue:
    """Make the report, or show how the sanitised text differs from the original."""
    form = _report_form(web.session())
    if "compare" in request.form or not form.validate():
        return _show_new(web.session(), _conversation(web.session(), public_id), form)
    try:
        with transaction(web.session()) as session:
            account = form.account(reading.themes(session), _zones(session))
            conversation = _conversation(session, public_id)
            report = services.open_report(session, conversation, account, by=signing_in.officer(), now=clock.now())
    except InvalidInputError as error:
        form.text.errors = [str(error)]
        return _show_new(web.session(), _conversation(web.session(), public_id), form), 422
    return _back(report.public_id, f"Report {report.code} is made. Grade it next.")


@blueprint.get("/reports/<public_id>")
@web.requires("reports.read")
def read(public_id: str) -> ResponseReturnValue:
    """One report, with what was done with it; the original only for those who may read the conversation."""
    session, officer = web.session(), signing_in.officer()
    report = reading.get(session, public_id, scope=officer.scope)
    conversation = reading.conversation_of(session, report, officer=officer)
    original = reading.original(session, conversation) if conversation else None
    _audit_read("report.read", "report", public_id, original=original is not None)
    return render_template(
        "intelligence/report.html",
        report=report,
        conversation=conversation,
        difference=sanitise.difference(original, report.text) if original is not None else None,
        history=reading.history(session, report),
        colleagues=reading.colleagues(session, report),
        status_words=STATUS_WORDS,
        grading=grading,
    )


@blueprint.get("/reports/<public_id>/edit")
@web.requires("reports.write")
def edit(public_id: str) -> ResponseReturnValue:
    """Change what a report says."""
    report = _report(web.session(), public_id)
    form = _report_form(web.session())
    form.fill(report)
    return render_template("intelligence/edit.html", form=form, report=report)


@blueprint.post("/reports/<public_id>/edit")
@web.requires("reports.write")
def edit_post(public_id: str) -> ResponseReturnValue:
    """Keep what was changed."""
    form = _report_form(web.session())
    try:
        with transaction(web.session()) as session:
            report = _report(session, public_id, lock=True)
            account = form.account(reading.themes(session), _zones(session))
            edition = form.edition.number
            services.edit(session, report, account, edition=edition, by=signing_in.officer(), now=clock.now())
    except (InvalidInputError, services.ChangedMeanwhileError) as error:
        form.text.errors = [str(error)]
        return render_template("intelligence/edit.html", form=form, report=_report(web.session(), public_id)), 422
    return _back(public_id, "Your changes are kept.")


@blueprint.get("/reports/<public_id>/grade")
@web.requires("reports.grade")
def grade(public_id: str) -> ResponseReturnValue:
    """Ask plain questions, then propose a grade that the officer may change."""
    report = _report(web.session(), public_id)
    answers = {name: request.args.get(name, "") for name in grading.QUESTIONS}
    form = GradeForm()
    if any(answers.values()):
        form.fill(grading.propose(answers["source"], answers["knows"], answers["sharing"]))
    return _show_grading(report, form, answers)


@blueprint.post("/reports/<public_id>/grade")
@web.requires("reports.grade")
def grade_post(public_id: str) -> ResponseReturnValue:
    """Keep a grade."""
    form = GradeForm()
    if form.validate():
        try:
            with transaction(web.session()) as session:
                report = _report(session, public_id, lock=True)
                reason, by = form.reason.data or "", signing_in.officer()
                services.grade(session, report, form.grade(), reason, by=by, now=clock.now())
        except InvalidInputError as error:
            form.reason.errors = [str(error)]
        else:
            return _back(public_id, f"Graded {form.grade()}.")
    return _show_grading(_report(web.session(), public_id), form, {}), 422


@blueprint.post("/reports/<public_id>/note")
@web.requires("reports.write")
def note(public_id: str) -> ResponseReturnValue:
    """Keep a note."""
    with transaction(web.session()) as session:
        report = _report(session, public_id)
        services.add_note(session, report, request.form.get("note", ""), by=signing_in.officer(), now=clock.now())
    return _back(public_id, "Your note is kept.")


@blueprint.post("/reports/<public_id>/work")
@web.requires("reports.write")
def work(public_id: str) -> ResponseReturnValue:
    """Say where a report stands, and who has it."""
    wanted = request.form.get("status", "")
    with transaction(web.session()) as session:
        report = _report(session, public_id, lock=True)
        services.set_work(
            session,
            report,
            status=ReportStatus(wanted) if wanted in set(ReportStatus) else report.status,
            assigned_to=_chosen_colleague(session, report),
            edition=number(request.form.get("edition", "")),
            by=signing_in.officer(),
            now=clock.now(),
        )
    return _back(public_id, "Kept.")


def _show_new(session: Session, conversation: Conversation, form: ReportForm) -> str:
    original = reading.original(session, conversation)
    return render_template(
        "intelligence/new.html",
        form=form,
        conversation=conversation,
        difference=sanitise.difference(original, form.text.data or ""),
        earlier=reading.reports_of(session, conversation, scope=_scope()),
    )


def _show_grading(report: Report, form: GradeForm, answers: dict[str, str]) -> str:
    proposed = any(answers.values())
    return render_template(
        "intelligence/grade.html",
        report=report,
        form=form,
        answers=answers,
        questions=grading.QUESTIONS,
        asked=proposed or form.is_submitted(),
    )


def _conversation(session: Session, public_id: str) -> Conversation:
    """The conversation a report is made of: only for those who may read it."""
    officer = signing_in.officer()
    if not officer.allows("inbox.read"):
        abort(403)
    return inbox.get(session, public_id, scope=officer.scope)


def _report(session: Session, public_id: str, *, lock: bool = False) -> Report:
    return reading.get(session, public_id, scope=_scope(), lock=lock)


def _report_form(session: Session) -> ReportForm:
    form = ReportForm()
    form.offer(reading.themes(session), _zones(session), all_zones=_scope() is None)
    return form


def _filters(session: Session) -> reading.Filters:
    status, zone, theme = (request.args.get(name, "") for name in ("status", "zone", "theme"))
    return reading.Filters(
        status=ReportStatus(status) if status in set(ReportStatus) else None,
        zone_id=next((one.id for one in _zones(session) if one.slug == zone), None),
        theme_id=next((one.id for one in reading.themes(session) if one.slug == theme), None),
        mine=request.args.get("mine") == "1",
    )


def _chosen_colleague(session: Session, report: Report) -> Officer | None:
    wanted = request.form.get("to", "")
    if not wanted:
        return None
    found = next((one for one in reading.colleagues(session, report) if one.public_id == wanted), None)
    if found is None:
        raise InvalidInputError("That colleague cannot read reports of this zone. Choose another.")
    return found


def _zones(session: Session) -> list[Zone]:
    scope = _scope()
    return [zone for zone in zone_services.active(session) if scope is None or zone.id in scope]


def _scope() -> inbox.Scope:
    return signing_in.scope()


def _back(public_id: str, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("intelligence.read", public_id=public_id))


def _audit_read(action: str, kind: str, subject: str, **detail: int) -> None:
    actor = signing_in.officer().actor
    with web.runtime().database.transaction() as session:
        audit.record(session, action, actor=actor, subject_kind=kind, subject_id=subject, now=clock.now(), **detail)
