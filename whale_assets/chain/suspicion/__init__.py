"""Which transactions are suspect, and why: a rule a file.

Belongs here: the list of rules, and how their findings become verdicts. Does not: what a rule looks for.

To add a rule: write a file with a `RULE` (a `Rule`: name, version, and a pure function from `Evidence` to `Finding`s),
and add it to the list below. Raise its version whenever it would judge differently: older verdicts are then known as
out of date.
"""

from collections.abc import Sequence

import msgspec
import polars as pl

from whale_assets.chain.frames import VERDICTS
from whale_assets.chain.suspicion import fresh_wallet, labelled, mixer
from whale_assets.chain.suspicion.evidence import Evidence, Rule

RULES: Sequence[Rule] = (labelled.RULE, mixer.RULE, fresh_wallet.RULE)


def verdicts(evidence: Evidence, rules: Sequence[Rule] = RULES) -> pl.DataFrame:
    """The verdicts of a range (schema VERDICTS): at most one a transaction and rule."""
    hashes = dict(evidence.blocks.select("number", "hash").iter_rows())
    rows = [
        {
            "block_number": finding.block_number,
            "block_hash": hashes[finding.block_number],
            "transaction_hash": finding.transaction_hash,
            "log_index": -1,
            "rule": rule.name,
            "rule_version": rule.version,
            "severity": finding.severity,
            "reasons": "; ".join(finding.reasons),
            "evidence": msgspec.json.encode(finding.evidence, order="deterministic").decode(),
        }
        for rule in rules
        for finding in rule.judge(evidence)
    ]
    return pl.DataFrame(rows, schema=VERDICTS).sort("block_number", "transaction_hash", "rule")
