"""Suspect transactions: the rules' verdicts."""

from functools import cache

import dagster as dg

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.suspicion import RULES, verdicts
from whale_assets.chain.suspicion.evidence import Evidence
from whale_assets.io.lists import labels
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


@range_asset("suspicion", "sql", frames.VERDICTS, deps=["valued_transactions", "address_labels"])
def suspect_transactions(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    blocks: Stored,
    transactions: Stored,
    logs: Stored,
    ether_transfers: Stored,
    token_transfers: Stored,
    prices: Stored,
) -> Computation:
    """What the rules name, with reasons (`verdicts`); the view `suspect_transactions` adds whether it is final."""
    labelled = cache(lambda: labels(stores.sql))

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        evidence = Evidence(
            blocks=blocks.read(certificate).collect(),
            transactions=transactions.read(certificate),
            logs=logs.read(certificate),
            ether_transfers=ether_transfers.read(certificate),
            token_transfers=token_transfers.read(certificate),
            priced_tokens=prices.read(certificate).collect()["token_address"].unique().sort().to_list(),
            valued_transactions=stores.sql.read("valued_transactions", certificate),
            transaction_parties=stores.sql.read("transaction_parties", certificate),
            labels=labelled(),
            thresholds=stores.settings.thresholds,
        )
        rows = verdicts(evidence)
        found = dict(rows["rule"].value_counts().iter_rows())
        return {"verdicts": rows}, {
            "suspects": rows["transaction_hash"].n_unique(),
            **{f"by_{rule.name}": found.get(rule.name, 0) for rule in RULES},
        }

    return per_range(context, stores, blocks, compute)
