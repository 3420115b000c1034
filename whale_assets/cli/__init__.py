"""The commands, one a file.

Belongs here: what a person types, and what they read. Does not: anything that a sensor or an asset needs too.
"""

from whale_assets.cli.main import main

__all__ = ["main"]
