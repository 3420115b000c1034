"""Transactions in words, judged by eye."""

from typing import Any

import polars as pl
import pytest

from whale_assets.chain.actions import ACTIONS
from whale_assets.chain.sentences import SENTENCES as TOLD
from whale_assets.chain.sentences import amount, digits, sentence, told_amounts

TOKEN = "0x" + "e" * 40


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (4_900_000.0, "4,900,000"),
        (2_610.4, "2,610"),
        (1_000.0, "1,000"),
        (999.96, "1000"),
        (283.6712, "283.7"),
        (51.3456, "51.35"),
        (1.23456, "1.235"),
        (10.0, "10"),
        (0.5, "0.5"),
        (0.0412345, "0.04123"),
        (0.000001234, "1.234e-06"),
        (1.23e-9, "1.23e-09"),
        (0.0, "0"),
        (1.157e59, "1.157e+59"),
    ],
)
def test_amounts_are_whole_where_they_are_large_and_have_four_digits_where_they_are_small(
    value: float, words: str
) -> None:
    assert digits(value) == words


@pytest.mark.parametrize(
    ("symbol", "whole", "words"),
    [
        ("USDC", -5.0, "5 USDC"),
        ("USDC", None, "some USDC"),
        (None, 5.0, "5 0xeeee…eeee"),
        (None, None, "some 0xeeee…eeee"),
        ("E\x1b[2J\nTHEREUM", 5.0, "5 E[2JTHEREUM"),
        ("\n", 5.0, "5 0xeeee…eeee"),
        ("A SYMBOL OF MANY LETTERS", 5.0, "5 A SYMBOL OF "),
    ],
)
def test_a_symbol_is_a_name_that_cannot_steer_the_terminal(symbol: str | None, whole: float | None, words: str) -> None:
    assert amount(whole, symbol, TOKEN) == words


SENTENCES = {
    ("transfer", "1,200 ETH", None): "sent 1,200 ETH",
    ("transfer", None, "1,200 ETH"): "received 1,200 ETH",
    ("swap", "4,900,000 USDC", "2,610 WETH"): "swapped 4,900,000 USDC for 2,610 WETH",
    ("swap", "4,900,000 USDC", None): "swapped 4,900,000 USDC for what no log shows",
    ("swap", None, "5.2 WETH"): "gained 5.2 WETH by trading",
    ("wrap", "283.7 ETH", "283.7 WETH"): "wrapped 283.7 ETH",
    ("unwrap", "283.7 WETH", "283.7 ETH"): "unwrapped 283.7 WETH",
    ("mint", None, "50,000,000 USDT"): "minted 50,000,000 USDT",
    ("mint", "500,000 USDT", "499,442 USDe"): "minted 499,442 USDe for 500,000 USDT",
    ("burn", "4,239,283 USDC", None): "burnt 4,239,283 USDC",
    ("burn", "500 DAI", "0.3 ETH"): "burnt 500 DAI for 0.3 ETH",
    ("add_liquidity", "168 ETH", "some 0x4ddc…0ed5"): "supplied 168 ETH for some 0x4ddc…0ed5",
    ("add_liquidity", "20 ETH + 5 DAI", None): "supplied 20 ETH + 5 DAI",
    ("remove_liquidity", None, "93.41 WETH"): "took 93.41 WETH out",
    ("send_many", "769,439 USDC", None): "sent 769,439 USDC to 15 addresses",
    ("gather_many", None, "20 ETH"): "gathered 20 ETH from 15 addresses",
    ("bridge_out", "1,628,540 USDC", None): "bridged 1,628,540 USDC to another chain",
    ("bridge_in", None, "1,961 USDC"): "bridged 1,961 USDC from another chain",
    ("deploy", "898.2 ETH", None): "deployed a contract with 898.2 ETH",
    ("deploy", None, None): "deployed a contract",
    ("withdrawal", None, "39.83 ETH"): "withdrew 39.83 ETH of stake",
    ("other", None, "100,000 DAI + some 0xcf8d…c314"): "moved 100,000 DAI + some 0xcf8d…c314 in",
    ("other", None, None): "moved value in a circle",
}


@pytest.mark.parametrize(("said", "words"), SENTENCES.items())
def test_a_transaction_reads_as_a_sentence(said: tuple[str, str | None, str | None], words: str) -> None:
    action, given, got = said
    row: dict[str, Any] = {"action": action, "given": given, "got": got, "counterparty_count": 15}
    assert sentence(row) == words


def test_every_action_has_a_sentence() -> None:
    assert {action for action, _, _ in SENTENCES} == set(TOLD) == set(ACTIONS)


def test_the_largest_is_told_first_and_what_is_beyond_three_is_counted() -> None:
    nets = [("T1", -5.0, None), ("T2", -1.0, -10.0), ("T3", -2.0, -30.0), ("T4", -3.0, -20.0), ("T5", 9.0, 60.0)]
    own = pl.DataFrame(
        [
            {
                "block_number": 1,
                "transaction_index": 2,
                "token_address": f"0x{symbol}",
                "symbol": symbol,
                "net_raw": str(int(whole)),
                "net_amount": whole,
                "net_usd": usd,
            }
            for symbol, whole, usd in nets
        ]
    )
    [row] = told_amounts(own).rows(named=True)
    assert (row["given"], row["got"]) == ("2 T3 + 3 T4 + 1 T2 + 1 more", "9 T5")
