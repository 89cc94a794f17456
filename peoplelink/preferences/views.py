"""Pages behind the link: a resident's choices, what we hold about them, and leaving.

The token in the address is all there is: it is exchanged for no cookie and nothing longer lived, the pages are not
stored, and no page tells another site where the reader came from (see web.py). Looking changes nothing, since mail
scanners open every link.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, keys, web
from peoplelink.broadcasts.rechecking import recheck
from peoplelink.db import transaction
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.forms import PlainForm
from peoplelink.languages import gettext as _
from peoplelink.outbound.models import Address
from peoplelink.preferences import held, pages
from peoplelink.preferences.asking import links
from peoplelink.preferences.forms import LeaveForm
from peoplelink.preferences.parts import PARTS, Part, Turn
from peoplelink.subscribers import choosing, consent, services
from peoplelink.subscribers.choosing import Seat
from peoplelink.subscribers.seed import WEB_FORM

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences/<token>")


class BrokenLinkError(NotFoundError):
    """The link is not one of ours, or has run out."""


@blueprint.errorhandler(BrokenLinkError)
def broken(_error: BrokenLinkError) -> ResponseReturnValue:
    """Say how to get another."""
    return render_template("preferences/link_problem.html"), 404


@blueprint.get("")
@web.public
def home(token: str) -> ResponseReturnValue:
    """The choices of the one who lives at the address; of several, who they are."""
    session, address = web.session(), _address(web.session(), token)
    seats = choosing.seats_at(session, address)
    if len(seats) == 1:
        return _own_page(session, token, seats[0])
    page = "household" if seats else "gone"
    return render_template(f"preferences/{page}.html", token=token, address=address, seats=seats, called=pages.called)


@blueprint.get("/<who>")
@web.public
def person(token: str, who: str) -> ResponseReturnValue:
    """The choices of one of several who share an address."""
    session = web.session()
    return _own_page(session, token, _seat(session, token, who))


@blueprint.get("/<who>/<part>")
@web.public
def part(token: str, who: str, part: str) -> ResponseReturnValue:
    """The form for one part of the choices."""
    turn, it = _turn(token, who), _part(part)
    form = it.form(formdata=None, data=it.start(turn))
    it.offer(turn, form)
    return _form_page(token, turn.seat, part, form)


@blueprint.post("/<who>/<part>")
@web.public
def part_post(token: str, who: str, part: str) -> ResponseReturnValue:
    """Change it, and take back what waits and is not wanted any more."""
    it = _part(part)
    try:
        with transaction(web.session()):
            turn = _turn(token, who, hold=True)
            form = it.form()
            it.offer(turn, form)
            if not form.validate():
                return _form_page(token, turn.seat, part, form), 422
            said = it.apply(turn, form)
            _recheck(turn)
    except InvalidInputError as err:
        return _refused(token, turn.seat, part, form, str(err))
    flash(said)
    return redirect(_home(token, turn.seat), 303)


@blueprint.get("/<who>/held")
@web.public
def what_we_hold(token: str, who: str) -> ResponseReturnValue:
    """What we hold about them, and which officers have looked at it."""
    session = web.session()
    seat = _seat(session, token, who)
    page = held.held(session, seat)
    # Whoever reads a shared address does not speak for the person's other addresses.
    my_data = None if seat.shared else links().my_data(seat.person, seat.address)
    return render_template(
        "preferences/held.html", token=token, seat=seat, held=page, back=_home(token, seat), my_data=my_data
    )


@blueprint.get("/<who>/leave")
@web.public
def leave(token: str, who: str) -> ResponseReturnValue:
    """Ask whether they mean it, and why if they care to say."""
    return _leave_page(token, _seat(web.session(), token, who), LeaveForm(formdata=None))


@blueprint.post("/<who>/leave")
@web.public
def leave_post(token: str, who: str) -> ResponseReturnValue:
    """Write to them no more."""
    form = LeaveForm()
    with transaction(web.session()):
        turn = _turn(token, who, hold=True)
        if not form.validate():
            return _leave_page(token, turn.seat, form), 422
        choosing.leave(turn.session, turn.seat, reason=form.chosen(), words=form.words.data, now=turn.now)
        _recheck(turn)
    flash(_("You have left. Thank you for being part of People Link."))
    return redirect(url_for("preferences.home", token=token), 303)


# Who it is


def _address(session: Session, token: str) -> Address:
    try:
        return services.address_of(session, links().read_preferences(token))
    except (keys.BadTokenError, NotFoundError) as err:
        raise BrokenLinkError from err


def _seat(session: Session, token: str, who: str, *, hold: bool = False) -> Seat:
    try:
        return choosing.seat_at(session, _address(session, token), who, hold=hold)
    except NotFoundError as err:
        raise BrokenLinkError from err


def _turn(token: str, who: str, *, hold: bool = False) -> Turn:
    session = web.session()
    return Turn(session, _seat(session, token, who, hold=hold), web.runtime().config, clock.now())


def _part(name: str) -> Part:
    if name not in PARTS:
        raise BrokenLinkError
    return PARTS[name]


def _recheck(turn: Turn) -> None:
    ids = [link.address_id for link in turn.seat.person.addresses]
    recheck(turn.session, ids, now=turn.now, quiet=turn.config.quiet_hours)


# What they see


def _home(token: str, seat: Seat) -> str:
    if seat.shared:
        return url_for("preferences.person", token=token, who=seat.person.public_id)
    return url_for("preferences.home", token=token)


def _own_page(session: Session, token: str, seat: Seat) -> str:
    lines = pages.lines(session, seat, now=clock.now())
    called = pages.called(seat.person)
    return render_template("preferences/own.html", token=token, seat=seat, sections=lines, called=called)


def _form_page(token: str, seat: Seat, part: str, form: PlainForm) -> str:
    extra: dict[str, Any] = {"title_words": PARTS[part].title, "called": pages.called(seat.person)}
    shown = form.wording.number if part == "zones" else 0
    extra["wording"] = consent.agreed(web.session(), WEB_FORM, shown) if part == "zones" else None
    return render_template(
        "preferences/change.html", token=token, seat=seat, form=form, part=part, back=_home(token, seat), **extra
    )


def _refused(token: str, seat: Seat, part: str, form: PlainForm, words: str) -> ResponseReturnValue:
    first = next(field for field in form if not field.name.startswith(("csrf", "wording")))
    first.errors = [words]
    return _form_page(token, seat, part, form), 422


def _leave_page(token: str, seat: Seat, form: LeaveForm) -> str:
    return render_template(
        "preferences/leave.html", token=token, seat=seat, form=form, back=_home(token, seat),
        called=pages.called(seat.person), addresses=[link.address.value for link in seat.links()],
    )  # fmt: skip
