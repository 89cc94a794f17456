"""The page on which an officer or a connector signs up a neighbour, at a doorstep or a stall."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.db import transaction
from peoplelink.forms import may_be_gone_back_to
from peoplelink.officers import signing_in
from peoplelink.subscribers import consent, face_to_face, limits, robots, zones
from peoplelink.subscribers.face_to_face import SIGN_UP
from peoplelink.subscribers.face_to_face_forms import FaceToFaceForm
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentWording, SignUp, Zone
from peoplelink.subscribers.seed import FACE_TO_FACE

blueprint = Blueprint("face_to_face", __name__, url_prefix="/officer/sign-up")


def _too_many(_limit: RequestLimit) -> Response:
    return make_response(render_template("subscribers/face_to_face_too_many.html"), 429)


@blueprint.get("")
@web.requires(SIGN_UP)
def form() -> ResponseReturnValue:
    """Ask what the neighbour wants."""
    session = web.session()
    empty = _form(session)
    empty.opened.data = _marks().make(consent.wording(session, FACE_TO_FACE).id, now=clock.now())
    return _page(session, empty)


@blueprint.post("")
@web.requires(SIGN_UP)
@web.limiter.limit(
    limits.FACE_TO_FACE_PER_OFFICER,
    key_func=lambda: signing_in.officer().public_id,
    deduct_when=web.moved_on,
    on_breach=_too_many,
)
def sign_up() -> ResponseReturnValue:
    """Ask their phone and mailbox to confirm."""
    with transaction(web.session()) as session:
        filled = _form(session)
        if not filled.validate():
            return may_be_gone_back_to(_page(session, filled), 422)
        made = _sign_up(session, filled)
    flash(_what_next(made, filled))
    return redirect(url_for("face_to_face.form"), 303)


def _form(session: Session) -> FaceToFaceForm:
    made = FaceToFaceForm()
    made.offer(_zones(session), zones.topics(session))
    made.ask_age(web.runtime().config.minimum_age)
    made.fictional_allowed = web.runtime().config.sandboxed
    return made


def _zones(session: Session) -> list[Zone]:
    scope = signing_in.scope()
    return [zone for zone in zones.active(session) if scope is None or zone.id in scope]


def _page(session: Session, shown: FaceToFaceForm) -> str:
    wording = _read_out(session, shown).words
    return render_template("subscribers/face_to_face.html", form=shown, wording=wording, zones=_zones(session))


def _sign_up(session: Session, filled: FaceToFaceForm) -> SignUp | None:
    config = web.runtime().config
    neighbour = face_to_face.Neighbour(
        zones=filled.chosen_zones(_zones(session)),
        topics=filled.chosen_topics(zones.topics(session)),
        wording=_read_out(session, filled),
        mobile=filled.mobile_number(),
        email=filled.mailbox(),
        name=filled.name.data,
        old_enough=bool(filled.old_enough.data),
        agreed=bool(filled.agreed.data),
        where=filled.where.data or "",
        witness=filled.witness.data or "",
    )
    links = Links.of(config)
    officer, key = signing_in.officer(), config.address_key
    return face_to_face.sign_up(session, neighbour, by=officer, links=links, address_key=key, now=clock.now())


def _read_out(session: Session, filled: FaceToFaceForm) -> ConsentWording:
    """The words that stood on the form as it was opened: those were read out."""
    opening = _marks().read(filled.opened.data or "")
    return consent.agreed(session, FACE_TO_FACE, opening.wording_id if opening else 0)


def _marks() -> robots.FormMarks:
    return robots.FormMarks(web.runtime().config.secret_keys)


def _what_next(made: SignUp | None, filled: FaceToFaceForm) -> str:
    if made is None:
        return "They have been asked already, or 3 times today. Ask them to look at their phone or inbox."
    steps, if_not = [], []
    if filled.mobile_number():
        steps.append("reply YES to our text")
        if_not.append("No text comes? If they have ever texted STOP to us, they text START to the same number first.")
    if filled.mailbox():
        steps.append("press the button in our email")
        if_not.append("No email comes? If they have ever marked one of ours as spam, they need to use another address.")
    said = f"Nearly there. Ask them to {' and to '.join(steps)}: only then are they signed up."
    return " ".join([said, *if_not])
