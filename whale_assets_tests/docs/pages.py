"""The pages of reference: their beginning is written by hand, the rest is what the program says of itself.

Belongs here: which pages these are, and where the line between both parts is. Does not: what the program says
(`commands`, `settings`, `tables`). `make docs` writes the pages; a test fails where one is stale.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from whale_assets_tests.docs import commands, settings, tables

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "docs"
LINE = "<!-- All below this line is written by `make docs`. -->\n"

REFERENCE: Mapping[str, Callable[[], str]] = {
    "commands.md": commands.reference,
    "settings.md": settings.reference,
    "tables.md": tables.reference,
}


def read(page: str) -> str:
    """A page as it is."""
    return (FOLDER / page).read_text(encoding="utf-8")


def renewed(page: str) -> str:
    """A page as it should be: what was written by hand, and below the line what the program says now."""
    by_hand, line, _ = read(page).partition(LINE)
    if not line:
        raise ValueError(f"docs/{page} lacks the line {LINE!r}")
    return by_hand + line + "\n" + REFERENCE[page]()
