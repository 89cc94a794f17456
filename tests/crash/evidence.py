"""All that is known about a breach: enough to find its cause without running the round again."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.crash.agenda import Agenda
from tests.crash.checks import Breach
from tests.crash.facts import Facts
from tests.crash.stack import Stack

SHOWN = 12
"""Breaches of one rule that are written down in full."""

_ABOUT = {
    "delivery": "SELECT * FROM deliveries WHERE public_id = :it",
    "attempts": (
        "SELECT a.* FROM attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.public_id = :it ORDER BY a.id"
    ),
    "events": (
        "SELECT e.* FROM status_events e JOIN deliveries d ON d.id = e.delivery_id WHERE d.public_id = :it "
        "ORDER BY e.id"
    ),
    "suppressions": (
        "SELECT DISTINCT s.* FROM suppressions s JOIN addresses a ON a.hash = s.hash "
        "LEFT JOIN deliveries d ON d.address_id = a.id WHERE d.public_id = :it OR a.value = :it"
    ),
}  # fmt: skip


def write(stack: Stack, agenda: Agenda, facts: Facts, breaches: Iterable[Breach]) -> Path:
    """Write everything about the breaches, and the timeline of the round; where it stands."""
    path = stack.folder / "breaches.json"
    shown: dict[str, list[dict[str, Any]]] = {}
    with stack.database.read() as session:
        for breach in breaches:
            those = shown.setdefault(breach.rule, [])
            if len(those) < SHOWN:
                those.append(_about(session, facts, breach))
    path.write_text(json.dumps({"timeline": agenda.timeline, "breaches": shown}, indent=1, default=str))
    return path


def _about(session: Session, facts: Facts, breach: Breach) -> dict[str, Any]:
    found = {
        name: [dict(row._mapping) for row in session.execute(text(sql), {"it": breach.about})]
        for name, sql in _ABOUT.items()
    }
    numbers = {row.address for row in facts.rows if row.public_id == breach.about} | {breach.about}
    return {
        "about": breach.about,
        "says": breach.says,
        **found,
        "ledger": [vars(one) for one in facts.ledger if one.delivery == breach.about or one.to in numbers],
        "requests": [vars(one) for one in facts.requests if one.delivery == breach.about or one.to in numbers],
        "stops": [vars(one) for one in facts.stops if one.number in numbers],
    }


def odd_lines(folder: Path) -> dict[str, int]:
    """The last line of each kind of traceback in the logs, and how often it came: what nobody asked about yet."""
    counted: dict[str, int] = {}
    for path in folder.glob("*.log"):
        inside = False
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("Traceback"):
                inside = True
            elif inside and line and not line.startswith((" ", "\t")):
                inside = False
                kind = f"{path.stem.partition('-')[0]}: {line.split(':')[0][:90]}"
                counted[kind] = counted.get(kind, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: -item[1]))
