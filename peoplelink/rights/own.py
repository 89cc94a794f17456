"""What this package itself holds of a person: what they asked by right. It outlives an erasure."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.outbound.models import Address
from peoplelink.persons import Due, Held, Part, Person, RecordClass, Section, Wish, purger
from peoplelink.rights.models import ErasureRecord, LegalHold, RequestKind, RightsRequest
from peoplelink.subscribers.models import Objection

_KINDS = {
    RequestKind.COMPLAINT: lazy_gettext("A complaint"),
    RequestKind.ACCESS: lazy_gettext("A copy of what we hold"),
    RequestKind.ERASURE: lazy_gettext("To have it erased"),
    RequestKind.OBJECTION: lazy_gettext("An objection"),
    RequestKind.RECTIFICATION: lazy_gettext("To put something right"),
    RequestKind.RESTRICTION: lazy_gettext("To use it less for a while"),
}


def requests_of(session: Session, person: Person) -> Sequence[RightsRequest]:
    """What a person asked: where they were known, or gave a number or mailbox that is theirs alone."""
    at_own = exists().where(
        Address.value == RightsRequest.contact, person.theirs(Address.id, RightsRequest.received_at)
    )  # fmt: skip
    theirs = or_(RightsRequest.person == person.public_id, at_own)
    return session.scalars(select(RightsRequest).where(theirs).order_by(RightsRequest.id)).all()


def subjects(session: Session, person: Person) -> Iterable[str]:
    """Their requests."""
    return [one.public_id for one in requests_of(session, person)]


def export(session: Session, person: Person, _wish: Wish) -> Sequence[Section]:
    """What they asked and what came of it; whether they object."""
    columns = {
        "at": _("When"),
        "kind": _("What you asked for"),
        "code": _("Number"),
        "name": _("Name"),
        "contact": _("How to reach you"),
        "words": _("What you wrote"),
        "acknowledged": _("When we said that we have it"),
        "settled": _("Settled"),
        "outcome": _("What came of it"),
    }
    rows = [
        {
            "at": one.received_at, "kind": str(_KINDS[one.kind]), "code": one.code, "name": one.name,
            "contact": one.contact, "words": one.words, "acknowledged": one.acknowledged_at,
            "settled": one.closed_at, "outcome": one.outcome,
        }
        for one in requests_of(session, person)
    ]  # fmt: skip
    objection = session.get(Objection, person.subscriber_id) if person.subscriber_id else None
    note = _("You object to our use of what you write for our public task.") if objection else ""
    return [Section("requests", _("What you asked us by right"), columns, rows, note=note)]


def widen(session: Session, held: Held) -> Held:
    """The subjects of all holds that stand."""
    return held.more(subjects=session.scalars(select(LegalHold.subject).where(LegalHold.lifted_at.is_(None))))


def _settled(due: Due) -> list[ColumnElement[bool]]:
    held = exists().where(Address.value == RightsRequest.contact, Address.id.in_(due.held.addresses))
    return [RightsRequest.closed_at < due.before, RightsRequest.person.not_in(due.held.subjects), ~held]


def _erased(due: Due) -> list[ColumnElement[bool]]:
    return [ErasureRecord.finished_at < due.before]


def _lifted(due: Due) -> list[ColumnElement[bool]]:
    return [LegalHold.lifted_at < due.before]


PART = Part(
    name="rights",
    tables=frozenset({"rights_requests", "erasures", "legal_holds"}),
    impersonal={"retention_rules": "how long records are kept", "retention_runs": "counts"},
    subjects=subjects,
    export=export,
    widen=widen,
    purgers=(
        purger(RecordClass.REQUESTS, "complaints and requests that were settled", RightsRequest, _settled),
        purger(RecordClass.REQUESTS, "entries of the log of erasures", ErasureRecord, _erased),
        purger(RecordClass.REQUESTS, "legal holds that were lifted", LegalHold, _lifted),
    ),
    cannot_be_recalled=lazy_gettext("What you asked us by right, and what came of it, is kept so that we can show it."),
)
