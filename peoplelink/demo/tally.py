"""What the story expects beside what is there: by count, and message by message."""

from collections import Counter
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Content, Delivery
from peoplelink.outbound.render import said_to
from peoplelink.outbound.states import DeliveryStatus


@dataclass
class Tally:
    """Every number that was checked."""

    say: Callable[[str], object]
    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def same(self, what: str, expected: object, found: object, *, brief: bool = False) -> None:
        """Note whether a thing is what it must be; `brief` prints how many parts it has in place of them."""
        self.checked += 1
        agrees = expected == found
        there, wanted = (len(cast(Sized, thing)) if brief else thing for thing in (found, expected))
        self.say(
            f"             {'ok ' if agrees else 'BAD'} {what}: {there}" + ("" if agrees else f", expected {wanted}")
        )
        if not agrees:
            self.wrong.append(what)


def disagreements(session: Session, ledger: Iterable[dict[str, Any]]) -> list[str]:
    """Where the database and the provider's ledger differ: by message, in ids and counts only."""
    accepted = {entry["id"]: entry for entry in ledger}
    ours = _handed_over(session)
    found = [f"{missing} in our database is not in the ledger" for missing in ours.keys() - accepted.keys()]
    found += [f"{extra} in the ledger is not in our database" for extra in accepted.keys() - ours.keys()]
    for message_id in ours.keys() & accepted.keys():
        found += _differences(message_id, ours[message_id], accepted[message_id])
    twice = [number for number, times in Counter(ours.values()).items() if times > 1]
    return found + [f"delivery {row[0]} stands twice" for row in twice]


Row = tuple[str, str, str, str]


def _handed_over(session: Session) -> dict[str, Row]:
    """By the ledger's id: our delivery, its address, its state, and the words of a text."""
    rows = session.execute(
        select(Delivery, Address, Content)
        .join(Address, Address.id == Delivery.address_id)
        .join(Content, Content.id == Delivery.content_id)
        .where(Delivery.status.not_in([DeliveryStatus.SUPPRESSED, DeliveryStatus.CANCELLED, DeliveryStatus.EXPIRED]))
    )
    return {
        _ledger_id(delivery, address): (
            delivery.public_id,
            address.value,
            delivery.status.value,
            said_to(content, delivery) if address.medium is Medium.SMS else "",
        )
        for delivery, address, content in rows
    }


def _ledger_id(delivery: Delivery, address: Address) -> str:
    # A call to SendGrid carries many messages: the ledger knows each by our own delivery id.
    return delivery.public_id if address.medium is Medium.EMAIL else delivery.provider_message_id or delivery.public_id


def ledger_with_our_ids(ledger: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ledger's entries, each email under the delivery id that its custom arguments carry."""
    return [
        entry | {"id": entry["custom_args"]["pl_delivery"]} if entry["medium"] == Medium.EMAIL else entry
        for entry in ledger
    ]


def _differences(message_id: str, ours: Row, entry: dict[str, Any]) -> list[str]:
    delivery, address, status, words = ours
    pairs = [("the address", address, entry["to"]), ("the state", status, entry["status"])]
    if entry["medium"] == Medium.SMS:
        pairs.append(("the words", words, entry["body"]))
    return [f"{message_id} ({delivery}): {what} differs" for what, mine, theirs in pairs if mine != theirs]
