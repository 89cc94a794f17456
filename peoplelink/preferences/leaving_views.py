"""The page on which administrators read why people left: by month and reason, never by person."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import web
from peoplelink.preferences.forms import LeaveForm
from peoplelink.subscribers.models import Leaving

blueprint = Blueprint("leavings", __name__, url_prefix="/officer/leavings")

_MONTHS, _WORDS = 60, 100  # rows of counts, and of what people wrote, on the page


@blueprint.get("")
@web.requires("zones.manage")
def index() -> ResponseReturnValue:
    """How many left for each reason, and what they wrote, the newest month first."""
    session = web.session()
    names = {str(choice.value): str(choice.label) for choice in LeaveForm(formdata=None).reason.choices}
    rows = [(f"{row.month:%B %Y}", names[row.reason], f"{row.number:,}") for row in _counts(session)]
    written = [(f"{row.month:%B %Y}", names[row.reason], row.words) for row in _written(session)]
    return render_template("preferences/leavings.html", rows=rows, written=written)


def _counts(session: Session) -> Sequence[Any]:
    by = (Leaving.month, Leaving.reason)
    counted = select(*by, func.count().label("number")).group_by(*by)
    return session.execute(counted.order_by(Leaving.month.desc(), func.count().desc()).limit(_MONTHS)).all()


def _written(session: Session) -> Sequence[Any]:
    # By the random id within a month: the order in which people left would lead to them.
    written = select(Leaving.month, Leaving.reason, Leaving.words).where(Leaving.words.is_not(None))
    return session.execute(written.order_by(Leaving.month.desc(), Leaving.public_id).limit(_WORDS)).all()
