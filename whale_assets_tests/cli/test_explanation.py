"""An explanation in lines: pools, many movements, a failed transaction."""

import polars as pl

from whale_assets.chain.explained.transaction import Explanation
from whale_assets.chain.known import WETH
from whale_assets.chain.pools.factories import V2
from whale_assets.cli.explanation import Told, lines
from whale_assets.settings import read_settings
from whale_assets_tests.chain.core import read
from whale_assets_tests.chain.explained.made import explanation
from whale_assets_tests.chain.made import Transaction, address, hash_of, made_block, transfer
from whale_assets_tests.chain.pools.made import FIRST, LAST, START, Logs, Pool, inputs_of

ALICE, BOB = address("alice"), address("bob")
TOKEN, THIRD = "0x" + "01" * 20, "0x" + "03" * 20
UNIT = 10**18
TIME = START + 12 * (LAST + 1 - FIRST)
SETTINGS = read_settings({})


def traded() -> Logs:
    """A pool of a token and ether, and one of the token and an unknown one."""
    logs = Logs()
    for kind, quote, held in ((V2, WETH.address, 200), (V2, THIRD, 10)):
        Pool(logs, kind, TOKEN, quote).trades(LAST - 60, -1_000 * UNIT, UNIT, (1_000 * held * UNIT, held * UNIT))
    return logs


def explained(*moves: tuple[str, int], succeeds: bool = True, logs: Logs | None = None) -> Explanation:
    """A transaction of the block after the last step, which moved so much of these tokens."""
    sent = [transfer(token, ALICE, BOB, amount) for token, amount in moves]
    block = made_block(Transaction(ALICE, BOB, logs=sent, succeeds=succeeds), number=LAST + 1, timestamp=TIME)
    fetched = read(block)
    fetched = fetched._replace(transactions=fetched.transactions.with_columns(status=pl.lit(int(succeeds), pl.Int64)))
    prices = inputs_of(logs or Logs(), {WETH.address: 2_000.0}, {TOKEN: 18}, 100_000)
    return explanation(fetched, prices, hash_of({"blockNumber": hex(LAST + 1), "transactionIndex": "0x0"}))


def told(facts: Explanation, most: int = 10, gone: int = 0) -> list[str]:
    return list(lines(facts, Told(SETTINGS, stored=None, outdated=[], gone=gone, most=most)))


def test_pools_are_told_a_pair_of_lines_each() -> None:
    found = told(explained((TOKEN, 5 * UNIT), logs=traded()))
    start = next(place for place, line in enumerate(found) if "counted" in line)
    heading, counted, says, refused, why = found[start : start + 5]
    assert heading == "    1 pool counted, 1 refused"
    assert counted.startswith("    ✓ uniswap_v2, T0/WETH, 0x")
    assert says.startswith(
        "      $2, with the other token at $2,000, of which it holds $400k at least; 100.0% of the weight; "
        "median ratio 0.001, known for 61 of 75 blocks, last event: block 1040, log "
    )
    assert refused.startswith("    ✗ uniswap_v2, T0/0x0303…0303, 0x")
    assert why.startswith("      the decimals of its two tokens are not both known;")
    assert any(
        line.endswith("5000000000000000000 / 10^18 = 5 × $2 = $10.00, 0.0001 of its threshold") for line in found
    )


def test_no_more_than_asked_for_is_told_of_anything() -> None:
    facts = explained((TOKEN, 5 * UNIT), (TOKEN, 6 * UNIT), (WETH.address, UNIT), logs=traded())
    found = told(facts, most=1)
    assert [line for line in found if line.startswith(("WETH", "T0"))] == [f"WETH ({WETH.address})"]
    assert "and 1 more token: --most 2 tells of them" in found
    found = told(facts, most=2)
    assert [" = 6 × " in line for line in found if line.startswith("  erc20")] == [False, True, False], "largest first"


def test_events_that_nobody_could_fetch_are_told_loudly() -> None:
    facts = explained((TOKEN, UNIT))
    loud = "! of 7,426 blocks before its range no node held the events: prices go without those"
    assert loud in told(facts, gone=7_426)
    assert not any(line.startswith("!") for line in told(facts))


def test_a_failed_transaction_moved_nothing() -> None:
    found = told(explained((TOKEN, UNIT), succeeds=False))
    assert found[2] == "it failed: it moved nothing"
    assert found[-1] == "worth: nothing is known of it"
