"""The story from beginning to end, and the accounts settled after it."""

from sqlalchemy import func, select

from peoplelink.db import opened
from peoplelink.demo import answering, joining, leaving, sending
from peoplelink.demo.people import Resident
from peoplelink.demo.scene import Scene
from peoplelink.demo.tally import disagreements, ledger_with_our_ids
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.subscribers.models import Subscriber

ZONE = "New Parks"
FIRST = "Litter pick on Saturday"
SECOND = "Thank you for coming"


def tell(scene: Scene) -> None:
    """All of it, in order; what must hold is noted in the scene's tally."""
    joining.join(scene)
    sending.sign_in(scene)
    there = _living_in(scene, ZONE)
    sending.send(scene, FIRST, f"{FIRST} 14 March, 2pm, {{name|neighbour}}. Reply if you can come.", zone=ZONE,
                 expected=_addresses(there))  # fmt: skip
    answering.answer(scene, _writers(there), title=FIRST)
    left = leaving.leave(scene, [one for one in there if one.by_text][:10], [one for one in there if one.mailbox][:5])
    before = len(scene.sandbox.accepted())
    staying = [address for address in _addresses(there) if address not in left]
    sending.send(scene, SECOND, f"{SECOND}: 40 bags of litter are gone.", zone=ZONE, expected=staying)
    _silence(scene, left, before)
    _settle_accounts(scene)


def _living_in(scene: Scene, zone: str) -> list[Resident]:
    return [resident for resident in scene.residents if resident.zone == zone]


def _addresses(residents: list[Resident]) -> list[str]:
    return [value for one in residents for value in (one.mobile, one.mailbox) if value]


def _writers(residents: list[Resident]) -> list[Resident]:
    texting = [one for one in residents if one.by_text][10:25]
    return texting + [one for one in residents if not one.mobile][:5]


def _silence(scene: Scene, left: list[str], before: int) -> None:
    later = sorted(scene.sandbox.accepted(), key=lambda entry: str(entry["accepted_at"]))[before:]
    scene.tally.same("messages to those who left", 0, sum(1 for entry in later if entry["to"] in left))


def _settle_accounts(scene: Scene) -> None:
    scene.tell("the provider's ledger is laid beside the database, message by message")
    # The proof of a broadcast is mailed to its officer when it is over, and may be on its way still.
    scene.until("the last messages to arrive", lambda: not _on_their_way(scene))
    scene.sandbox.idle()
    ledger = ledger_with_our_ids(scene.sandbox.accepted())
    with opened(scene.stage.database_url) as database, database.read() as session:
        scene.tally.same(
            "residents in the database", len(scene.residents), session.scalar(select(func.count(Subscriber.id)))
        )
        found = disagreements(session, ledger)
    for line in found[:10]:
        scene.say(f"                 {line}")
    scene.tally.same(f"disagreements in {len(ledger)} messages", 0, len(found))


def _on_their_way(scene: Scene) -> int:
    under_way = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.SENT)
    with opened(scene.stage.database_url) as database, database.read() as session:
        return session.scalar(select(func.count()).where(Delivery.status.in_(under_way))) or 0
