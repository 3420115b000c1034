"""Figures, and how they are shown.

Belongs here: a figure with its goal, the table, and the same as JSON and Markdown. Does not: measuring.
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich import box
from rich.table import Table

from whale_assets.errors import WhaleError

HEADINGS = ("measured", "figure", "goal", "reached")


class Absent(WhaleError):
    """What a benchmark needs is not here: its text says so in a sentence."""


@dataclass(frozen=True)
class Goal:
    """Bounds that a figure should keep; `aim` is what would be better still."""

    least: float | None = None
    most: float | None = None
    aim: float | None = None

    def reached_by(self, value: float) -> bool:
        """Whether a value keeps the bounds."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{number(self.least)} to {number(self.most)}"
        bound = f"≥ {number(self.least)}" if self.least is not None else f"≤ {number(self.most or 0)}"
        return bound + (f", aim {number(self.aim)}" if self.aim is not None else "")


@dataclass(frozen=True)
class Figure:
    """One figure, what it should be, and the figures that it comes from, by what they are."""

    name: str
    value: float
    unit: str
    goal: Goal
    details: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}: {self.shown}"

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{number(self.value)} {self.unit}".strip()

    def cells(self) -> tuple[str, ...]:
        """What a row of a table shows."""
        return self.name, self.shown, str(self.goal), "yes" if self.goal.reached_by(self.value) else "no"


def number(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure], title: str) -> Table:
    """The table for a terminal."""
    shown = Table(*HEADINGS, title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for figure in figures:
        shown.add_row(*figure.cells())
        for name, value in figure.details.items():
            shown.add_row(f"  {name}", f"  {number(value)}", style="dim")
    return shown


def write(figures: Sequence[Figure], title: str, folder: Path) -> None:
    """Writes `benchmarks.json` and `benchmarks.md` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "title": title,
        "figures": [
            {
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "goal": str(figure.goal),
                "reached": figure.goal.reached_by(figure.value),
                "details": dict(figure.details),
            }
            for figure in figures
        ],
    }
    (folder / "benchmarks.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    headings = (*HEADINGS, "in detail")
    rows = [headings, ("---",) * len(headings), *((*figure.cells(), detail(figure)) for figure in figures)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    (folder / "benchmarks.md").write_text("\n".join([f"{title}.", "", *lines, ""]))


def detail(figure: Figure) -> str:
    """The details in a line."""
    return "; ".join(f"{name} {number(value)}" for name, value in figure.details.items())


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, Python {platform.python_version()}"
