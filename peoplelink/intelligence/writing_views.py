"""Pages in which a report is opened from a conversation, changed, and graded."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.inbound import inbox
from peoplelink.inbound.models import Conversation
from peoplelink.intelligence import grading, pages, reading, sanitise, services
from peoplelink.intelligence.difference import difference
from peoplelink.intelligence.forms import GradeForm, ReportForm
from peoplelink.intelligence.models import Report
from peoplelink.intelligence.pages import report_of
from peoplelink.intelligence.personal import Found, SecondLook
from peoplelink.officers import signing_in

blueprint = Blueprint("writing", __name__)


@blueprint.get("/conversations/<public_id>/report")
@web.requires("reports.write")
def open_report(public_id: str) -> ResponseReturnValue:
    """Start a report from what a resident wrote, with the plainest marks of who they are blotted out."""
    session = web.session()
    conversation = _conversation(session, public_id)
    pages.audit_read("conversation.read", "conversation", public_id)
    form = _report_form(session)
    form.text.data = sanitise.blot(reading.original(session, conversation), names=reading.names_in(conversation))
    form.zone.data = conversation.zone.slug if conversation.zone else ""
    return _show_new(conversation, form)


@blueprint.post("/conversations/<public_id>/report")
@web.requires("reports.write")
def open_report_post(public_id: str) -> ResponseReturnValue:
    """Make the report, or show how the sanitised text differs from the original."""
    conversation, form = _conversation(web.session(), public_id), _report_form(web.session())
    if "compare" in request.form:
        return _show_new(conversation, form)
    if not form.validate():
        return _show_new(conversation, form), 422
    look = SecondLook(reading.names_in(conversation), form.checked.data or "")
    try:
        with transaction(web.session()) as session:
            held = _conversation(session, public_id, lock=True)
            account = form.account(reading.themes(session), pages.zones(session))
            seen, by, now = form.seen_report.number, signing_in.officer(), clock.now()
            report = services.open_report(session, held, account, seen_report_id=seen, look=look, by=by, now=now)
    except services.MadeMeanwhileError as error:
        form.text.errors = [str(error)]
        return _show_new(_conversation(web.session(), public_id), form), 409
    except InvalidInputError as error:
        found = pages.refuse(form, "text", error)
        return _show_new(_conversation(web.session(), public_id), form, found=found), 422
    return pages.back(report.public_id, f"Report {report.code} is made. Grade it next.")


@blueprint.get("/reports/<public_id>/edit")
@web.requires("reports.write")
def edit(public_id: str) -> ResponseReturnValue:
    """Change what a report says."""
    report = report_of(web.session(), public_id)
    form = _report_form(web.session())
    form.fill(report)
    return _show_edit(report, form)


@blueprint.post("/reports/<public_id>/edit")
@web.requires("reports.write")
def edit_post(public_id: str) -> ResponseReturnValue:
    """Keep what was changed. What was typed is shown again when somebody else was quicker."""
    report, form = report_of(web.session(), public_id), _report_form(web.session())
    if not form.validate():
        return _show_edit(report, form, kept=True), 422
    try:
        with transaction(web.session()) as session:
            report = report_of(session, public_id, lock=True)
            account, by = form.account(reading.themes(session), pages.zones(session)), signing_in.officer()
            look = SecondLook(reading.names(session, report, officer=by), form.checked.data or "")
            services.edit(session, report, account, edition=form.edition.number, look=look, by=by, now=clock.now())
    except services.ChangedMeanwhileError:
        return _show_edit(report_of(web.session(), public_id), form, stale=form.seen), 409
    except InvalidInputError as error:
        found = pages.refuse(form, "text", error)
        return _show_edit(report_of(web.session(), public_id), form, kept=True, found=found), 422
    return pages.back(public_id, "Your changes are kept.")


@blueprint.get("/reports/<public_id>/grade")
@web.requires("reports.grade")
def grade(public_id: str) -> ResponseReturnValue:
    """Ask plain questions, then propose a grade that the officer may change."""
    report = report_of(web.session(), public_id)
    answers = {name: request.args.get(name, "") for name in grading.QUESTIONS}
    form = GradeForm()
    if any(answers.values()):
        form.fill(grading.propose(answers["source"], answers["knows"], answers["sharing"]))
    return _show_grading(report, form, answers=answers)


@blueprint.post("/reports/<public_id>/grade")
@web.requires("reports.grade")
def grade_post(public_id: str) -> ResponseReturnValue:
    """Keep a grade. What was chosen is shown again when the report has changed since it was read."""
    report, form = report_of(web.session(), public_id), GradeForm()
    if not form.validate():
        return _show_grading(report, form, kept=True), 422
    try:
        with transaction(web.session()) as session:
            report = report_of(session, public_id, lock=True)
            by, reason, edition = signing_in.officer(), form.reason.data or "", form.edition.number
            look = SecondLook(reading.names(session, report, officer=by), form.checked.data or "")
            now = clock.now()
            services.grade(session, report, form.grade(), reason, edition=edition, look=look, by=by, now=now)
    except services.ChangedMeanwhileError:
        return _show_grading(report_of(web.session(), public_id), form, stale=form.seen), 409
    except InvalidInputError as error:
        found = pages.refuse(form, "reason", error)
        return _show_grading(report_of(web.session(), public_id), form, kept=True, found=found), 422
    return pages.back(public_id, f"Graded {form.grade()}.")


def _show_new(conversation: Conversation, form: ReportForm, *, found: Found | None = None) -> str:
    session = web.session()
    original = reading.original(session, conversation)
    latest = services.latest_report(session, conversation, by=signing_in.officer())
    form.seen_report.data = latest.id if latest else 0
    return render_template(
        "intelligence/new.html",
        form=form,
        conversation=conversation,
        difference=difference(original, form.text.data or ""),
        earlier=reading.reports_of(session, conversation, scope=pages.scope()),
        found=found,
    )


def _show_edit(report: Report, form: ReportForm, **shown: Any) -> str:
    return render_template("intelligence/edit.html", form=form, report=report, **pages.editions(report, form, **shown))


def _show_grading(report: Report, form: GradeForm, *, answers: dict[str, str] | None = None, **shown: Any) -> str:
    proposed = any((answers or {}).values())
    return render_template(
        "intelligence/grade.html",
        report=report,
        form=form,
        answers=answers if proposed else {},
        questions=grading.QUESTIONS,
        asked=proposed or form.is_submitted(),
        **pages.editions(report, form, **shown),
    )


def _conversation(session: Session, public_id: str, *, lock: bool = False) -> Conversation:
    """The conversation a report is made of, held if one is being made: only for those who may read it."""
    officer = signing_in.officer()
    if not officer.allows("inbox.read"):
        abort(403)
    return inbox.get(session, public_id, scope=officer.scope, lock=lock)


def _report_form(session: Session) -> ReportForm:
    form = ReportForm()
    form.offer(reading.themes(session), pages.zones(session), all_zones=pages.scope() is None)
    return form
