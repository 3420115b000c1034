"""A party that a list calls sanctioned, a thief or a fraud.

Belongs here: which categories of labels alarm, and how much. Does not: reading lists.
"""

from collections.abc import Iterable

import polars as pl

from whale_assets.chain.suspicion.evidence import Evidence, Finding, Rule, Severity, contacts, in_force

SEVERITY: dict[str, Severity] = {"sanctioned": "critical", "hack": "high", "phishing": "high"}
"""The categories that alarm. Other labels name a party without accusing it."""


def judge(evidence: Evidence) -> Iterable[Finding]:
    """A finding for each transaction in which such a party took part while its label was in force."""
    alarming = evidence.labels.filter(pl.col("category").is_in(list(SEVERITY)))
    touched = contacts(evidence, alarming).join(alarming, on="address").filter(in_force())
    for (block, transaction), rows in touched.group_by("block_number", "transaction_hash", maintain_order=True):
        entries = rows.select("role", "address", "category", "name_tag", "source").rows(named=True)
        reasons = sorted(
            {f"{row['role']} {named(row['address'], row['name_tag'])} is {row['category']}" for row in entries}
        )
        severity: Severity = "critical" if "sanctioned" in {row["category"] for row in entries} else "high"
        yield Finding(block, transaction, severity, reasons, entries)


def named(address: str, name_tag: str | None) -> str:
    """An address with its name tag where it has one."""
    return f"{address} ({name_tag})" if name_tag else address


RULE = Rule("labelled_party", version=1, judge=judge)
