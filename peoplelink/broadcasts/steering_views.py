"""The buttons of a broadcast under way: each POSTs; what cannot be undone asks once more."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peoplelink import clock, web
from peoplelink.broadcasts import conditions, reading, scheduling, steering
from peoplelink.broadcasts.models import Broadcast
from peoplelink.db import transaction
from peoplelink.errors import ConflictError
from peoplelink.officers import signing_in

blueprint = Blueprint("steering", __name__)

Act = Callable[[Session, Broadcast], object]


@blueprint.post("/<public_id>/pause")
@web.requires("broadcasts.send")
def pause(public_id: str) -> ResponseReturnValue:
    """Let nothing more go out for now."""
    return _do(public_id, _by_me(steering.pause), "Paused. Nothing more goes out until somebody resumes it.")


@blueprint.post("/<public_id>/resume")
@web.requires("broadcasts.send")
def resume(public_id: str) -> ResponseReturnValue:
    """Go on where it stopped."""
    return _do(public_id, _by_me(steering.resume), "It goes on where it stopped.")


@blueprint.get("/<public_id>/cancel")
@web.requires("broadcasts.send")
def confirm_cancel(public_id: str) -> ResponseReturnValue:
    """Ask once more: what is taken back cannot be sent again."""
    return _ask("cancel", public_id)


@blueprint.post("/<public_id>/cancel")
@web.requires("broadcasts.send")
def cancel(public_id: str) -> ResponseReturnValue:
    """Send nothing more of it, ever."""
    return _do(public_id, _by_me(steering.cancel), "Cancelled. What had not gone out is taken back.")


@blueprint.get("/<public_id>/retry")
@web.requires("broadcasts.send")
def confirm_retry(public_id: str) -> ResponseReturnValue:
    """Say who is tried again and who is not."""
    return _ask("retry", public_id)


@blueprint.post("/<public_id>/retry")
@web.requires("broadcasts.send")
def retry(public_id: str) -> ResponseReturnValue:
    """Try again what failed, where that can help."""
    return _do(public_id, _by_me(steering.retry), "The failed messages are tried again.")


@blueprint.get("/<public_id>/unconfirmed")
@web.requires("broadcasts.send")
def ask_unconfirmed(public_id: str) -> ResponseReturnValue:
    """Ask what to do about messages that may or may not have been sent."""
    return _ask("unconfirmed", public_id)


@blueprint.post("/<public_id>/unconfirmed")
@web.requires("broadcasts.send")
def decide_unconfirmed(public_id: str) -> ResponseReturnValue:
    """Send them again, or leave them; anything else asks again."""
    choice = request.form.get("choice")
    if choice == "again":
        return _do(public_id, _by_me(steering.send_unconfirmed_again), "They are sent again. Some may arrive twice.")
    if choice == "leave":
        return _do(public_id, _by_me(steering.leave_unconfirmed), "Left as they are: their outcome is not known.")
    return _ask("unconfirmed", public_id, error="Choose what to do with them", status=422)


@blueprint.post("/<public_id>/take-back")
@web.requires("broadcasts.send")
def take_back(public_id: str) -> ResponseReturnValue:
    """Make a scheduled broadcast a draft again."""
    return _do(public_id, _by_me(scheduling.take_back), "It is a draft again. It will not go out by itself.")


def _by_me(act: Callable[..., object]) -> Act:
    return lambda session, broadcast: act(session, broadcast, by=signing_in.officer(), now=clock.now())


def _do(public_id: str, act: Act, done: str) -> ResponseReturnValue:
    broadcast = reading.find(web.session(), public_id, officer=signing_in.officer())
    try:
        with transaction(web.session()) as session:
            act(session, broadcast)
    except ConflictError as err:
        flash(str(err))
    else:
        flash(done)
    return redirect(url_for("broadcasts.progress.show", public_id=public_id))


def _ask(question: str, public_id: str, *, error: str = "", status: int = 200) -> ResponseReturnValue:
    officer = signing_in.officer()
    broadcast = reading.find(web.session(), public_id, officer=officer)
    condition = conditions.of(web.session(), broadcast, officer=officer, now=clock.now())
    possible = {"cancel": condition.can_cancel, "retry": condition.can_retry, "unconfirmed": condition.can_decide}
    if not possible[question]:
        return redirect(url_for("broadcasts.progress.show", public_id=public_id))
    template = f"broadcasts/{question}.html"
    return render_template(template, broadcast=broadcast, condition=condition, error=error), status
