"""Whole numbers of up to 78 digits, exact, in columns of text.

Belongs here: reading them from hex, adding them up, showing them as floating numbers, adding up those. Does not: what
they count.
"""

from collections.abc import Sequence

import polars as pl


def whole(word: pl.Expr) -> pl.Expr:
    """The whole number (Int128) that a word (`0x` and 64 hex digits) holds; null where it has more than 127 bits."""
    return word.str.slice(2).str.to_integer(base=16, dtype=pl.Int128, strict=False)


def digits_of_words(words: pl.Series) -> pl.Series:
    """The whole numbers that 32-byte words (`0x` and 64 hex digits) hold, as text of digits."""
    digits = words.str.slice(2).str.to_integer(base=16, dtype=pl.Int128, strict=False).cast(pl.String)
    # Int128 holds all but a few; Python's integers hold the rest.
    beyond = digits.is_null().arg_true()
    return digits.scatter(beyond, [str(int(word, 16)) for word in words.gather(beyond)])


SHORT = 28
"""Digits and sign: an Int128 holds the sum of so long numbers, of more than there are in any range."""

LIMBS = ("high", "middle", "low")
LIMB_DIGITS = 26
LIMB = pl.lit(10**LIMB_DIGITS, dtype=pl.Int128)
"""Three limbs of 26 digits hold 78, and an Int128 holds the sum of more limbs than there are transactions."""


def exact_sums(frame: pl.DataFrame, by: Sequence[str], raw: str, total: str) -> pl.DataFrame:
    """A row a group, `by` and `total`: the sum of the signed whole numbers in the column `raw`, as text."""
    longer = frame.filter(pl.col(raw).str.len_bytes() > SHORT).select(by).unique()
    if longer.is_empty():
        return short_sums(frame, by, raw, total)
    # Limbs are slow to read: only of the sums that need them.
    sums = (
        frame.join(longer, on=by, how="semi").select(*by, *limbs_of(pl.col(raw))).group_by(by).agg(pl.col(LIMBS).sum())
    )
    return pl.concat(
        [
            short_sums(frame.join(longer, on=by, how="anti"), by, raw, total),
            sums.select(*by, text_of_limbs().alias(total)),
        ]
    )


def short_sums(frame: pl.DataFrame, by: Sequence[str], raw: str, total: str) -> pl.DataFrame:
    """The same of numbers that are not longer than SHORT."""
    return frame.group_by(by).agg(pl.col(raw).cast(pl.Int128).sum().cast(pl.String).alias(total))


def limbs_of(raw: pl.Expr) -> list[pl.Expr]:
    """The columns `LIMBS` of a signed whole number in text: add up each column, then `text_of_limbs`."""
    sign = pl.when(raw.str.starts_with("-")).then(-1).otherwise(1).cast(pl.Int128)
    padded = raw.str.strip_prefix("-").str.zfill(len(LIMBS) * LIMB_DIGITS)
    return [
        (padded.str.slice(place * LIMB_DIGITS, LIMB_DIGITS).cast(pl.Int128) * sign).alias(name)
        for place, name in enumerate(LIMBS)
    ]


def text_of_limbs() -> pl.Expr:
    """The signed whole number that the columns `LIMBS` add up to, as text; `0` for zero."""
    negative = carried(*(pl.col(name) for name in LIMBS))[0] < 0
    sign = pl.when(negative).then(pl.lit(-1, dtype=pl.Int128)).otherwise(pl.lit(1, dtype=pl.Int128))
    high, middle, low = carried(*(pl.col(name) * sign for name in LIMBS))
    digits = high.cast(pl.String) + zero_filled(middle) + zero_filled(low)
    return pl.when(negative).then(pl.lit("-")).otherwise(pl.lit("")) + digits.str.replace("^0+(.)", "$1")


def carried(high: pl.Expr, middle: pl.Expr, low: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """The same number with its lower limbs within 0 and 10^26; the highest keeps the sign."""
    middle = middle + low // LIMB
    return high + middle // LIMB, middle % LIMB, low % LIMB


def zero_filled(limb: pl.Expr) -> pl.Expr:
    """A lower limb at its full width."""
    return limb.cast(pl.String).str.zfill(LIMB_DIGITS)


def steady_sum(numbers: pl.Expr) -> pl.Expr:
    """The sum of a group's floating numbers: the same to the last digit in any order, and on any number of threads."""
    return sum_in_order(numbers.sort())


def sum_in_order(numbers: pl.Expr) -> pl.Expr:
    """The same of a frame whose rows stand in one order, whatever order they came in: quicker for many groups."""
    # A group's own `sum` adds up by parts that depend on the whole frame, and skips sorting; a list's does neither.
    return numbers.fill_null(0.0).implode().list.sum()


def whole_tokens(raw: pl.Expr, decimals: pl.Expr) -> pl.Expr:
    """An amount in whole tokens, floating, from its smallest units: only ever for dollars and for reading."""
    # Rounded once, as a whole: a division would round twice, and of 100,000 tokens make 99,999.99999999999.
    return pl.concat_str(raw, pl.lit("e-"), decimals.cast(pl.String)).cast(pl.Float64)
