"""Joining: a request by form or by text, its confirmation by each address, and the resident that comes of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from peoplelink import audit, languages
from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.languages import gettext as _
from peoplelink.outbound import addresses
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import Purpose, SuppressionReason
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import answers, consent, joining_words, limits, services, zones
from peoplelink.subscribers.links import CONFIRM_DAYS, Links
from peoplelink.subscribers.models import (
    ConsentWording,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    Topic,
    Zone,
)
from peoplelink.subscribers.seed import TEXT

STOPPED_BY_TEXT = frozenset({SuppressionReason.STOP, SuppressionReason.PROVIDER, SuppressionReason.OFFICER})
"""Only START from the handset ends these: nobody is texted after STOP, whatever is typed into a form."""
_STOPPED_BY_MAIL = STOPPED_BY_TEXT - {SuppressionReason.OFFICER}
"""A mailbox has no START: whoever asked an officer to stop comes back by the form, as after an unsubscribe."""

RESIDENT = "resident"
_KNOW_NOTHING_YET = frozenset({SignUpSource.TEXT, SignUpSource.OFFICER, SignUpSource.IMPORT})
"""Who has not seen our pages: their first text says everything (two segments)."""
_TICKED_A_BOX = frozenset({SignUpSource.WEB, SignUpSource.OFFICER})
"""Where somebody is asked whether they are old enough."""


class TooManyTodayError(InvalidInputError):
    """The web form has sent all the texts that it may send today."""


@dataclass(frozen=True)
class SignUpRequest:
    """What a resident asked for. Number and mailbox are in their one spelling (`outbound.addresses`)."""

    source: SignUpSource
    zones: Sequence[Zone]
    wording: ConsentWording
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    topics: Sequence[Topic] = ()
    old_enough: bool = False
    language: str | None = None
    """Empty: the one spoken just now."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """Ids only: of the inbound message, of the form. Face to face also where it was and who was there."""
    by: str = RESIDENT
    """Who typed it, as the audit log names them."""

    @property
    def choices(self) -> tuple[str | None, list[int], list[int]]:
        """What makes two requests the same, whoever is asked to confirm them."""
        return self.name, sorted(zone.id for zone in self.zones), sorted(topic.id for topic in self.topics)


def sign_up(
    session: Session, request: SignUpRequest, *, links: Links, address_key: str, now: dt.datetime
) -> SignUp | None:
    """Ask each address of a request to confirm it. The newest request takes the place of older ones there.

    It is in the language spoken, which is that of the page or of the text it came by.

    None when nobody was asked, because the limits were reached or the same was asked a moment ago: the page must not
    show the difference. Raises InvalidInputError where something is missing, TooManyTodayError over the day's cap.
    """
    _check(request)
    _check_day(session, request, now=now)
    given = _addresses(session, request, address_key=address_key, now=now)
    asked = [address for address in given if _may_ask(session, request, address, now=now)]
    for address in given:
        if address not in asked:
            _audit(session, "sign_up.limited", address.public_id, now, kind="address")
    if not asked:
        return None
    made = _add(session, request, asked, now=now)
    for address in asked:
        ask(session, made, address, links=links, now=now)
    return made


def ask(session: Session, made: SignUp, address: Address, *, links: Links, now: dt.datetime) -> None:
    """Queue the message that asks an address to confirm; to a number that said STOP, nothing."""
    forbids = _STOPPED_BY_MAIL if address.medium is Medium.EMAIL else STOPPED_BY_TEXT
    if outbound.suppressions_of(session, address) & forbids:
        return
    chosen = chosen_zones(session, made)
    subject = ""
    with catalogues.speaking(session, made.language):
        if address.medium is Medium.EMAIL:
            link = links.confirm(made, address)
            body = answers.asked_by_mail(chosen, link, moved=made.is_change) + _beside(session, made, links)
            subject = str(answers.CONFIRM_SUBJECT)
        elif made.source in _KNOW_NOTHING_YET:
            body = answers.asked_by_text(chosen, _texted(session, made), links)
        else:
            body = answers.asked_to_move(chosen) if made.is_change else answers.asked_on_the_web(chosen)
        _queue(session, made, address, body=body, subject=subject, now=now)


def _texted(session: Session, made: SignUp) -> ConsentWording:
    """The words that a text asks by: those on record where the request came by text."""
    recorded = session.get_one(ConsentWording, made.wording_id)
    return recorded if recorded.code == TEXT else consent.wording(session, TEXT)


def _beside(session: Session, made: SignUp, links: Links) -> str:
    """What a mail says besides the request: to whom the words of the form were never shown, those words."""
    if made.source is SignUpSource.WEB:
        return ""
    wording = session.get_one(ConsentWording, made.wording_id).words if made.source is SignUpSource.EMAIL else ""
    return "\n\n" + joining_words.beside_the_request(links, wording)


def remind(session: Session, made: SignUp, address: Address, *, links: Links, quiet: Hours, now: dt.datetime) -> None:
    """Queue the one reminder that an address gets, not to be sent in these quiet hours."""
    chosen = chosen_zones(session, made)
    with catalogues.speaking(session, made.language):
        if address.medium is Medium.EMAIL:
            subject = joining_words.moving_subject() if made.is_change else joining_words.reminder_subject()
            body = joining_words.reminded_by_mail(chosen, links.confirm(made, address), moved=made.is_change)
        else:
            subject, again = "", answers.asked_to_move if made.is_change else joining_words.reminded_by_text
            body = again(chosen)
        delivery = _queue(session, made, address, body=body, subject=subject, now=now)
    delivery.quiet_from, delivery.quiet_until = quiet
    _audit(session, "sign_up.reminded", made.public_id, now, kind="sign_up", media=[address.medium.value])


def _queue(session: Session, made: SignUp, address: Address, *, body: str, subject: str, now: dt.datetime) -> Delivery:
    return outbound.queue_message(
        session,
        address,
        purpose=Purpose.CONFIRMATION,
        body=body,
        subject=subject,
        now=now,
        expires_at=made.expires_at,
    )


def chosen_zones(session: Session, made: SignUp) -> list[Zone]:
    """The zones that a request is about: of a resident who only changes an address, those they have."""
    person = session.get(Subscriber, made.subscriber_id) if made.is_change and made.subscriber_id else None
    return services.zones_of(session, person) if person else zones.by_ids(session, made.zone_ids)


def asks_age(made: SignUp) -> bool:
    """Whether whoever asked was asked for their age: not by a text, a mail or a list, nor for a change of address."""
    return made.source in _TICKED_A_BOX and not made.is_change


def note_robot(session: Session, *, now: dt.datetime) -> None:
    """Count a form that a script filled in; nothing of what it typed is kept."""
    audit.record(session, "sign_up.robot", actor="system", subject_kind="form", subject_id="join", now=now)


def newest_at(session: Session, address: Address) -> SignUpAddress | None:
    """The newest request that an address was asked to confirm, confirmed or not; it stands for all before it."""
    return session.scalar(
        select(SignUpAddress)
        .where(SignUpAddress.address_id == address.id)
        .order_by(SignUpAddress.sign_up_id.desc())
        .limit(1)
    )


def pending_at(session: Session, address: Address, *, now: dt.datetime) -> SignUp | None:
    """The request that waits for this address, if one does and has not run out."""
    newest = newest_at(session, address)
    if newest is None or newest.confirmed_at is not None or newest.sign_up.expires_at <= now:
        return None
    return None if is_overtaken(session, newest) else newest.sign_up


def is_overtaken(session: Session, asked: SignUpAddress) -> bool:
    """Whether a later wish has taken the place of this one: see `overtaken`."""
    this = (SignUp.id == asked.sign_up_id, Address.id == asked.address_id)
    found = select(SignUp.id).join(SignUpAddress).join(Address, Address.id == SignUpAddress.address_id)
    return session.scalar(found.where(*this, overtaken())) is not None


def overtaken() -> ColumnElement[bool]:
    """Whether a request is a resident's change to a new address, and they have asked for yet another one since.

    For a query that is about `SignUp` and one `Address` of it.
    """
    later, at, other = aliased(SignUp), aliased(SignUpAddress), aliased(Address)
    return SignUp.is_change & exists().where(
        later.subscriber_id == SignUp.subscriber_id, later.is_change, later.id > SignUp.id,
        at.sign_up_id == later.id, other.id == at.address_id, other.medium == Address.medium,
    )  # fmt: skip


def _check(request: SignUpRequest) -> None:
    if not request.zones:
        raise InvalidInputError(_("Choose at least one zone"))
    if not request.mobile and not request.email:
        raise InvalidInputError(_("Enter a mobile number or an email address"))
    if request.source in _TICKED_A_BOX and not request.old_enough:
        raise InvalidInputError(_("Say that you are old enough to join"))


def _check_day(session: Session, request: SignUpRequest, *, now: dt.datetime) -> None:
    if request.source is SignUpSource.WEB and request.mobile and not limits.web_texts_left(session, now=now):
        raise TooManyTodayError(_("We cannot send any more texts today. Please try again tomorrow."))
    if request.source is SignUpSource.EMAIL and not limits.email_joins_left(session, now=now):
        raise TooManyTodayError(_("We cannot answer any more emails today."))


def _addresses(session: Session, request: SignUpRequest, *, address_key: str, now: dt.datetime) -> list[Address]:
    both = ((Medium.SMS, request.mobile), (Medium.EMAIL, request.email))
    # Two presses of the button at once would both be within the limit: the second waits for the first.
    return addresses.locked(session, both, address_key=address_key, now=now)


def _may_ask(session: Session, request: SignUpRequest, address: Address, *, now: dt.datetime) -> bool:
    if request.source is SignUpSource.TEXT:
        return True  # the owner of the handset asks; `limits.may_answer` holds back the answers
    return limits.may_ask(session, address, now=now) and not _same_again(session, request, address, now=now)


def _same_again(session: Session, request: SignUpRequest, address: Address, *, now: dt.datetime) -> bool:
    waiting = pending_at(session, address, now=now)
    if waiting is None or waiting.created_at <= now - limits.SAME_AGAIN:
        return False
    return (waiting.name, waiting.zone_ids, waiting.topic_ids) == request.choices


def _add(session: Session, request: SignUpRequest, asked: list[Address], *, now: dt.datetime) -> SignUp:
    name, zone_ids, topic_ids = request.choices
    made = SignUp(
        source=request.source,
        name=name,
        zone_ids=zone_ids,
        topic_ids=topic_ids,
        language=request.language or languages.current().code,
        old_enough=request.old_enough,
        wording_id=request.wording.id,
        evidence=request.evidence,
        created_at=now,
        expires_at=now + dt.timedelta(days=CONFIRM_DAYS),
        addresses=[SignUpAddress(address=address) for address in asked],
    )
    session.add(made)
    session.flush()
    media = [address.medium.value for address in asked]
    _audit(
        session, "sign_up.asked", made.public_id, now,
        kind="sign_up", media=media, source=request.source.value, by=request.by,
    )  # fmt: skip
    return made


def _audit(
    session: Session, action: str, public_id: str, now: dt.datetime, *, kind: str, by: str = RESIDENT, **detail: object
) -> None:
    audit.record(session, action, actor=by, subject_kind=kind, subject_id=public_id, now=now, **detail)
