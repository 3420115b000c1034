"""Token transfers: what the logs say of tokens that moved."""

import dagster as dg

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames
from whale_assets.chain import transfers as core
from whale_assets.chain.certificate import Certificate
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


@range_asset(
    "movements",
    "lake",
    frames.TOKEN_TRANSFERS,
    origins={
        "token_address": ("logs.address",),
        "from_address": ("logs.topic1",),
        "to_address": ("logs.topic2",),
        "amount_raw": ("logs.data",),
    },
)
def token_transfers(
    context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores], blocks: Stored, logs: Stored
) -> Computation:
    """ERC-20 movements: `Transfer` logs of three topics and 32 bytes of data. NFTs are not among them."""

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        rows = core.token_transfers(logs.read(certificate))
        return {"token_transfers": rows}, {"movements": rows.height, "tokens": rows["token_address"].n_unique()}

    return per_range(context, stores, blocks, compute)
