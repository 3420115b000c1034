"""What a person says about a list beside its file.

Belongs here: the list's name, and the check of such texts. Does not: the command that takes them.
"""

from pathlib import Path

from whale_assets.errors import WrongUse

LONGEST_NAME = 64


def list_name(path: Path, source: str | None) -> str:
    """The name under which a list is stored and replaced: as given, else its file's without the endings."""
    return readable("--source", source or path.name.removesuffix(".gz").rpartition(".")[0] or path.name, LONGEST_NAME)


def readable(option: str, text: str, longest: int) -> str:
    """The text without spaces around it. Raises WrongUse where it is too long, empty or not to be read."""
    text = text.strip()  # MySQL would take two names for one that differ by spaces at the end
    if not text or len(text) > longest or not text.isprintable():
        raise WrongUse(f"{option} {text[:longest]!r} should be 1 to {longest} readable characters")
    return text
