"""Numbers, times and names as people read them.

Belongs here: pure formatting, the same everywhere. Does not: colours, tables, what is printed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from whale_assets.chain.text import printable

ADDRESS_LENGTH = 42
CENT = 0.01


def compact(value: float) -> str:
    """Three significant digits: `4.90M`, `283`, `0.0412`; four of what is in the thousands: `1,234`."""
    rounded = float(f"{value:.3g}")
    size = abs(rounded)
    for limit, divisor, unit in ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= limit:
            return plain(rounded / divisor) + unit
    return plain(value if size >= 1e3 else rounded)


def plain(value: float) -> str:
    """A number without an exponent; what is tiny is about nothing."""
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3g}" if size >= 1e-4 else "~0"


def dollars(value: float) -> str:
    """`$4.90M`."""
    return "$" + compact(value)


def exact(value: float) -> str:
    """`1,887.21503`: every digit that a floating number has, without an exponent."""
    return f"{Decimal(repr(value)):,f}".removesuffix(".0")


def exact_dollars(value: float) -> str:
    """`$1,887.21503`."""
    return "$" + exact(value)


def cents(value: float) -> str:
    """`$1,887.22`; of what is less than a cent, three digits."""
    return f"${value:,.2f}" if abs(value) >= CENT or value == 0 else exact_dollars(float(f"{value:.3g}"))


def age(seconds: float) -> str:
    """`12 s`, `45 min`, `7 h`, `3,690 days`: how long ago something was, in the largest unit that it has two of."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:,.0f} {unit}"
    return f"{seconds:.0f} s"


def short(address: str) -> str:
    """`0x12ab…cdef`: a hash or an address that a reader can tell from its neighbours."""
    return f"{address[:6]}…{address[-4:]}"


@dataclass(frozen=True)
class Clock:
    """Times as the reader's zone tells them; tables keep seconds since 1970, UTC."""

    zone: str = "UTC"

    def tell(self, timestamp: int, pattern: str) -> str:
        """Seconds since 1970 in a pattern of `strftime`."""
        return datetime.fromtimestamp(timestamp, ZoneInfo(self.zone)).strftime(pattern)

    def time(self, timestamp: int) -> str:
        """`12:34:56`."""
        return self.tell(timestamp, "%H:%M:%S")

    def minute(self, timestamp: int) -> str:
        """`07-13 12:34`."""
        return self.tell(timestamp, "%m-%d %H:%M")

    def moment(self, timestamp: int) -> str:
        """`2023-07-13 12:34:56`."""
        return self.tell(timestamp, "%Y-%m-%d %H:%M:%S")

    def day(self, timestamp: int) -> str:
        """`2023-07-13`."""
        return self.tell(timestamp, "%Y-%m-%d")


def cut(text: str, width: int) -> str:
    """The text, its end replaced by an ellipsis where it takes more than `width` cells of a terminal, or twice as many
    characters: accents take no cells, and heaps of them run over other lines. What cannot be printed is left out."""
    harmless = printable(text)
    if len(harmless) <= 2 * width and cell_len(harmless) <= width:
        return harmless
    kept = harmless[: 2 * width - 1]
    while cell_len(kept) >= width:
        kept = kept[:-1]
    return kept + "…"
