"""What all commands print with.

Belongs here: the consoles, numbers and times as people read them. Does not: what one command prints.
What a person pipes goes to stdout; progress and notices go to stderr.
"""

from rich.console import Console

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False)


def notice(text: str) -> None:
    """A sentence for the person, which is not what they pipe."""
    stderr.print(text, markup=False, soft_wrap=True)


def plural(count: int, noun: str) -> str:
    """`1 range`, `2 ranges`, `1,000 ranges`."""
    return f"{count:,} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"
