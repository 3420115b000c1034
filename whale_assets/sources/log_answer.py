"""What an answer to "these addresses' logs" must be.

Belongs here: the check that every source makes of the logs it found by address and topic. Does not: asking for them.
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer


def in_order(logs: pl.DataFrame, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
    """The logs (schema LOGS), sorted; of whatever address where none is named.

    Raises BadAnswer where one was not asked for or is there twice.
    """
    by_whom = pl.col("address").is_in(addresses) if addresses else pl.lit(value=True)
    asked = pl.col("block_number").is_between(blocks.first, blocks.last) & by_whom & pl.col("topic0").is_in(topics)
    foreign = logs.remove(asked)
    if len(foreign):
        raise BadAnswer(f"block {foreign['block_number'][0]}: a log was answered that was not asked for")
    ordered = logs.sort("block_number", "log_index")
    if ordered.select("block_number", "log_index").is_duplicated().any():
        raise BadAnswer(f"blocks {blocks.first} to {blocks.last}: a log was answered twice")
    return ordered
