"""Whole numbers of up to 78 digits, exact, in columns of text.

Belongs here: reading them from hex, adding them up, showing them as floating numbers. Does not: what they count.
"""

import polars as pl


def digits_of_words(words: pl.Series) -> pl.Series:
    """The whole numbers that 32-byte words (`0x` and 64 hex digits) hold, as text of digits."""
    digits = words.str.slice(2).str.to_integer(base=16, dtype=pl.Int128, strict=False).cast(pl.String)
    # Int128 holds all but a few; Python's integers hold the rest.
    beyond = digits.is_null().arg_true()
    return digits.scatter(beyond, [str(int(word, 16)) for word in words.gather(beyond)])


def sum_of_digits(numbers: pl.Series) -> pl.Series:
    """The exact sum of each list of signed whole numbers in text, as text."""
    return pl.Series(numbers.name, [str(sum(map(int, texts))) for texts in numbers], dtype=pl.String)


def whole_tokens(raw: pl.Expr, decimals: pl.Expr) -> pl.Expr:
    """An amount in whole tokens, floating, from its smallest units: only ever for dollars and for reading."""
    # Rounded once, as a whole: a division would round twice, and of 100,000 tokens make 99,999.99999999999.
    return pl.concat_str(raw, pl.lit("e-"), decimals.cast(pl.String)).cast(pl.Float64)
