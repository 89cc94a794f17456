"""What was measured: figures with their targets, as a table for people and as JSON for programs."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """What a figure is to reach, at least or at most."""

    limit: float
    least: bool = True

    def met(self, value: float) -> bool:
        """Whether it is reached. The figure itself counts, not the rounded one that the table shows."""
        return value >= self.limit if self.least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.limit:,g}"


def at_least(limit: float) -> Target:
    """The more the better."""
    return Target(limit)


def at_most(limit: float) -> Target:
    """The less the better."""
    return Target(limit, least=False)


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    target: Target | None = None
    """None: reported only."""
    lowest: float | None = None
    highest: float | None = None
    """The spread over the rounds, where there were several."""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        return self.target.met(self.value) if self.target else None

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "target": str(self.target) if self.target else None,
            "met": self.met,
            "lowest": self.lowest,
            "highest": self.highest,
        }


def median(name: str, values: Sequence[float], unit: str, target: Target | None = None) -> Figure:
    """The median of the rounds, with their spread."""
    return Figure(name, statistics.median(values), unit, target, min(values), max(values))


def ratio(
    name: str, ours: Sequence[float], bare: Sequence[float], unit: str = "of bare", target: Target | None = None
) -> Figure:
    """The median of ours / bare, each pair taken from one round: what loads the machine for a while loads both."""
    return median(name, [mine / other for mine, other in zip(ours, bare, strict=True)], unit, target)


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns; what was missed is marked."""
    rows = [("figure", "median", "lowest..highest", "unit", "target", ""), *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def save(figures: Sequence[Figure], path: Path, *, scale: float, seed: int) -> None:
    """Write the list of figures. A scaled run says so in each of them: its figures are no measurement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = [figure.as_json() | {"seed": seed} | ({"scale": scale} if scale != 1 else {}) for figure in figures]
    path.write_text(json.dumps(said, indent=2) + "\n")


def _cells(figure: Figure) -> tuple[str, ...]:
    spread = ""
    if figure.lowest is not None and figure.highest is not None:
        spread = f"{_number(figure.lowest)}..{_number(figure.highest)}"
    verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
    return (figure.name, _number(figure.value), spread, figure.unit, str(figure.target or ""), verdict)


def _number(value: float) -> str:
    if abs(value) >= 1000:  # noqa: PLR2004 - from here on digits after the point say nothing
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004
