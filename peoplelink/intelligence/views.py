"""Pages of reports: the list, and one with its history, notes, and who works on it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.intelligence import grading, pages, reading, services, writing_views
from peoplelink.intelligence.difference import difference
from peoplelink.intelligence.forms import STATUS_WORDS, NoteForm, WorkForm
from peoplelink.intelligence.models import Report, ReportStatus
from peoplelink.intelligence.pages import report_of
from peoplelink.intelligence.personal import Found, SecondLook
from peoplelink.intelligence.reading import Seen
from peoplelink.officers import signing_in

blueprint = Blueprint("intelligence", __name__, url_prefix="/officer")
blueprint.register_blueprint(writing_views.blueprint)


@blueprint.get("/reports")
@web.requires("reports.read")
def list_reports() -> ResponseReturnValue:
    """Reports, narrowed by status, zone, theme, or to one's own."""
    session, officer = web.session(), signing_in.officer()
    filters = _filters(session)
    page = reading.page(session, filters, scope=officer.scope, officer=officer, after=request.args.get("after"))
    pages.audit_read("report.listed", "report", "list", count=len(page.reports))
    return render_template(
        "intelligence/list.html",
        page=page,
        total=reading.count(session, filters, scope=officer.scope, officer=officer),
        filters=filters,
        zones=pages.zones(session),
        themes=reading.themes(session),
        status_words=STATUS_WORDS,
    )


@blueprint.get("/reports/<public_id>")
@web.requires("reports.read")
def read(public_id: str) -> ResponseReturnValue:
    """One report, with what was done with it; the original only for those who may read the conversation."""
    return _show(report_of(web.session(), public_id))


@blueprint.post("/reports/<public_id>/note")
@web.requires("reports.write")
def note(public_id: str) -> ResponseReturnValue:
    """Keep a note."""
    form = NoteForm()
    try:
        with transaction(web.session()) as session:
            report, by = report_of(session, public_id), signing_in.officer()
            look = SecondLook(reading.names(session, report, officer=by), form.checked.data or "")
            services.add_note(session, report, form.note.data or "", look=look, by=by, now=clock.now())
    except InvalidInputError as error:
        found = pages.refuse(form, "note", error)
        return _show(report_of(web.session(), public_id), note_form=form, found=found), 422
    return pages.back(public_id, "Your note is kept.")


@blueprint.post("/reports/<public_id>/work")
@web.requires("reports.write")
def work(public_id: str) -> ResponseReturnValue:
    """Say where a report stands, and who has it."""
    report, form = report_of(web.session(), public_id), WorkForm()
    form.offer(reading.colleagues(web.session(), report))
    if not form.validate():
        return _show(report, work_form=form), 422
    try:
        with transaction(web.session()) as session:
            report = report_of(session, public_id, lock=True)
            services.set_work(
                session,
                report,
                status=ReportStatus(form.status.data),
                assigned_to=form.colleague(reading.colleagues(session, report)),
                edition=form.edition.number,
                by=signing_in.officer(),
                now=clock.now(),
            )
    except services.ChangedMeanwhileError:
        return _show(report_of(web.session(), public_id), work_form=form, stale=form.seen), 409
    return pages.back(public_id, "Kept.")


def _show(
    report: Report,
    *,
    note_form: NoteForm | None = None,
    work_form: WorkForm | None = None,
    stale: Seen | None = None,
    found: Found | None = None,
) -> str:
    session, officer = web.session(), signing_in.officer()
    conversation = reading.conversation_of(session, report, officer=officer)
    original = reading.original(session, conversation) if conversation else None
    pages.audit_read("report.read", "report", report.public_id, original=original is not None)
    if work_form is None:
        work_form = WorkForm(formdata=None)
        work_form.offer(reading.colleagues(session, report))
        work_form.fill(report)
    return render_template(
        "intelligence/report.html",
        report=report,
        conversation=conversation,
        difference=difference(original, report.text) if original is not None else None,
        history=reading.history(session, report),
        note_form=note_form or NoteForm(formdata=None),
        work_form=work_form,
        status_words=STATUS_WORDS,
        grading=grading,
        **pages.editions(report, work_form, kept=bool(work_form.errors), stale=stale, found=found),
    )


def _filters(session: Session) -> reading.Filters:
    status, zone, theme = (request.args.get(name, "") for name in ("status", "zone", "theme"))
    return reading.Filters(
        status=ReportStatus(status) if status in set(ReportStatus) else None,
        zone_id=next((one.id for one in pages.zones(session) if one.slug == zone), None),
        theme_id=next((one.id for one in reading.themes(session) if one.slug == theme), None),
        mine=request.args.get("mine") == "1",
    )
