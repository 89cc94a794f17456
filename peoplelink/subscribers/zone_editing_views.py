"""Pages on which an officer adds a zone, changes it, and tells those who waited for it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import ForbiddenError, NotFoundError
from peoplelink.officers import signing_in
from peoplelink.subscribers import areas, postcode_data, waiting, zone_editing
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Zone
from peoplelink.subscribers.zone_editing import ZoneDraft, ZoneProblemError
from peoplelink.subscribers.zone_forms import ZoneForm

blueprint = Blueprint("zone_editing", __name__, url_prefix="/officer/zones")

ZONES = "zones.manage"
_LARGEST_SENT = 20 * 2**20
"""Bytes of a file that is read far enough to say at its box that it is too large (`boundaries.LARGEST`)."""
_NOT_YOURS = "There is no such zone, or it is not one of yours."
_ALL_ZONES = "Only an administrator of all zones can add one."
_SHOWN = 5  # of the postcodes we do not know

web.take_files(blueprint, "zone_editing.new_post", "zone_editing.edit_post", permission=ZONES, most=_LARGEST_SENT)


@blueprint.get("/new")
@web.requires(ZONES)
def new() -> ResponseReturnValue:
    """An empty form."""
    _for_all_zones()
    form = ZoneForm()
    form.active.data = True
    return _page(form)


@blueprint.post("/new")
@web.requires(ZONES)
def new_post() -> ResponseReturnValue:
    """Add a zone."""
    _for_all_zones()
    form = ZoneForm()
    draft = form.draft()
    if draft is None:
        return _page(form), 422
    try:
        with transaction(web.session()) as session:
            zone = zone_editing.add(session, draft, actor=signing_in.officer().actor, now=clock.now())
    except ZoneProblemError as err:
        form.blame(err)
        return _page(form), 422
    return _saved(zone, draft)


@blueprint.get("/<slug>")
@web.requires(ZONES)
def edit(slug: str) -> ResponseReturnValue:
    """A zone as it stands, in the form that changes it."""
    session = web.session()
    zone = _zone(session, slug)
    form = ZoneForm(obj=zone)
    form.words.data = "\n".join(zone_editing.other_words(session, zone))
    form.area.data = areas.listed(session, zone).text
    return _page(form, zone)


@blueprint.post("/<slug>")
@web.requires(ZONES)
def edit_post(slug: str) -> ResponseReturnValue:
    """Let a zone be as the officer says."""
    form = ZoneForm()
    zone = _zone(web.session(), slug)
    draft = form.draft()
    if draft is None:
        return _page(form, zone), 422
    try:
        with transaction(web.session()) as session:
            zone_editing.change(session, zone, draft, actor=signing_in.officer().actor, now=clock.now())
    except ZoneProblemError as err:
        form.blame(err)
        return _page(form, _zone(web.session(), slug)), 422
    return _saved(zone, draft)


@blueprint.post("/<slug>/tell")
@web.requires(ZONES)
def tell(slug: str) -> ResponseReturnValue:
    """Tell those who waited that the zone has opened, once."""
    config = web.runtime().config
    with transaction(web.session()) as session:
        zone = _zone(session, slug)
        told = waiting.tell(
            session,
            zone,
            actor=signing_in.officer().actor,
            quiet=config.quiet_hours,
            links=Links.of(config),
            now=clock.now(),
        )
    flash(f"We are telling {told} that {zone.name} has opened. They are off the waiting list.")
    return redirect(url_for("zone_editing.edit", slug=slug), 303)


def _for_all_zones() -> None:
    if signing_in.scope() is not None:
        raise ForbiddenError(_ALL_ZONES)


def _zone(session: Session, slug: str) -> Zone:
    zone = session.scalar(select(Zone).where(Zone.slug == slug))
    if zone is None or not signing_in.officer().allows("zones.manage", [zone.id]):
        raise NotFoundError(_NOT_YOURS)
    return zone


def _saved(zone: Zone, draft: ZoneDraft) -> ResponseReturnValue:
    flash(f"{zone.name} is saved.")
    strange = areas.unknown(draft.area)
    if strange:
        shown = ", ".join(strange[:_SHOWN]) + (" and more" if len(strange) > _SHOWN else "")
        flash(f"We do not know {shown}. They may be mistyped, elsewhere, or very new.")
    if not areas.sectors_of(web.session(), zone):
        flash("No postcode leads to this zone yet: residents join it by its name until you say where it lies.")
    return redirect(url_for("zone_editing.edit", slug=zone.slug), 303)


def _page(form: ZoneForm, zone: Zone | None = None) -> str:
    session = web.session()
    return render_template(
        "subscribers/zone.html",
        form=form,
        zone=zone,
        own_words=sorted(zone_editing.own_words(zone)) if zone else [],
        boundary=areas.boundary(session, zone) if zone else None,
        drawn=areas.count_drawn(session, zone) if zone else 0,
        sectors=areas.sectors_of(session, zone) if zone else [],
        waiting=waiting.count_for(session, zone, now=clock.now()) if zone and zone.active else 0,
        attribution=postcode_data.ATTRIBUTION,
    )
