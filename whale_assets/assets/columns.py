"""What Dagster shows of columns: types, a sentence each, and where they come from.

Belongs here: the descriptions, one a column name: the same name means the same thing in every table. Does not: the
types, which the frames' schemas say.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from whale_assets.chain.frames import Schema

Origins = Mapping[str, tuple[str, ...]]
"""The columns that a column is made of, as `asset.column`; where it tells something."""

DESCRIPTIONS: Mapping[str, str] = {
    "action": "What the acting party did: docs/actions.md has the rules.",
    "actor": "Who acted: the sender, whom it called, or the largest party.",
    "address": "Lower-case 0x text.",
    "amount_gwei": "Gwei: a billion wei each.",
    "amount": "In whole tokens, floating: for reading.",
    "amount_raw": "In the token's smallest unit, exact, as text of digits.",
    "base_fee_per_gas": "Wei; null before London.",
    "block_hash": "The block that the verdict speaks of: it may have left the chain.",
    "block_number": "The block it happened in.",
    "block_range": "The partition.",
    "category": "Such as exchange, sanctioned, mixer.",
    "counterparty": "Who stood on the other side; the zero address is nobody: minting and burning.",
    "counterparty_count": "How many others took of what the actor gave, or gave of what it got.",
    "created_contract": "The address of the contract that the transaction created.",
    "data": "0x-hex.",
    "decimals": "Digits after the point of one whole token.",
    "effective_gas_price": "Wei a gas.",
    "entity": "Who is behind the address.",
    "evidence": "What the rule saw, as JSON.",
    "fee_recipient": "Who gets the block's fees: its builder.",
    "fee_usd": "Dollars for the gas; null where ether has no price.",
    "fee_wei": "Wei: gas used times its effective price.",
    "first_block": "The first block with a transaction in which it gave or gained at least the threshold.",
    "from_address": "Who gave. Not always the transaction's sender.",
    "gas_used": "Gas.",
    "given": "What the actor gave in the end, in words.",
    "given_usd": "What the actor gave in the end, in dollars.",
    "got": "What the actor got in the end, in words.",
    "got_usd": "What the actor got in the end, in dollars.",
    "hash": "The block's hash.",
    "hour": "Its first second, since 1970, UTC.",
    "is_watched": "Whether a watched address took part: then it is reported at any value.",
    "kind": "Of ether native, builder, creation, internal, withdrawal; of tokens erc20, mint, burn, wrap, unwrap.",
    "last_block": "The last block with such a transaction.",
    "log_index": "Within the block; -1 where there is no log; of a withdrawal its place among the block's.",
    "method": "The first four bytes of the call's input; null where there are none.",
    "movement_count": "How many movements there were, priced or not.",
    "name_tag": "The address's name in a list.",
    "net_amount": "Gained (or given, below zero) in the end, in whole tokens.",
    "net_raw": "Gained (or given, below zero) in the end, in the smallest unit, exact.",
    "net_usd": "Gained (or given, below zero) in the end, in dollars; null where the token has no price.",
    "nonce": "The number of transactions that the sender had sent before.",
    "note": "Why it is watched.",
    "number": "The block's number.",
    "parent_hash": "The hash of the block before.",
    "price_block": "The block at whose end the price was known; null for a listed price, which is of a time.",
    "price_source": "Who said the price.",
    "price_usd": "Dollars for one whole token.",
    "reasons": "Why, for people.",
    "received_count": "Such transactions in which it gained something.",
    "received_usd": "Dollars that it gained in the end of all such transactions.",
    "recipient": "To whom the transaction is addressed; null where it creates a contract.",
    "role": "actor, party, contract (has code), pool (logs what goes through it), router (passes on), nobody.",
    "rule": "The rule that judged.",
    "rule_version": "Rules change: this is the one that judged.",
    "sender": "Who signed the transaction.",
    "sent_count": "Such transactions in which it gave something.",
    "sent_usd": "Dollars that it gave in the end of all such transactions.",
    "severity": "low, medium, high or critical.",
    "source": "Where it is from.",
    "status": "1 succeeded, 0 failed, null before Byzantium: then it counts as succeeded.",
    "symbol": "As a list says: never as the token says.",
    "timestamp": "Seconds since 1970, UTC.",
    "to_address": "Who got.",
    "token_address": "The token; ether is the zero address.",
    "topic0": "The event.",
    "topic1": "First indexed argument.",
    "topic2": "Second indexed argument.",
    "topic3": "Third indexed argument.",
    "transaction_count": "Transactions of the block.",
    "transaction_hash": "The transaction's hash; of a withdrawal, which is of none, its block's.",
    "transaction_index": "Within the block; below zero for a withdrawal.",
    "transaction_type": "0 legacy, 1 access list, 2 dynamic fee, 3 blobs, 4 delegation.",
    "validator_index": "Which validator.",
    "valid_from": "Seconds since 1970, UTC; null: always.",
    "valid_to": "Seconds since 1970, UTC; null: still.",
    "valid_until": "Seconds since 1970, UTC: the age limit; no later block is priced by it. Prices of `pools` and "
    "`declared` end after 25 blocks, too.",
    "value_usd": "Dollars, at the price known at the end of the parent block; null where there is none.",
    "value_wei": "Wei.",
    "withdrawal_count": "Withdrawals of the block; null where the node tells of none.",
    "withdrawal_index": "Counted over the whole chain.",
}


def column_metadata(columns: Schema, origins: Origins | None = None) -> dict[str, Any]:
    """Columns and their lineage, as an asset's metadata."""
    origins = origins or {}
    metadata: dict[str, Any] = {
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn(name, type=str(dtype), description=described(name, origins))
                for name, dtype in columns.items()
            ]
        )
    }
    if origins:
        metadata["dagster/column_lineage"] = lineage(origins)
    return metadata


def described(name: str, origins: Origins) -> str:
    """The sentence of a column; its lineage too, for Dagster's own page of columns shows none."""
    if name not in origins:
        return DESCRIPTIONS[name]
    return f"{DESCRIPTIONS[name]} From {', '.join(origins[name])}."


def lineage(origins: Origins) -> dg.TableColumnLineage:
    """The same in Dagster's terms."""
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(dg.AssetKey(asset), column) for asset, column in map(split, columns)]
            for name, columns in origins.items()
        }
    )


def split(column: str) -> tuple[str, str]:
    """Asset and column."""
    asset, _, name = column.partition(".")
    return asset, name
