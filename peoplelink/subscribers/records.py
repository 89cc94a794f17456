"""What is held about a resident here, in the words they are shown: for exports and for the consent receipt."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from peoplelink import languages, quiet_hours
from peoplelink.languages import gettext as _
from peoplelink.outbound.models import Address
from peoplelink.outbound.rights import by
from peoplelink.persons import Person, Section
from peoplelink.subscribers import records_words, signup, voiding, zones
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.imports.models import Import, ImportRow
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentRecord,
    ConsentWording,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)


def sections(session: Session, person: Person) -> list[Section]:
    """All of it."""
    resident = session.get(Subscriber, person.subscriber_id) if person.subscriber_id else None
    made = [_resident(resident), _choices(session, resident)] if resident else []
    asked = [_sign_ups(session, person), _waiting(session, person)]
    return [*made, _addresses(session, person), *asked, _imported(session, person), consents(session, person)]


def sign_ups(session: Session, person: Person) -> list[SignUp]:
    """Their requests to join: those they confirmed, and those that waited at an address which is theirs alone."""
    at_own = select(SignUpAddress.sign_up_id).join(SignUp).where(
        person.theirs(SignUpAddress.address_id, SignUp.created_at)
    )  # fmt: skip
    theirs: list[ColumnElement[bool]] = [SignUp.subscriber_id.is_(None) & SignUp.id.in_(at_own)]
    if person.subscriber_id is not None:
        theirs.append(SignUp.subscriber_id == person.subscriber_id)
    return list(session.scalars(select(SignUp).where(or_(*theirs)).order_by(SignUp.id)))


def consents(session: Session, person: Person) -> Section:
    """Each time they agreed or withdrew, with the exact words."""
    values = {row.hash: row.value for row in _rows(session, person)}
    columns = {
        "at": _("When"),
        "what": _("What"),
        "by": _("For"),
        "address": _("Number or email address"),
        "how": _("How"),
        "circumstances": _("Circumstances"),
        "words": _("The words you agreed to"),
        "version": _("Version of the words"),
        "language": _("Language of the words"),
    }
    rows = [_line(session, record, wording, values) for record, wording in _ledger(session, person)]
    return Section("consents", _("What you agreed to"), columns, rows, position=14)


def _ledger(session: Session, person: Person) -> Iterator[tuple[ConsentRecord, ConsentWording | None]]:
    hashes = [row.hash for row in _rows(session, person) if row.id in person.own]
    theirs: list[ColumnElement[bool]] = [ConsentRecord.subscriber_id.is_(None) & ConsentRecord.address_hash.in_(hashes)]
    if person.subscriber_id is not None:
        theirs.append(ConsentRecord.subscriber_id == person.subscriber_id)
    found = session.execute(
        select(ConsentRecord, ConsentWording)
        .outerjoin(ConsentWording, ConsentWording.id == ConsentRecord.wording_id)
        .where(or_(*theirs))
        .order_by(ConsentRecord.id)
    )
    yield from ((record, wording) for record, wording in found)


def _line(
    session: Session, record: ConsentRecord, wording: ConsentWording | None, values: dict[str, str]
) -> dict[str, Any]:
    given = record.action is ConsentAction.GIVEN
    return {
        "at": record.at,
        "what": _("You agreed") if given else _("You withdrew"),
        "by": by(record.medium),
        "address": values.get(record.address_hash, ""),
        "how": records_words.how(record.how, record.medium),
        "circumstances": _circumstances(session, record),
        "words": filled(session, record, wording.words) if wording else "",
        "version": f"{wording.code} {wording.version}" if wording else "",
        "language": _called(wording.language) if wording else "",
    }


def _circumstances(session: Session, record: ConsentRecord) -> list[str]:
    """What was noted besides: who was there, where a file came from. Ids are left out; they tell a person nothing.

    Where it was and who was there at a doorstep stands on the request that they confirmed.
    """
    asked = _request_of(session, record)
    noted = (asked.evidence if asked else {}) | record.evidence
    by_us = [str(records_words.ASKED_BY[asked.source])] if asked and asked.source is SignUpSource.OFFICER else []
    names = ("given_on", "where", "witness") if by_us else ("source", "given_on", "where", "witness")
    return by_us + [records_words.circumstance(name, str(noted[name])) for name in names if noted.get(name)]


def _request_of(session: Session, record: ConsentRecord) -> SignUp | None:
    return session.scalar(select(SignUp).where(SignUp.public_id == record.evidence.get("sign_up", "")))


def filled(session: Session, record: ConsentRecord, words: str) -> str:
    """The words as they were sent, with the zones they named; in place of a link stands what it led to."""
    asked = _request_of(session, record)
    named = zones.named(zones.by_ids(session, asked.zone_ids)) if asked else _("the zones you chose")
    return words.replace("{zones}", named).replace("{privacy}", _("our privacy page"))


def _rows(session: Session, person: Person) -> Sequence[Address]:
    return session.scalars(select(Address).where(Address.id.in_(person.addresses)).order_by(Address.id)).all()


def _resident(resident: Subscriber) -> Section:
    columns = {
        "name": _("Name"),
        "language": _("Language"),
        "joined": _("Joined"),
        "paused_until": _("Paused until"),
        "weekly_limit": _("Most messages a week"),
        "quiet_hours": _("Quiet hours"),
        "least_importance": _("How important a message must be"),
        "digest": _("Messages gathered into one email"),
        "id": _("Our number for you"),
    }
    row = {
        "name": resident.name or "",
        "language": _called(resident.language),
        "joined": resident.created_at,
        "paused_until": resident.paused_until,
        "weekly_limit": resident.weekly_limit,
        "quiet_hours": _hours(resident),
        "least_importance": _("Only what is important") if resident.least_importance else _("Everything"),
        "digest": str(records_words.EMAILS_COME[resident.digest]),
        "id": resident.public_id,
    }
    return Section("resident", _("About you"), columns, [row], position=10)


def _called(code: str) -> str:
    """The name of a language, as its speakers write it."""
    return languages.LANGUAGES.get(code, languages.ENGLISH).name


def _hours(resident: Subscriber) -> str:
    if resident.quiet_from is None or resident.quiet_until is None:
        return ""
    return f"{quiet_hours.clock_time(resident.quiet_from)}-{quiet_hours.clock_time(resident.quiet_until)}"


def _choices(session: Session, resident: Subscriber) -> Section:
    chosen_zones = session.execute(
        select(Zone.name, ZoneSubscription.created_at)
        .join(Zone, Zone.id == ZoneSubscription.zone_id)
        .where(ZoneSubscription.subscriber_id == resident.id)
        .order_by(Zone.name)
    )
    chosen_topics = session.execute(
        select(Topic.name, TopicSubscription.created_at)
        .join(Topic, Topic.id == TopicSubscription.topic_id)
        .where(TopicSubscription.subscriber_id == resident.id)
        .order_by(Topic.position)
    )
    rows = [{"kind": _("Zone"), "name": name, "since": since} for name, since in chosen_zones]
    rows += [{"kind": _("Topic"), "name": _(name), "since": since} for name, since in chosen_topics]
    columns = {"kind": _("Kind"), "name": _("Name"), "since": _("Since")}
    return Section("choices", _("Zones and topics you chose"), columns, rows, position=11)


def _addresses(session: Session, person: Person) -> Section:
    links = {
        link.address_id: link
        for link in session.scalars(
            select(SubscriberAddress).where(SubscriberAddress.subscriber_id == (person.subscriber_id or 0))
        )
    }
    rows = [_address(one, links.get(one.id), shared=one.id in person.shared) for one in _rows(session, person)]
    asked = {one.address_id: one.address for one in voiding.unconfirmed_of(session, person.subscriber_id)}
    rows += [_address(one, None, shared=False) for one in asked.values() if one.id not in person.addresses]
    columns = {
        "address": _("Number or email address"),
        "state": _("State"),
        "confirmed": _("Confirmed"),
        "stopped": _("Stopped"),
        "known_since": _("Known since"),
    }
    return Section("addresses", _("How we reach you"), columns, rows, position=12)


def _address(address: Address, link: SubscriberAddress | None, *, shared: bool) -> dict[str, Any]:
    if link is None:
        state = _("Not confirmed: we do not write to it")
    elif link.status is LinkStatus.LIVE:
        state = _("We write to it, and somebody else uses it too") if shared else _("We write to it")
    elif link.status is LinkStatus.CLOSED:
        state = _("You do not use it any more, as far as we know")
    else:
        state = _("You stopped it")
    return {
        "address": address.value,
        "state": state,
        "confirmed": link.confirmed_at if link else None,
        "stopped": link.stopped_at if link else None,
        "known_since": address.created_at,
    }


def _imported(session: Session, person: Person) -> Section:
    until = {row.hash: person.until.get(row.id) for row in _rows(session, person) if row.id in person.own}
    found = session.execute(
        select(ImportRow, Import.created_at)
        .join(Import)
        .where(or_(ImportRow.mobile_hash.in_(until), ImportRow.email_hash.in_(until)))
        .order_by(ImportRow.import_id, ImportRow.line)
    )
    columns = {"state": _("What became of it"), "cells": _("What the list said of you")}
    rows = [
        {
            "state": str(records_words.ON_A_LIST[one.status]),
            # Beside the cells as they came stands what we read in them.
            "cells": [f"{name}: {value}" for name, value in one.cells.items() if value and name != "person"],
        }
        for one, made in found
        if any(key in until and made <= (until[key] or made) for key in (one.mobile_hash, one.email_hash))
    ]
    return Section("imported", _("Lists that named you"), columns, rows, position=13)


def _waiting(session: Session, person: Person) -> Section:
    columns = {"at": _("When"), "sector": _("Part of your postcode"), "confirmed": _("Confirmed"), "until": _("Until")}
    at_own = person.theirs(Waiting.address_id, Waiting.asked_at)
    found = session.scalars(select(Waiting).where(at_own).order_by(Waiting.id))
    rows = [
        {"at": one.asked_at, "sector": one.sector, "confirmed": one.confirmed_at, "until": one.expires_at}
        for one in found
    ]
    return Section("waiting", _("Where you wait for a zone"), columns, rows, position=13)


def _sign_ups(session: Session, person: Person) -> Section:
    columns = {
        "at": _("When"),
        "by": _("How"),
        "name": _("Name"),
        "zones": _("Zones"),
        "topics": _("Topics"),
        "old_enough": _("You said you are old enough"),
    }
    rows = [_sign_up(session, asked) for asked in sign_ups(session, person)]
    return Section("sign_ups", _("When you asked to join"), columns, rows, position=13)


def _sign_up(session: Session, asked: SignUp) -> dict[str, Any]:
    topics = session.scalars(select(Topic.name).where(Topic.id.in_(asked.topic_ids)).order_by(Topic.position))
    return {
        "at": asked.created_at,
        "by": records_words.asked_by(asked),
        "name": asked.name or "",
        "zones": [zone.name for zone in zones.by_ids(session, asked.zone_ids)],
        "topics": [_(name) for name in topics],
        "old_enough": asked.old_enough if signup.asks_age(asked) else None,
    }
