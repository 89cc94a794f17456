"""A row a round, a total, and the breaches with where to read about them."""

from collections import Counter
from collections.abc import Iterable

from tests.crash.rounds import Result

_COLUMNS = (
    ("round", 6), ("engine", 11), ("keywords", 9), ("texts", 6), ("emails", 7), ("delivered", 10), ("failed", 7),
    ("not sent", 9), ("tried again", 12), ("kills", 6), ("freezes", 8), ("servers", 8), ("STOPs", 6),
    ("latest", 8), ("settled", 8), ("took", 7), ("breaches", 8),
)  # fmt: skip
_SHOWN = 3  # breaches of a rule; the rest stands in the file
_NOT_SENT = ("suppressed", "expired", "cancelled")


def head() -> str:
    """The names of the columns."""
    return " ".join(name.rjust(width) for name, width in _COLUMNS)


def row(result: Result) -> str:
    """One round."""
    return _line(str(result.round.number), result.round.engine, result.facts.keywords, figures(result))


def total(results: Iterable[Result]) -> str:
    """All rounds; of the latest request after a STOP and of times the greatest."""
    summed: Counter[str] = Counter()
    greatest: dict[str, float] = {}
    for one in map(figures, results):
        for name, value in one.items():
            summed[name] += value
            greatest[name] = max(value, greatest.get(name, value))
    kept = {name: greatest[name] for name in ("latest", "settled") if name in greatest}
    return _line("total", "", "", {**summed, **kept})


def figures(result: Result) -> dict[str, float]:
    """What the columns hold."""
    rows = [row for row in result.facts.rows if row.broadcast]
    states = Counter(row.status for row in rows)
    done = Counter({name.split()[0]: 0 for name in result.done})
    for name, times in result.done.items():
        kind = "server" if name.split()[-1] in {"queue", "database"} else name.split()[0]
        done[kind] += times
    return {
        "texts": sum(row.medium == "sms" for row in rows),
        "emails": sum(row.medium == "email" for row in rows),
        "delivered": states["delivered"],
        "failed": states["failed"],
        "not sent": sum(states[one] for one in _NOT_SENT),
        "tried again": sum(row.attempt > 1 for row in rows),
        "kills": done["kill"],
        "freezes": done["freeze"],
        "servers": done["server"],
        "STOPs": len({stop.number for stop in result.facts.stops}),
        "latest": _latest(result),
        "settled": result.settled,
        "took": result.seconds,
        "breaches": len(result.breaches),
    }


def breaches(result: Result) -> list[str]:
    """A line for each of the first breaches of each rule."""
    lines, shown = [], Counter[str]()
    for breach in result.breaches:
        shown[breach.rule] += 1
        if shown[breach.rule] <= _SHOWN:
            lines.append(f"       {breach.rule}: {breach.about}: {breach.says}")
    lines += [f"       {rule}: {times} in all" for rule, times in shown.items() if times > _SHOWN]
    return [*lines, f"       all about them: {result.evidence}"] if lines else []


def _latest(result: Result) -> float:
    """Seconds from our yes to a STOP until the last request for that person; 0 when none came after it."""
    told = {stop.number: stop.told_at for stop in result.facts.stops if stop.told_at}
    exempt = {row.public_id for row in result.facts.rows if row.purpose == "opt_out_answer"}
    late = [
        (one.at - told[one.to]).total_seconds()
        for one in result.facts.requests
        if one.to in told and one.delivery not in exempt
    ]
    return max([0.0, *late])


def _line(number: str, engine: str, keywords: str, values: dict[str, float]) -> str:
    cells = {"round": number, "engine": engine, "keywords": keywords}
    cells |= {
        name: f"{value:.2f} s"
        if name == "latest"
        else f"{value:.0f} s"
        if name in {"settled", "took"}
        else f"{value:,}"
        for name, value in values.items()
    }
    return " ".join(cells[name].rjust(width) for name, width in _COLUMNS)
