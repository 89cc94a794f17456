"""Those who may be told once when a zone opens where they live: asked, confirmed by their address, told, forgotten.

It is no membership: whoever is told must still join. Of their postcode only the sector is kept.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, delete, exists, func, literal, null, select
from sqlalchemy.orm import Session

from peoplelink import audit, languages
from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext, speaking
from peoplelink.outbound import addresses, release
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose, SuppressionReason, Urgency
from peoplelink.outbound.words import Words
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import areas, limits, waiting_words
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.links import CONFIRM_DAYS, Links
from peoplelink.subscribers.models import ConsentWording, LinkStatus, SubscriberAddress, Zone, ZoneSubscription
from peoplelink.subscribers.signup import STOPPED_BY_TEXT, TooManyTodayError

KEPT = dt.timedelta(days=365)
"""How long somebody waits at most; the wording of their consent says so."""
_USEFUL = dt.timedelta(days=7)
"""How long after it was queued the news that a zone has opened may still go out."""
GONE = lazy_gettext("This link does not work any more. Enter your postcode again on the join page.")


@dataclass(frozen=True)
class WaitRequest:
    """What somebody asked for in the web form. Number and mailbox are in their one spelling."""

    sector: str
    wording: ConsentWording
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def ask(session: Session, request: WaitRequest, *, links: Links, address_key: str, now: dt.datetime) -> None:
    """Ask each address of a request, in the language spoken, to confirm it.

    Nothing goes to one that was asked often today, waits already, or said STOP: the page must not show the difference.
    Raises InvalidInputError where both are missing, TooManyTodayError over the day's cap of texts.
    """
    if not request.mobile and not request.email:
        raise InvalidInputError(_("Enter a mobile number or an email address"))
    if request.mobile and not limits.web_texts_left(session, now=now):
        raise TooManyTodayError(_("We cannot send any more texts today. Please try again tomorrow."))
    both = ((Medium.SMS, request.mobile), (Medium.EMAIL, request.email))
    # Two presses of the button at once would both be within the limit: the second waits for the first.
    for address in addresses.locked(session, both, address_key=address_key, now=now):
        _ask_by_form(session, request, address, links=links, now=now)


def ask_by_text(
    session: Session,
    address: Address,
    sector: str,
    *,
    wording: ConsentWording,
    evidence: dict[str, Any],
    now: dt.datetime,
) -> bool:
    """Let the owner of a handset wait, once they answer YES; False where they wait already. The caller asks."""
    row = _row(session, address, sector)
    if row is not None and _waits(row, now):
        row.asked_at = now
        return False
    _pend(session, row, address, sector, wording=wording, evidence=evidence, by_form=False, now=now)
    return True


def pending_at(session: Session, address: Address, *, now: dt.datetime) -> Waiting | None:
    """The newest question to this address that waits for an answer, if one does and has not run out."""
    return session.scalar(
        select(Waiting)
        .where(Waiting.address_id == address.id, Waiting.confirmed_at.is_(None), Waiting.expires_at > now)
        .order_by(Waiting.asked_at.desc(), Waiting.id.desc())
        .limit(1)
    )


def of_link(session: Session, public_id: str, *, now: dt.datetime) -> Waiting:
    """Whom a link names; raises NotFoundError once it has run out, or they were told."""
    found = session.scalar(select(Waiting).where(Waiting.public_id == public_id, Waiting.expires_at > now))
    if found is None:
        raise NotFoundError(GONE)
    return found


def confirm(session: Session, row: Waiting, *, how: str, now: dt.datetime) -> None:
    """Put somebody on the list who has shown that it was they who asked. Harmless twice.

    Raises NotFoundError where they have left, or the nightly run has taken it away, at this moment.
    """
    addresses.hold(session, [row.address_id])
    if session.get(Waiting, row.id, populate_existing=True) is None:
        raise NotFoundError(GONE)
    if row.confirmed_at is not None:
        return
    row.confirmed_at, row.expires_at = now, now + KEPT
    # They left by a link once, and ask for this one message now; nothing else starts again by it.
    outbound.lift(session, row.address, {SuppressionReason.UNSUBSCRIBED}, by=how, now=now)
    _audit(
        session,
        "waiting.confirmed",
        row.public_id,
        now,
        medium=row.address.medium.value,
        how=how,
        wording=row.wording_id,
    )


def count_for(session: Session, zone: Zone, *, now: dt.datetime) -> int:
    """How many wait whom this zone may be news for: it covers some of their sector since they asked."""
    return session.scalar(select(func.count()).select_from(_for(session, zone, now).subquery())) or 0


def tell(session: Session, zone: Zone, *, actor: str, quiet: Hours, links: Links, now: dt.datetime) -> int:
    """Tell those who wait that a zone has opened, and forget them: told once, whatever happens. How many were told.

    One dispatch in the slow lane, outside quiet hours. Whoever has joined the zone meanwhile is forgotten untold.
    """
    people = _for(session, zone, now).with_for_update()
    rows = list(session.scalars(people))
    if not zone.active or not rows:
        return 0
    ids = [row.id for row in rows]
    dispatch = release.start(
        session,
        purpose=Purpose.ZONE_OPENED,
        urgency=Urgency.BULK,
        words=_news(session, zone, {row.language for row in rows}, links),
        now=now,
        expires_at=now + _USEFUL,
    )
    told = release.add_recipients(session, dispatch, _recipients(zone, ids, quiet), now=now)
    release.close(session, dispatch, now=now)
    session.execute(delete(Waiting).where(Waiting.id.in_(ids)))
    audit.record(
        session, "waiting.told", actor=actor, subject_kind="zone", subject_id=zone.slug, now=now,
        told=told, dispatch=dispatch.public_id,
    )  # fmt: skip
    return told


def _ask_by_form(session: Session, request: WaitRequest, address: Address, *, links: Links, now: dt.datetime) -> None:
    row = _row(session, address, request.sector)
    if row is not None and (_waits(row, now) or row.asked_at > now - limits.SAME_AGAIN):
        return
    if not limits.may_ask(session, address, now=now):
        _audit(session, "waiting.limited", address.public_id, now)
        return
    row = _pend(
        session, row, address, request.sector, wording=request.wording,
        evidence={"form": "waiting"}, by_form=True, now=now,
    )  # fmt: skip
    if not outbound.suppressions_of(session, address) & STOPPED_BY_TEXT:
        _send_question(session, row, links=links, now=now)


def _send_question(session: Session, row: Waiting, *, links: Links, now: dt.datetime) -> None:
    with catalogues.speaking(session, row.language):
        _queue_question(session, row, links=links, now=now)


def _queue_question(session: Session, row: Waiting, *, links: Links, now: dt.datetime) -> None:
    subject = ""
    if row.address.medium is Medium.EMAIL:
        body, subject = waiting_words.asked_by_mail(row.sector, links.wait(row)), waiting_words.subject()
    else:
        body = waiting_words.asked_by_text(row.sector)
    outbound.queue_message(
        session,
        row.address,
        purpose=Purpose.CONFIRMATION,
        body=body,
        subject=subject,
        now=now,
        expires_at=row.expires_at,
    )


def _row(session: Session, address: Address, sector: str) -> Waiting | None:
    return session.scalar(select(Waiting).where(Waiting.address_id == address.id, Waiting.sector == sector))


def _waits(row: Waiting, now: dt.datetime) -> bool:
    """Whether they are on the list; one whose year is over stays until the night, or while a legal hold stands."""
    return row.confirmed_at is not None and row.expires_at > now


def _pend(
    session: Session, row: Waiting | None, address: Address, sector: str, *, wording: ConsentWording,
    evidence: dict[str, Any], by_form: bool, now: dt.datetime,
) -> Waiting:  # fmt: skip
    row = row or Waiting(address=address, sector=sector)
    row.wording_id, row.evidence, row.by_form = wording.id, evidence, by_form
    row.language = languages.current().code
    row.asked_at, row.confirmed_at, row.expires_at = now, None, now + dt.timedelta(days=CONFIRM_DAYS)
    session.add(row)
    session.flush()
    _audit(session, "waiting.asked", row.public_id, now, medium=address.medium.value)
    return row


def _for(session: Session, zone: Zone, now: dt.datetime) -> Select[Waiting]:
    """Who waits in a sector of a zone, since before it was opened or given this area."""
    since = zone.area_set_at
    return select(Waiting).where(
        Waiting.sector.in_(areas.sectors_of(session, zone)),
        Waiting.confirmed_at.is_not(None),
        Waiting.expires_at > now,
        Waiting.asked_at < since if since is not None else Waiting.id.is_(None),
    )


def _recipients(zone: Zone, ids: Sequence[int], quiet: Hours) -> Select[Any]:
    start, end = quiet
    if zone.quiet_from is not None and zone.quiet_until is not None:
        start, end = zone.quiet_from, zone.quiet_until
    columns: list[ColumnElement[Any]] = [
        cast(null(), String).label("name"),
        func.min(Waiting.language).label("language"),
        cast(literal(start), Integer).label("quiet_from"),
        cast(literal(end), Integer).label("quiet_until"),
    ]
    return (
        select(Waiting.address_id, Address.medium, *columns)
        .join(Address, Address.id == Waiting.address_id)
        .where(Waiting.id.in_(ids), ~_lives_there(zone))
        .group_by(Waiting.address_id, Address.medium)
    )


def _lives_there(zone: Zone) -> ColumnElement[bool]:
    return exists().where(
        SubscriberAddress.address_id == Waiting.address_id,
        SubscriberAddress.status == LinkStatus.LIVE,
        ZoneSubscription.subscriber_id == SubscriberAddress.subscriber_id,
        ZoneSubscription.zone_id == zone.id,
    )


def _news(session: Session, zone: Zone, wanted: set[str], links: Links) -> list[Words]:
    """In each language that has been checked; who waits in another gets it in English."""
    said = []
    for language in sorted({"en", *wanted}):
        if not catalogues.is_checked(session, language):
            continue
        with speaking(language):
            body, subject = waiting_words.opened_by_mail(zone, links), waiting_words.opened_subject(zone)
            said.append(Words(Medium.SMS, waiting_words.opened_by_text(zone, links), language=language))
            said.append(Words(Medium.EMAIL, body, subject, language))
    return said


def _audit(session: Session, action: str, public_id: str, now: dt.datetime, **detail: object) -> None:
    audit.record(session, action, actor="resident", subject_kind="waiting", subject_id=public_id, now=now, **detail)
