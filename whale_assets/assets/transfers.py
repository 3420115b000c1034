"""Ether and token transfers: every movement of value, of a kind."""

from collections.abc import Iterator

import dagster as dg

from whale_assets.assets.shell import Metadata, Tables, per_range, range_spec
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.movements import movements
from whale_assets.failures import told_on_the_page
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE

UPSTREAM = ("blocks", "transactions", "logs", "withdrawals")


@dg.multi_asset(
    specs=[
        range_spec(
            "ether_transfers",
            "movements",
            "lake",
            frames.MOVEMENTS,
            "Movements of ether: what transactions carried, gave to new contracts and paid to proposers, what moved "
            "inside calls where the chain logs it, and validators' withdrawals. Before Amsterdam ether inside calls "
            "is not seen.",
            origins={"amount_raw": ("transactions.value_wei", "logs.data", "withdrawals.amount_gwei")},
            deps=UPSTREAM,
        ),
        range_spec(
            "token_transfers",
            "movements",
            "lake",
            frames.MOVEMENTS,
            "Movements of tokens: transfers, minting and burning, wrapping and unwrapping of ether. No NFTs.",
            origins={
                "token_address": ("logs.address",),
                "from_address": ("logs.topic1", "logs.data"),
                "to_address": ("logs.topic2", "logs.data"),
                "amount_raw": ("logs.data",),
            },
            deps=UPSTREAM,
        ),
    ],
    partitions_def=BLOCK_RANGE,
    backfill_policy=BACKFILL_POLICY,
)
def transfers(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    blocks: Stored,
    transactions: Stored,
    logs: Stored,
    withdrawals: Stored,
) -> Iterator[dg.MaterializeResult[Computation]]:
    """Reads each kind of movement once, for both files."""

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        mined = blocks.read(certificate).collect()
        read = [stored.read(certificate) for stored in (transactions, logs, withdrawals)]
        ether, tokens, not_read = movements(mined, *read)
        kinds = {**dict(ether["kind"].value_counts().iter_rows()), **dict(tokens["kind"].value_counts().iter_rows())}
        return {"ether_transfers": ether, "token_transfers": tokens}, {
            **{f"{kind}_movements": count for kind, count in sorted(kinds.items())},
            "tokens": tokens["token_address"].n_unique(),
            **not_read,
            "blocks_without_withdrawals": mined["withdrawal_count"].null_count(),
            "ether_inside_calls": "logged by the chain" if "internal" in kinds else "not seen: it needs traces",
        }

    with told_on_the_page():
        yield dg.MaterializeResult("ether_transfers", value=per_range(context, stores, blocks, compute))
        yield dg.MaterializeResult("token_transfers")
