"""Pages of a broadcast that has been sent: how it stands, and who got it."""

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peoplelink import audit, clock, web
from peoplelink.broadcasts import conditions, pages, proof, reading
from peoplelink.broadcasts.conditions import Condition
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.broadcasts.reading import DeliveryPage
from peoplelink.channels.messages import FailureReason
from peoplelink.officers import signing_in
from peoplelink.outbound.states import REASON_WORDS, DeliveryStatus

blueprint = Blueprint("progress", __name__)
Choice = TypeVar("Choice", bound=StrEnum)

_NOT_SENT = frozenset(
    {BroadcastStatus.DRAFT, BroadcastStatus.SUBMITTED, BroadcastStatus.APPROVED, BroadcastStatus.SCHEDULED}
)


@blueprint.get("/<public_id>")
@web.requires("broadcasts.read")
def show(public_id: str) -> ResponseReturnValue:
    """How it stands, and who was left out; a draft shows its preview instead."""
    broadcast = _found(public_id)
    if broadcast.status in _NOT_SENT:
        return redirect(url_for("broadcasts.preview", public_id=public_id))
    standing = pages.standing(web.session(), broadcast, now=clock.now())
    return render_template(
        "broadcasts/progress.html",
        broadcast=broadcast,
        standing=standing,
        condition=_condition(broadcast),
        facts=pages.facts(broadcast),
        audience_rows=pages.audience_rows(broadcast.recipients, broadcast.left_out) if broadcast.recipients else [],
        medium_words=pages.MEDIUM_WORDS,
        proof=proof.summary(web.session(), broadcast),
    )


@blueprint.get("/<public_id>/progress")
@web.requires("broadcasts.read")
def fragment(public_id: str) -> ResponseReturnValue:
    """The part of that page that changes. It asks for itself again while it does, and then stops."""
    broadcast = _found(public_id)
    standing = pages.standing(web.session(), broadcast, now=clock.now())
    return render_template(
        "broadcasts/_progress.html",
        broadcast=broadcast,
        standing=standing,
        condition=_condition(broadcast),
        medium_words=pages.MEDIUM_WORDS,
    )


@blueprint.get("/<public_id>/deliveries")
@web.requires("broadcasts.read")
def deliveries(public_id: str) -> ResponseReturnValue:
    """Exactly who got it, and who did not and why; addresses masked."""
    broadcast, twice = _found(public_id), request.args.get("state") == "twice"
    status = None if twice else _chosen(DeliveryStatus, "state")
    reason = _chosen(FailureReason, "reason")
    found = DeliveryPage([], None)
    if broadcast.dispatch_id is not None:
        after = request.args.get("after") or None
        found = reading.deliveries(
            web.session(), broadcast.dispatch_id, status=status, reason=reason, twice=twice, after=after
        )
    _record_reading(broadcast, len(found.rows))
    return render_template(
        "broadcasts/deliveries.html",
        broadcast=broadcast,
        found=found,
        status=status,
        reason=reason,
        twice=twice,
        condition=_condition(broadcast),
        standing=pages.standing(web.session(), broadcast, now=clock.now()),
        reason_words=REASON_WORDS,
        medium_words=pages.MEDIUM_WORDS,
    )


def _found(public_id: str) -> Broadcast:
    return reading.find(web.session(), public_id, officer=signing_in.officer())


def _condition(broadcast: Broadcast) -> Condition:
    return conditions.of(web.session(), broadcast, officer=signing_in.officer(), now=clock.now())


def _chosen(kind: type[Choice], name: str) -> Choice | None:
    word = request.args.get(name)
    if not word:
        return None
    try:
        return kind(word)
    except ValueError:
        abort(404)


def _record_reading(broadcast: Broadcast, rows: int) -> None:
    it, actor = broadcast.public_id, signing_in.officer().actor
    with web.runtime().database.transaction() as session:
        audit.record(
            session, "deliveries.read", actor=actor, subject_kind="broadcast", subject_id=it, now=clock.now(), rows=rows
        )
