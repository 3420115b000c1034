"""Ether or tokens that go through a known mixer.

Belongs here: the mixer's doors, by label, by address and by event. Does not: whether a mixer is sanctioned, which is
another rule's: the two have parted in law and carry their own dates.
"""

from collections.abc import Iterable

import polars as pl

from whale_assets.chain.events import topic
from whale_assets.chain.suspicion.evidence import Evidence, Finding, Rule, contacts, in_force

TORNADO_CASH = {
    "0x12d66f87a04a9e220743712ce6d9bb1b5616b8fc": "Tornado Cash: 0.1 ETH",
    "0x47ce0c6ed5b0ce3d3a51fdb1c52dc66a7c3c2936": "Tornado Cash: 1 ETH",
    "0x910cbd523d972eb0a6f4cae4618ad62622b39dbf": "Tornado Cash: 10 ETH",
    "0xa160cdab225685da1d56aa342ad8841c3b53f291": "Tornado Cash: 100 ETH",
    "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b": "Tornado Cash: Router",
}
"""The pools of ether and their router: contracts that never change. More come from lists, as category `mixer`."""

DOORS = {
    topic("Deposit(bytes32,uint32,uint256)"): "deposit into",
    topic("Withdrawal(address,bytes32,address,uint256)"): "withdrawal from",
}


def judge(evidence: Evidence) -> Iterable[Finding]:
    """A finding for each transaction that touched a mixer or made it log a deposit or a withdrawal."""
    mixers = known_mixers(evidence)
    opened = doors(evidence, mixers)
    # A door's event says more than that the mixer was called.
    touched = (
        contacts(evidence, mixers)
        .join(opened, on=("transaction_hash", "address"), how="anti")
        .with_columns(how=pl.concat_str("role", pl.lit(" is")))
    )
    through = pl.concat([touched.select(COLUMNS), opened.select(COLUMNS)])
    if through.is_empty():
        return
    dated = through.join(mixers, on="address").filter(in_force()).sort(COLUMNS)
    for (block, transaction), rows in dated.group_by("block_number", "transaction_hash", maintain_order=True):
        entries = rows.select("how", "address", "name_tag").unique(maintain_order=True).rows(named=True)
        reasons = [f"{row['how']} {row['name_tag']}" for row in entries]
        yield Finding(block, transaction, "high", list(dict.fromkeys(reasons)), entries)


COLUMNS = ("block_number", "timestamp", "transaction_hash", "address", "how")


def known_mixers(evidence: Evidence) -> pl.DataFrame:
    """address, name_tag, valid_from, valid_to: the mixers of lists and the table above."""
    columns = ("address", "name_tag", "valid_from", "valid_to")
    listed = evidence.labels.filter(
        (pl.col("category") == "mixer") & ~pl.col("address").is_in(list(TORNADO_CASH))
    ).select(columns)
    table = pl.DataFrame(
        [(address, name, None, None) for address, name in TORNADO_CASH.items()], schema=listed.schema, orient="row"
    )
    return pl.concat(
        [table, listed.with_columns(name_tag=pl.when(pl.col("name_tag") == "").then("address").otherwise("name_tag"))]
    )


def doors(evidence: Evidence, mixers: pl.DataFrame) -> pl.DataFrame:
    """The deposits and withdrawals that the mixers logged, in `COLUMNS`."""
    times = evidence.blocks.lazy().select(block_number="number", timestamp="timestamp")
    return (
        evidence.logs.filter(pl.col("topic0").is_in(list(DOORS)))
        .join(mixers.lazy().select("address").unique(), on="address", how="semi")
        .join(times, on="block_number")
        .with_columns(how=pl.col("topic0").replace_strict(DOORS, return_dtype=pl.String))
        .collect()
    )


RULE = Rule("mixer", version=2, judge=judge)
