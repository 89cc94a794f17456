"""Letting go of those who asked to join and never confirmed: of what they typed, and of addresses nobody else has."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.outbound import forgetting
from peoplelink.subscribers.models import SignUp, SignUpAddress

BATCH = 500


def purge_pending(session: Session, *, now: dt.datetime, limit: int = BATCH) -> int:
    """Forget some of the sign-ups that ran out unconfirmed; how many addresses were waited for. Call it until it is 0.

    Of a sign-up that one address confirmed, only the others are forgotten: the rest is the evidence of a consent.
    Harmless twice and by two at once.
    """
    rows = session.execute(
        select(SignUpAddress.sign_up_id, SignUpAddress.address_id)
        .join(SignUp)
        .where(SignUp.expires_at <= now, SignUpAddress.confirmed_at.is_(None))
        .order_by(SignUpAddress.sign_up_id)
        .limit(limit)
        .with_for_update(of=SignUpAddress, skip_locked=True)
    ).all()
    for sign_up_id, address_id in rows:
        session.execute(
            delete(SignUpAddress)
            .where(SignUpAddress.sign_up_id == sign_up_id, SignUpAddress.address_id == address_id)
            .execution_options(synchronize_session=False)
        )
    sign_ups = _forget_sign_ups(session, {row.sign_up_id for row in rows})
    addresses = forgetting.forget_addresses(session, {row.address_id for row in rows})
    if rows:
        audit.record(
            session, "sign_up.purged", actor="system", subject_kind="sign_up", subject_id="pending", now=now,
            sign_ups=sign_ups, addresses=addresses,
        )  # fmt: skip
    session.flush()
    session.expire_all()  # rows were deleted behind its back
    return len(rows)


def _forget_sign_ups(session: Session, ids: Collection[int]) -> int:
    """Delete those of these sign-ups that nobody confirmed."""
    waited_for = select(SignUpAddress.sign_up_id)
    gone = session.execute(
        delete(SignUp)
        .where(SignUp.id.in_(ids), SignUp.id.not_in(waited_for))
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
