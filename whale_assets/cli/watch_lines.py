"""What was seen, in lines: for people, or for programs.

Belongs here: a line a transaction, shown or taken back, as text and as JSON. Does not: what is seen (`live/watching`),
where lines go, or the form of the feed (`feed.py`).
The fields of the JSON are a contract: docs/watch.md names them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from rich.text import Text

from whale_assets.chain.sentences import sentence
from whale_assets.chain.text import printable
from whale_assets.cli.feed import Reader, lines, styled
from whale_assets.cli.numbers import cut
from whale_assets.live.watching import Found, TakenBack

LONGEST = 500
"""Columns for a name or a reason in JSON."""
Rules = Mapping[str, Sequence[Mapping[str, Any]]]


def text_lines(sight: Found | TakenBack, reader: Reader, threshold_usd: float, width: int) -> Iterator[Text]:
    """A line a transaction, as in the feed; of one that was shown and left the chain, that it is taken back."""
    if isinstance(sight, Found):
        rules = {hash_: [each["rule"] for each in found] for hash_, found in rules_of(sight).items()}
        for line in lines(sight.transactions, reader, rules):
            yield styled(line, threshold_usd, width)
        return
    for line in lines(sight.transactions, reader, {}):
        text = styled(line._replace(moved=f"taken back: {line.moved}"), threshold_usd, width)
        text.stylize("dim")
        yield text


def json_lines(sight: Found | TakenBack, reader: Reader) -> Iterator[str]:
    """An object a line, `event` first: `transaction`, or `retracted` for one that was shown and left the chain."""
    event: Literal["transaction", "retracted"] = "transaction" if isinstance(sight, Found) else "retracted"
    rules = rules_of(sight) if isinstance(sight, Found) else {}
    for row in sight.transactions.iter_rows(named=True):
        told = {
            "event": event,
            **{name: printable(value) if isinstance(value, str) else value for name, value in row.items()},
            "sentence": sentence(row),
            "suspicions": rules.get(row["transaction_hash"], []),
            **{f"{party}_is": known_as(row[party], reader) for party in ("actor", "counterparty")},
        }
        yield msgspec.json.encode(told).decode()


def known_as(address: str | None, reader: Reader) -> str | None:
    """An address's name tag or standing, where either is known."""
    name = reader.names.get(address or "") or reader.standings.get(address or "")
    return cut(name, LONGEST) if name else None


def rules_of(sight: Found) -> Rules:
    """What suspects each transaction, by its hash."""
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for row in sight.look.verdicts.iter_rows(named=True):
        told = {"rule": row["rule"], "severity": row["severity"], "reasons": cut(row["reasons"], LONGEST)}
        rules.setdefault(row["transaction_hash"], []).append(told)
    return rules
