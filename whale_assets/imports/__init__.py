"""Reading the lists that people bring: tokens, address labels, prices.

Belongs here: recognising a list's format, validating it line by line, giving its rows as frames. Does not: storing
them. A list streams in batches whatever its size, so a fault may show after many good rows: whoever stores them does so
in one database transaction, and rolls it back on `BadList`.
"""

from whale_assets.imports.labels import read_labels
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.prices import read_prices
from whale_assets.imports.tokens import read_tokens

__all__ = ["ImportedList", "read_labels", "read_prices", "read_tokens"]
