"""How far a backup or a restore is, told to whoever shows it.

Belongs here: the types of what is told. Does not: showing it (`whale_assets.cli.phases`).
"""

from collections.abc import Callable

Advance = Callable[[int], None]
"""Told how many steps were done since the last time."""

Phase = Callable[[str, int | None], Advance]
"""Told what begins now and, where that is known, how many steps it takes."""
