"""What counts as a movement, where the oracle and real blocks say nothing."""

import polars as pl
import pytest

from whale_assets.chain.transfers import movements, token_transfers
from whale_assets_tests.chain.core import read
from whale_assets_tests.chain.made import Log, Transaction, address, made_block, transfer
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import USDC

ALICE, BOB = address("alice"), address("bob")
ETHER_LOGGER = "0xfffffffffffffffffffffffffffffffffffffffe"


def moved(transaction: Transaction, number: int = 18_000_000) -> list[tuple[str, str, str, str, str]]:
    """kind, token, from, to and amount of each movement of a block with this transaction alone."""
    _, transactions, logs = read(made_block(transaction, number=number))
    found = movements(transactions.lazy(), token_transfers(logs.lazy()).lazy()).collect()
    return found.select("kind", "token_address", "from_address", "to_address", "amount_raw").rows()


def test_ether_that_the_protocol_logs_is_no_token() -> None:
    """From Amsterdam on every send of ether logs a `Transfer` (EIP-7708): counted as a token it would move twice."""
    log = transfer(ETHER_LOGGER, ALICE, BOB, 5)
    assert moved(Transaction(ALICE, BOB, value_wei=5, logs=[log])) == [("native", ETHER, ALICE, BOB, "5")]


def test_a_contract_that_is_created_with_value_gets_it() -> None:
    assert moved(Transaction(ALICE, None, value_wei=7)) == [("native", ETHER, ALICE, address("created"), "7")]


@pytest.mark.parametrize("number", [4_370_000, 18_000_000])
def test_a_failed_transaction_moves_nothing(number: int) -> None:
    assert moved(Transaction(ALICE, BOB, value_wei=7, succeeds=False), number) == []


def test_before_byzantium_every_transaction_counts_as_succeeded() -> None:
    assert moved(Transaction(ALICE, BOB, value_wei=7), 4_369_999) == [("native", ETHER, ALICE, BOB, "7")]


def test_an_nft_whose_id_is_indexed_is_no_amount() -> None:
    one = transfer(USDC, ALICE, BOB, 721)
    nft = Log(USDC, [*one.topics, one.data], "0x")
    assert moved(Transaction(ALICE, BOB, logs=[nft, one])) == [("erc20", USDC, ALICE, BOB, "721")]


def test_a_block_without_transactions_moves_nothing_and_has_the_columns_all_the_same() -> None:
    _, transactions, logs = read(made_block())
    assert token_transfers(logs.lazy()).is_empty()
    found = movements(transactions.lazy(), token_transfers(logs.lazy()).lazy()).collect()
    assert found.is_empty()
    assert found.schema["amount_raw"] == pl.String
