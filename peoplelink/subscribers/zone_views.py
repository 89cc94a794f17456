"""The list of zones, where an administrator sets their quiet hours and finds the way to change them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from peoplelink import audit, clock, quiet_hours, web
from peoplelink.db import transaction
from peoplelink.errors import NotFoundError
from peoplelink.officers import signing_in
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import zones
from peoplelink.subscribers.models import Zone

blueprint = Blueprint("zones", __name__, url_prefix="/officer/zones")

_UNREADABLE = "Enter two times, like 21:00-08:00, or off. Leave it empty for the hours of the organisation."


@blueprint.get("")
@web.requires("zones.manage")
def index() -> ResponseReturnValue:
    """Every zone of the officer's with its quiet hours."""
    return _page()


@blueprint.post("/<slug>/quiet-hours")
@web.requires("zones.manage")
def set_quiet_hours(slug: str) -> ResponseReturnValue:
    """Set a zone's own hours, switch them off, or go back to the organisation's."""
    typed = request.form.get("hours", "").strip()
    hours = quiet_hours.parse(typed) if typed else None
    if typed and hours is None:
        return _page(wrong=slug, typed=typed), 422
    with transaction(web.session()) as session:
        zone = session.scalar(select(Zone).where(Zone.slug == slug))
        officer = signing_in.officer()
        if zone is None or not officer.allows("zones.manage", [zone.id]):
            raise NotFoundError("There is no such zone, or it is not one of yours.")
        zone.quiet_from, zone.quiet_until = hours or (None, None)
        said = _written(hours)
        audit.record(
            session, "zone.quiet_hours_set", actor=officer.actor, subject_kind="zone", subject_id=slug,
            now=clock.now(), hours=said,
        )  # fmt: skip
    flash(f"Quiet hours of {zone.name}: {said}. They hold for broadcasts that are released from now on.")
    return redirect(url_for("zones.index"))


def _page(*, wrong: str = "", typed: str = "") -> str:
    scope = signing_in.scope()
    shown = [zone for zone in zones.every(web.session()) if scope is None or zone.id in scope]
    return render_template(
        "subscribers/zones.html",
        zones=[(zone, typed if zone.slug == wrong else _field(zone)) for zone in shown],
        organisation=_written(web.runtime().config.quiet_hours),
        wrong=wrong,
        may_add=scope is None,
        error=_UNREADABLE,
    )


def _field(zone: Zone) -> str:
    if zone.quiet_from is None or zone.quiet_until is None:
        return ""
    return _written(Hours(zone.quiet_from, zone.quiet_until))


def _written(hours: Hours | None) -> str:
    if hours is None:
        return "as the organisation"
    return f"{quiet_hours.clock_time(hours.start)}-{quiet_hours.clock_time(hours.end)}" if hours.any else "off"
