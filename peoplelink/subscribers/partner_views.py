"""The page on which an administrator lets partners' websites show our form, and copies what they put there."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.errors import ConflictError, InvalidInputError
from peoplelink.officers import signing_in
from peoplelink.subscribers import partners, zones

blueprint = Blueprint("partners", __name__, url_prefix="/officer/partners")

_MOST = 300  # characters that are shown again of what was typed


@blueprint.get("")
@web.requires("partners.manage")
def index() -> ResponseReturnValue:
    """The sites, and the lines of HTML to copy."""
    return _page()


@blueprint.post("")
@web.requires("partners.manage")
def add() -> ResponseReturnValue:
    """Let another site show our form."""
    name, address = (request.form.get(field, "").replace("\x00", "")[:_MOST] for field in ("name", "address"))
    try:
        with transaction(web.session()) as session:
            site = partners.add(session, name, address, by=signing_in.officer().actor, now=clock.now())
    except (InvalidInputError, ConflictError) as err:
        return _page(error=str(err), name=name, address=address), 422
    flash(f"{site.name} can show our form now.")
    return redirect(url_for("partners.index"), 303)


@blueprint.post("/<public_id>/remove")
@web.requires("partners.manage")
def remove(public_id: str) -> ResponseReturnValue:
    """Stop a site from showing our form."""
    with transaction(web.session()) as session:
        partners.remove(session, public_id, by=signing_in.officer().actor, now=clock.now())
    flash("The site cannot show our form any more.")
    return redirect(url_for("partners.index"), 303)


def _page(*, error: str = "", name: str = "", address: str = "") -> str:
    session = web.session()
    return render_template(
        "subscribers/partners.html",
        sites=partners.every(session),
        zones=zones.active(session),
        error=error,
        name=name,
        address=address,
    )
