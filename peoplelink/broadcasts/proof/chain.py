"""The chain of links. Each names the one before it, and is sealed with a key that the database does not hold."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, ProofKind, ProofLink
from peoplelink.db import keyring

_KEY_ID_LENGTH = 8  # hex digits: tells a handful of keys apart


@dataclass(frozen=True)
class Summary:
    """A proof in short."""

    head: str
    made_at: dt.datetime
    number: int
    """How many links there are."""


def add(
    session: Session, broadcast: Broadcast, kind: ProofKind, facts: Mapping[str, Any], *, now: dt.datetime
) -> ProofLink:
    """Add a link, in the transaction of the change that it speaks of. Two at once take turns: the chain never forks.

    `facts` are text, whole numbers, moments, and lists and mappings of those. They name officers and deliveries by
    their public ids; nothing in them tells who a resident is. Say who did it under "by".
    """
    number, key = hold(session, broadcast), keyring(session).proof[0]
    last = summary(session, broadcast)
    link = ProofLink(
        broadcast_id=broadcast.id,
        number=number,
        kind=kind,
        facts=json.loads(canonical(facts)),
        made_at=now,
        previous=last.head if last else "",
        key_id=key_id(key),
    )
    link.link = seal(key, broadcast.public_id, link)
    session.add(link)
    session.flush()
    return link


def hold(session: Session, broadcast: Broadcast) -> int:
    """Keep others from adding links until the end of the transaction; the number that the next link will have."""
    session.flush()
    # On SQLite a session that writes has the database to itself.
    session.execute(select(Broadcast.id).where(Broadcast.id == broadcast.id).with_for_update(key_share=True))
    last = summary(session, broadcast)
    return last.number + 1 if last else 1


def links(session: Session, broadcast: Broadcast) -> list[ProofLink]:
    """The chain, from its first link."""
    wanted = select(ProofLink).where(ProofLink.broadcast_id == broadcast.id).order_by(ProofLink.number)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def summary(session: Session, broadcast: Broadcast) -> Summary | None:
    """The head and the length of the chain; None before the first link."""
    newest = session.execute(
        select(ProofLink.link, ProofLink.made_at, ProofLink.number)
        .where(ProofLink.broadcast_id == broadcast.id)
        .order_by(ProofLink.number.desc())
        .limit(1)
    ).first()
    return Summary(newest.link, newest.made_at, newest.number) if newest else None


def faults(public_id: str, chain: Sequence[ProofLink], keys: Sequence[str]) -> Iterator[str]:
    """What is wrong with the chain itself, in plain words: links that were changed, taken away, added or moved."""
    known = {key_id(key) for key in keys}
    expected, previous = 1, ""
    for link in chain:
        if link.number > expected:
            yield f"{_missing(expected, link.number - 1)} missing from the proof."
        elif link.previous != previous:
            yield f"{name(link)} does not follow the link before it: links were moved, replaced or taken away."
        if link.key_id not in known:
            yield (
                f"{name(link)} cannot be checked: it was made with the key {link.key_id}, which is not set. "
                "Put that key into PEOPLELINK_PROOF_KEY_FALLBACKS."
            )
        elif not sound(public_id, [link], keys):
            yield f"{name(link)} has been changed, or was not made by People Link."
        expected, previous = link.number + 1, link.link


def sound(public_id: str, chain: Sequence[ProofLink], keys: Sequence[str]) -> list[ProofLink]:
    """The links that were made with one of these keys, and not changed since."""
    by_id = {key_id(key): key for key in keys}
    sealed = ((link, seal(by_id[link.key_id], public_id, link)) for link in chain if link.key_id in by_id)
    return [link for link, made in sealed if hmac.compare_digest(made.encode(), link.link.encode())]


def name(link: ProofLink) -> str:
    """How a link is called in a sentence."""
    return f"Link {link.number} ({link.kind.replace('_', ' ')})"


def key_id(key: str) -> str:
    """The fingerprint of a key: tells which one made a link, and nothing else about it."""
    return hmac.new(key.encode(), b"peoplelink.proof.key", hashlib.sha256).hexdigest()[:_KEY_ID_LENGTH]


def seal(key: str, public_id: str, link: ProofLink) -> str:
    """The HMAC of a link, in hex, over all that it says and the broadcast that it speaks of."""
    said = {
        "broadcast": public_id,
        "number": link.number,
        "kind": str(link.kind),
        "facts": link.facts,
        "made_at": link.made_at,
        "previous": link.previous,
        "key": link.key_id,
    }
    return hmac.new(key.encode(), b"peoplelink.proof.link:" + canonical(said), hashlib.sha256).hexdigest()


def canonical(value: Any) -> bytes:
    """One spelling of a value as JSON, the same on every database and in every year."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment).encode()


def digest(value: Any) -> str:
    """SHA-256 of a value, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _moment(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a proof")


def _missing(first: int, last: int) -> str:
    return f"Link {first} is" if first == last else f"Links {first} to {last} are"
