"""A line at the bottom of a terminal, below what is printed.

Belongs here: drawing it, and taking it away before anything else is printed. Does not: what it says.
It is drawn on stderr, and only where that is a terminal: what is piped never holds a part of it.
"""

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

ERASE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class StatusLine:
    """It stands there, or does not."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._is_drawn = False

    def draw(self, words: str) -> None:
        """Says this from now on, cut to what the terminal's width leaves room for."""
        if self._console.is_terminal:
            self.erase()
            text = Text(words, "dim", no_wrap=True)
            # A full last column would wrap on some terminals.
            text.truncate(self._console.width - 1, overflow="ellipsis")
            # First, for Ctrl-C may come between.
            self._is_drawn = True
            self._console.print(text, end="", soft_wrap=True)

    def erase(self) -> None:
        """Leaves nothing of it, with the cursor where it began."""
        if self._is_drawn:
            self._console.control(ERASE)
            self._is_drawn = False
