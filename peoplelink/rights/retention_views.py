"""The page on which an administrator sets how long each kind of record is kept, and sees what the nights took away."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, forms, web
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError
from peoplelink.persons import RecordClass
from peoplelink.rights import periods, retention
from peoplelink.rights.models import PeriodUnit
from peoplelink.rights.parts import parts
from peoplelink.rights.periods import Period
from peoplelink.rights.views import officer

blueprint = Blueprint("retention", __name__, url_prefix="/officer/rights/retention")


@blueprint.get("")
@web.requires("retention.manage")
def show() -> ResponseReturnValue:
    """The rules, and the last runs."""
    officer()
    return _page()


@blueprint.get("/dry-run")
@web.requires("retention.manage")
def dry_run() -> ResponseReturnValue:
    """What would go tonight, if it were tonight now; changes nothing."""
    officer()
    return render_template("rights/dry_run.html", lines=retention.preview(web.session(), parts(), now=clock.now()))


@blueprint.post("/<record_class>")
@web.requires("retention.manage")
def change(record_class: str) -> ResponseReturnValue:
    """Keep a kind of record for so long from now on."""
    by, unit = officer(), request.form.get("unit", "")
    if record_class not in set(RecordClass) or unit not in set(PeriodUnit):
        abort(404)
    period = Period(forms.number(request.form.get("number", "").strip()), PeriodUnit(unit))
    try:
        with transaction(web.session()) as session:
            periods.change(session, RecordClass(record_class), period, request.form.get("reason", ""), by=by,
                           now=clock.now())  # fmt: skip
    except InvalidInputError as error:
        return _page(wrong=record_class, problem=str(error)), 422
    flash(f"From now on it is kept for {period}.", "success")
    return redirect(url_for("retention.show"), 303)


def _page(*, wrong: str = "", problem: str = "") -> str:
    session = web.session()
    return render_template(
        "rights/retention.html", rules=periods.rules(session), runs=retention.latest(session), units=list(PeriodUnit),
        wrong=wrong, problem=problem, typed=request.form,
    )  # fmt: skip
