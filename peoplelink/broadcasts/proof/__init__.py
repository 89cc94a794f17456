"""The proof of a broadcast: what happened to it, so that nobody can change the past unseen. See docs/adr/0009.

Whoever changes something that a proof speaks of calls `add` in the same transaction.
"""

from peoplelink.broadcasts.models import ProofKind as Kind
from peoplelink.broadcasts.proof.chain import Summary, add, summary
from peoplelink.broadcasts.proof.erasing import rows_changing
from peoplelink.broadcasts.proof.events import finished, frozen, late, released, sent
from peoplelink.broadcasts.proof.turns import take_turn

__all__ = [
    "Kind",
    "Summary",
    "add",
    "finished",
    "frozen",
    "late",
    "released",
    "rows_changing",
    "sent",
    "summary",
    "take_turn",
]
