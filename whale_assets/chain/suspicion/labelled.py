"""A party that a list calls sanctioned, a thief or a fraud.

Belongs here: which categories of labels alarm, and how much. Does not: reading lists.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from whale_assets.chain.suspicion.evidence import Evidence, Finding, Rule, Severity, contacts, in_force

SEVERITY: dict[str, Severity] = {"sanctioned": "critical", "hack": "high", "phishing": "high"}
"""The categories that alarm. Other labels name a party without accusing it."""

ORDER = ("block_number", "transaction_hash", "address", "category", "name_tag", "source", "role")


def judge(evidence: Evidence) -> Iterable[Finding]:
    """A finding for each transaction in which such a party took part while its label was in force."""
    alarming = evidence.labels.filter(pl.col("category").is_in(list(SEVERITY)))
    if alarming.is_empty():
        return
    touched = contacts(evidence, alarming).join(alarming, on="address").filter(in_force()).sort(ORDER)
    for (block, transaction), rows in touched.group_by("block_number", "transaction_hash", maintain_order=True):
        parties = rows.group_by("address", "name_tag", "category", "source", maintain_order=True).agg("role")
        entries = parties.rows(named=True)
        reasons = sorted({reason(row) for row in entries})
        severity: Severity = "critical" if "sanctioned" in {row["category"] for row in entries} else "high"
        yield Finding(block, transaction, severity, reasons, entries)


def reason(party: Mapping[str, Any]) -> str:
    """Who the party is, what it did here, and what a list calls it."""
    name = f"{party['address']} ({party['name_tag']})" if party["name_tag"] else party["address"]
    return f"{name}, {' and '.join(party['role'])}, is {party['category']}"


RULE = Rule("labelled_party", version=2, judge=judge)
