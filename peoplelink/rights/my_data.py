"""What a resident sees and does behind their own signed link: read, take away, object, have it all erased."""

import datetime as dt

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import clock, keys, web
from peoplelink.db import transaction
from peoplelink.errors import NotFoundError
from peoplelink.languages import gettext as _
from peoplelink.outbound.models import Address
from peoplelink.persons import Wish
from peoplelink.rights import downloads, erasing, exporting, holding, requests
from peoplelink.rights.exporting import Export
from peoplelink.rights.models import RequestKind
from peoplelink.rights.parts import parts
from peoplelink.subscribers import objecting, people, services
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import Subscriber

blueprint = Blueprint("my_data", __name__, url_prefix="/my-data")

_LIMIT = "60/hour"


@blueprint.get("/<token>")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def show(token: str) -> ResponseReturnValue:
    """Everything that is held."""
    resident = _resident(web.session(), token)
    made = _export(resident, action="rights.read")
    objects = objecting.stands(web.session(), resident.id)
    return render_template("rights/my_data.html", token=token, made=made, objects=objects)


@blueprint.get("/<token>/agreed")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def receipt(token: str) -> ResponseReturnValue:
    """The consent receipt: what they agreed to, when, in which words."""
    made = _export(_resident(web.session(), token), action="rights.receipt_read")
    [section] = [one for one in made.sections if one.key == "consents"]
    return render_template("rights/receipt.html", token=token, section=section, made=made)


@blueprint.get("/<token>/download/<form>")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def download(token: str, form: str) -> ResponseReturnValue:
    """The same to keep: a page, data for a program, or both with the files."""
    resident = _resident(web.session(), token)
    made = _export(resident, action="rights.taken_away", with_files=downloads.wants_files(form))
    return downloads.response(made, form)


@blueprint.post("/<token>/object")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def object_(token: str) -> ResponseReturnValue:
    """They object: it holds at once, and the data protection officer answers within a month."""
    now = clock.now()
    with transaction(web.session()) as session:
        resident = _resident(session, token)
        if objecting.object_(session, resident, by="resident", now=now):
            _ask(session, RequestKind.OBJECTION, resident.public_id, now=now)
    return redirect(url_for("my_data.show", token=token), 303)


@blueprint.post("/<token>/object-no-more")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def object_no_more(token: str) -> ResponseReturnValue:
    """They take it back."""
    with transaction(web.session()) as session:
        objecting.end(session, _resident(session, token), by="resident", now=clock.now())
    return redirect(url_for("my_data.show", token=token), 303)


@blueprint.get("/<token>/erase")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def erase(token: str) -> ResponseReturnValue:
    """Ask once more, and say what cannot be recalled."""
    _resident(web.session(), token)
    return render_template("rights/my_erase.html", token=token, cannot=[one.cannot_be_recalled for one in parts()])


@blueprint.post("/<token>/erase")
@web.public
@web.limiter.limit(_LIMIT, deduct_when=web.led_somewhere)
def erase_post(token: str) -> ResponseReturnValue:
    """Erase it all; where a legal hold stands, the data protection officer is asked, and the resident told so."""
    now, quiet = clock.now(), web.runtime().config.quiet_hours
    with transaction(web.session()) as session:
        person = people.person_of(session, _resident(session, token))
        held = bool(holding.on(session, person, parts()))
        if held:
            erasing.stop_writing(session, person, parts(), now=now, quiet=quiet)
            _ask(session, RequestKind.ERASURE, person.public_id, now=now)
        else:
            erasing.begin(session, person, parts(), by="resident", now=now, quiet=quiet)
    return redirect(url_for("my_data.asked" if held else "my_data.erased"), 303)


@blueprint.get("/erased")
@web.public
def erased() -> ResponseReturnValue:
    """It is done, or will be in minutes."""
    return render_template("rights/erased.html", held=False)


@blueprint.get("/asked")
@web.public
def asked() -> ResponseReturnValue:
    """A person has to decide first."""
    return render_template("rights/erased.html", held=True)


def _ask(session: Session, kind: RequestKind, person: str, *, now: dt.datetime) -> None:
    requests.ask(session, kind, person, address_key=web.runtime().config.address_key, now=now)


class _BrokenLinkError(NotFoundError):
    """The link is not one of ours, or has run out."""


@blueprint.errorhandler(_BrokenLinkError)
def _broken(_error: _BrokenLinkError) -> tuple[str, int]:
    # The way to another leads by the page that sends the link to one's choices, and that link runs out as soon.
    return render_template("preferences/link_problem.html"), 404


@blueprint.errorhandler(NotFoundError)
def _no_such_resident(error: NotFoundError) -> tuple[str, int]:
    return render_template("subscribers/link_problem.html", message=str(error)), 404


def _resident(session: Session, token: str) -> Subscriber:
    config = web.runtime().config
    try:
        public_id, by = Links.of(config).read_my_data(token)
    except keys.BadTokenError as err:
        raise _BrokenLinkError from err
    found = session.scalar(select(Subscriber).where(Subscriber.public_id == public_id))
    if found is None:
        raise NotFoundError(_("What we held about you has been erased."))
    address = session.scalar(select(Address).where(Address.public_id == by))
    if address is None or services.has_given_up(session, found.id, address, now=clock.now()):
        raise _BrokenLinkError  # whoever reads that address now may be somebody else
    return found


def _export(resident: Subscriber, *, action: str, with_files: bool = False) -> Export:
    """What is held; that they looked is logged in a short write of its own, since the page only reads."""
    session, now = web.session(), clock.now()
    person = people.person_of(session, resident)
    made = exporting.export_person(session, person, parts(), now=now, wish=Wish(with_files=with_files))
    with web.runtime().database.transaction() as writing:
        exporting.note_reading(writing, person, action=action, by="resident", now=now)
    return made
