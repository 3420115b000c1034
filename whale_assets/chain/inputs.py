"""What each table is computed from, beside its range's blocks: the text of its stamp.

Belongs here: which settings, lists and versions a table depends on. Does not: the stamps' storage.
A range is current when its stamps say what this module says now.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whale_assets.chain.pools.factories import Factory
from whale_assets.chain.prices.chainlink import CHAINLINK
from whale_assets.chain.prices.declared import DECLARED
from whale_assets.chain.prices.pools import POOLS
from whale_assets.chain.suspicion import RULES
from whale_assets.chain.thresholds import Thresholds

VERSIONS = {"movements": 1, "prices": 4, "valuation": 3, "whales": 3}
"""Raise a version whenever its computation would give other rows for the same input."""


@dataclass(frozen=True)
class Inputs:
    """The settings and the lists (a digest each) that tables depend on."""

    thresholds: Thresholds
    trust: Sequence[str]
    imported_max_age: int
    pool_depth_usd: float
    unlisted_pool_depth_usd: float
    pool_factories: Sequence[Factory]
    list_digests: Mapping[Literal["tokens", "labels", "prices", "feeds", "ratios", "watchlist"], str]

    def by_table(self) -> dict[str, str]:
        """The stamp of every table, by its name, in the order in which the tables are computed."""
        movements = {"movements": VERSIONS["movements"]}
        prices: dict[str, object] = {
            "prices": VERSIONS["prices"],
            "trust": list(self.trust),
            "imported_max_age": self.imported_max_age,
            "price_points": self.list_digests["prices"],
        }
        if CHAINLINK in self.trust:
            prices["feeds"] = self.list_digests["feeds"]
        if DECLARED in self.trust:
            prices["ratios"] = self.list_digests["ratios"]
        if POOLS in self.trust:
            prices |= {
                "pool_depth_usd": self.pool_depth_usd,
                "unlisted_pool_depth_usd": self.unlisted_pool_depth_usd,
                "pool_factories": [str(factory) for factory in self.pool_factories],
                "tokens": self.list_digests["tokens"],
            }
        valuation = {
            **movements,
            **prices,
            "valuation": VERSIONS["valuation"],
            "tokens": self.list_digests["tokens"],
            "thresholds": self.thresholds.text(),
            "watchlist": self.list_digests["watchlist"],
        }
        verdicts = {
            **valuation,
            "labels": self.list_digests["labels"],
            "rules": {rule.name: rule.version for rule in RULES},
        }
        return {
            "ether_transfers": text(movements),
            "token_transfers": text(movements),
            "prices": text(prices),
            "valued_movements": text(valuation),
            "valued_transactions": text(valuation),
            "transaction_parties": text(valuation),
            "token_flows": text(valuation),
            "whale_activity": text({**valuation, "whales": VERSIONS["whales"]}),
            "verdicts": text(verdicts),
        }


def text(inputs: Mapping[str, object]) -> str:
    """The same inputs always give the same text."""
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"))
