"""What transactions did: real ones that a person read, and rules on transactions made for them."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from whale_assets.chain.actions import ACTIONS
from whale_assets.chain.events import topic
from whale_assets.chain.known import DOLLAR_COINS
from whale_assets.chain.sentences import sentence
from whale_assets.chain.thresholds import Limit
from whale_assets_tests.chain.core import Tables, computed, known_tokens, price_points, reference_points
from whale_assets_tests.chain.made import (
    BLOCK_TIME,
    Log,
    Transaction,
    Withdrawal,
    address,
    made_block,
    topic_of,
    transfer,
    word,
)
from whale_assets_tests.oracle.movements import DEPOSIT, ETHER, ETHER_LOGGER, ISSUE, WITHDRAWAL, ZERO_ADDRESS
from whale_assets_tests.oracle.prices import USDC, USDT, WETH
from whale_assets_tests.oracle.recorded import recorded_block

THRESHOLD_USD = 100_000.0
JUDGED = Path(__file__).with_name("judged_actions.csv")
"""Every recorded transaction with a movement of at least the threshold, and what a person who read its movements and
events says that it did; nothing where in the end it moved less."""

ALICE, BOB, CAROL, DAVE, POOL, ROUTER, LENDER, BOT = map(
    address, ("alice", "bob", "carol", "dave", "pool", "router", "lender", "bot")
)
SYNC, V2_MINT, LOCKED = map(
    topic, ("Sync(uint112,uint112)", "Mint(address,uint256,uint256)", "LockedERC20(address,address,address,uint256)")
)
DOLLARS, ETHERS = 10**6, 10**18
"""Units of USDC and of ether, which costs $2,000."""


# Real transactions


def judged() -> dict[int, dict[str, str]]:
    """Actions by block and transaction."""
    by_block: dict[int, dict[str, str]] = {}
    with JUDGED.open(newline="") as file:
        for row in csv.DictReader(file):
            by_block.setdefault(int(row["block_number"]), {})[row["transaction_hash"]] = row["action"]
    return by_block


def test_real_transactions_did_what_a_person_says_they_did() -> None:
    points, tokens = reference_points(), known_tokens()
    wrong: dict[str, tuple[str, str | None]] = {}
    for number, actions in judged().items():
        tables = computed(recorded_block(number), points, tokens, THRESHOLD_USD)
        found = dict(tables["valued_transactions"].select("transaction_hash", "action").iter_rows())
        large = {*tables["valued_movements"]["transaction_hash"], *found}
        wrong |= {
            each: (found.get(each, ""), actions.get(each)) for each in large if found.get(each, "") != actions.get(each)
        }
    assert wrong == {}


READ = {
    (17686115, "0xbf02921496"): "swapped 4,900,000 USDC for 4,899,415 USDT",
    (17062257, "0xfd0fb83c6f"): "swapped 130 ETH for 276,454 USDT",
    (17686117, "0xb92db74ff7"): "unwrapped 283.7 WETH",
    (15199017, "0x45bce25627"): "supplied 280.4 ETH + some 0xfe2e…043a",
    (12522062, "0x8ad828c75d"): "bridged 1,628,540 USDC to another chain",
    (15752489, "0xd0d8acd843"): "burnt 4,239,283 USDC",
    (12243999, "0x31d861c1c4"): "supplied 168 ETH for some 0x4ddc…0ed5",
    (19426586, "0xc8c399cf73"): "minted 499,442 USDe for 500,000 USDT",
    (19933597, "0x97a571f951"): "swapped 146,115 USDC for 38.37 ETH",
    (19933612, "0xd9372e0b66"): "took 984,034 USDC + 332,356 USDe out",
    (17686115, "0xeeb110de6a"): "moved 100,000 DAI + some 0xcf8d…c314 in",
    (17686111, "0x8fdceb5f9f"): "sent 44,445,786 USDC",
    (17686120, "0xcb050032e1"): "sent 3,895,282 USDC + 43,674 USDT + 3,542 DAI + 3 more to 31 addresses",
}


def test_real_transactions_read_as_they_were() -> None:
    found = {}
    for number, start in READ:
        rows = computed(recorded_block(number), reference_points(), known_tokens(), THRESHOLD_USD)[
            "valued_transactions"
        ]
        [row] = [row for row in rows.iter_rows(named=True) if row["transaction_hash"].startswith(start)]
        found[number, start] = sentence(row)
    assert found == READ


@pytest.mark.parametrize(
    ("number", "start", "words"),
    [
        (17686121, "0x95af644e1e", "minted 6,954 USDC"),
        (17686121, "0x73b9f948cb", "bridged 1,961 USDC from another chain"),
        (17686111, "0xbe895a54c2", "wrapped 10 ETH"),
        (17062257, "0x059771c1aa", "withdrew 39.83 ETH of stake"),
        (17686111, "0x86a5a86381", "took 31,011 USDT + 0.1935 WETH out"),
        (17686119, "0x31867f6b5c", "gained 0.3469 WETH by trading"),
    ],
)
def test_smaller_ones_too(number: int, start: str, words: str) -> None:
    rows = computed(recorded_block(number), reference_points(), known_tokens(), 100.0)["valued_transactions"]
    [said] = [sentence(row) for row in rows.iter_rows(named=True) if row["transaction_hash"].startswith(start)]
    assert said == words


# Made transactions


def tables_of(*transactions: Transaction, threshold_usd: float = THRESHOLD_USD, **more: Any) -> Tables:
    prices = {ETHER: 2_000.0, WETH: 2_000.0, USDC: 1.0, USDT: 1.0}
    points = price_points([(token, BLOCK_TIME - 1, price) for token, price in prices.items()])
    return computed(made_block(*transactions), points, known_tokens(), threshold_usd, **more)


def rows_of(*transactions: Transaction, **more: Any) -> list[dict[str, Any]]:
    return tables_of(*transactions, **more)["valued_transactions"].rows(named=True)


def did(transaction: Transaction) -> tuple[str, str, float]:
    """Action, actor and value."""
    [row] = rows_of(transaction)
    return row["action"], row["actor"], row["value_usd"]


def usdc(giver: str, taker: str, dollars: float) -> Log:
    return transfer(USDC, giver, taker, int(dollars * DOLLARS))


def weth(giver: str, taker: str, ethers: float) -> Log:
    return transfer(WETH, giver, taker, int(ethers * ETHERS))


def wrapped(holder: str, ethers: int) -> Log:
    return Log(WETH, [DEPOSIT, topic_of(holder)], word(ethers * ETHERS))


def unwrapped(holder: str, ethers: int) -> Log:
    return Log(WETH, [WITHDRAWAL, topic_of(holder)], word(ethers * ETHERS))


def traded(pool: str = POOL) -> Log:
    return Log(pool, [SYNC], word(1))


MADE = {
    "a plain send": (Transaction(ALICE, BOB, 60 * ETHERS), ("transfer", ALICE, 120_000.0)),
    "a send by somebody's leave": (
        Transaction(ALICE, USDC, logs=[usdc(BOB, ALICE, 200_000)]),
        ("transfer", ALICE, 200_000.0),
    ),
    "a relayed send": (Transaction(ALICE, ROUTER, logs=[usdc(BOB, CAROL, 200_000)]), ("transfer", BOB, 200_000.0)),
    "a swap is worth what was given": (
        Transaction(ALICE, ROUTER, logs=[usdc(ALICE, POOL, 200_000), weth(POOL, ALICE, 99), traded()]),
        ("swap", ALICE, 200_000.0),
    ),
    "a swap whose ether no log shows": (
        Transaction(ALICE, ROUTER, logs=[usdc(ALICE, POOL, 200_000), traded()]),
        ("swap", ALICE, 200_000.0),
    ),
    "a swap into ether through a router that unwraps it": (
        Transaction(
            ALICE, ROUTER, logs=[usdc(ALICE, POOL, 200_000), weth(POOL, ROUTER, 100), unwrapped(ROUTER, 100), traded()]
        ),
        ("swap", ALICE, 200_000.0),
    ),
    "a swap of ether through a router and its helper": (
        Transaction(
            ALICE, ROUTER, 100 * ETHERS, [wrapped(BOT, 100), weth(BOT, POOL, 100), usdc(POOL, ALICE, 199_000), traded()]
        ),
        ("swap", ALICE, 200_000.0),
    ),
    "a tax on a token that a wallet sends is no swap of the wallet": (
        Transaction(ALICE, USDC, logs=[usdc(ALICE, BOB, 190_000), usdc(ALICE, USDC, 10_000), traded()]),
        ("transfer", ALICE, 200_000.0),
    ),
    "an arbitrage is worth its profit": (
        Transaction(ALICE, BOT, logs=[weth(POOL, BOT, 900), weth(BOT, LENDER, 840), traded(), traded(LENDER)]),
        ("swap", BOT, 120_000.0),
    ),
    "an exploit is worth its loot": (
        Transaction(ALICE, BOT, 1, [usdc(ALICE, POOL, 10), usdc(POOL, ALICE, 500_010)]),
        ("transfer", ALICE, 500_000.0),
    ),
    "wrapping": (Transaction(ALICE, WETH, 60 * ETHERS, [wrapped(ALICE, 60)]), ("wrap", ALICE, 120_000.0)),
    "unwrapping": (Transaction(ALICE, WETH, logs=[unwrapped(ALICE, 60)]), ("unwrap", ALICE, 120_000.0)),
    "USDT is issued": (
        Transaction(ALICE, DAVE, logs=[Log(USDT, [ISSUE], word(10**12))]),
        ("mint", DAVE, 1_000_000.0),
    ),
    "a coin is burnt": (
        Transaction(ALICE, USDC, logs=[usdc(ALICE, ZERO_ADDRESS, 200_000)]),
        ("burn", ALICE, 200_000.0),
    ),
    "a coin is minted for another": (
        Transaction(
            ALICE, ROUTER, logs=[usdc(ALICE, POOL, 200_000), transfer(USDT, ZERO_ADDRESS, ALICE, 199_000 * DOLLARS)]
        ),
        ("mint", ALICE, 200_000.0),
    ),
    "a deposit is worth what was deposited": (
        Transaction(ALICE, LENDER, logs=[usdc(ALICE, LENDER, 200_000), transfer(LENDER, ZERO_ADDRESS, ALICE, 7)]),
        ("add_liquidity", ALICE, 200_000.0),
    ),
    "a deposit that a token hands out from its own": (
        Transaction(ALICE, LENDER, logs=[usdc(ALICE, LENDER, 200_000), transfer(LENDER, LENDER, ALICE, 7)]),
        ("add_liquidity", ALICE, 200_000.0),
    ),
    "liquidity for an NFT": (
        Transaction(
            ALICE, ROUTER, logs=[usdc(ALICE, POOL, 200_000), weth(ALICE, POOL, 100), Log(POOL, [V2_MINT], "0x")]
        ),
        ("add_liquidity", ALICE, 400_000.0),
    ),
    "liquidity taken back": (
        Transaction(ALICE, ROUTER, logs=[transfer(POOL, ALICE, ZERO_ADDRESS, 7), usdc(POOL, ALICE, 200_000)]),
        ("remove_liquidity", ALICE, 200_000.0),
    ),
    "sending to many": (
        Transaction(ALICE, ROUTER, logs=[usdc(ALICE, each, 50_000) for each in (BOB, CAROL, DAVE)]),
        ("send_many", ALICE, 150_000.0),
    ),
    "gathering from many": (
        Transaction(ALICE, ROUTER, logs=[usdc(each, ALICE, 50_000) for each in (BOB, CAROL, DAVE)]),
        ("gather_many", ALICE, 150_000.0),
    ),
    "over a bridge": (
        Transaction(ALICE, ROUTER, logs=[usdc(ALICE, LENDER, 200_000), Log(LENDER, [LOCKED], "0x")]),
        ("bridge_out", ALICE, 200_000.0),
    ),
    "back over a bridge": (
        Transaction(ALICE, ROUTER, logs=[usdc(LENDER, ALICE, 200_000), Log(LENDER, [LOCKED], "0x")]),
        ("bridge_in", ALICE, 200_000.0),
    ),
    "a creation": (Transaction(ALICE, None, 60 * ETHERS), ("deploy", ALICE, 120_000.0)),
    "a loan": (
        Transaction(ALICE, LENDER, logs=[usdc(LENDER, ALICE, 200_000), transfer(BOT, ZERO_ADDRESS, ALICE, 7)]),
        ("other", ALICE, 200_000.0),
    ),
    "ether that the chain logs inside a call": (
        Transaction(
            ALICE,
            ROUTER,
            60 * ETHERS,
            [transfer(ETHER_LOGGER, ALICE, ROUTER, 60 * ETHERS), transfer(ETHER_LOGGER, ROUTER, BOB, 60 * ETHERS)],
        ),
        ("transfer", ALICE, 120_000.0),
    ),
}


@pytest.mark.parametrize(("transaction", "expected"), MADE.values(), ids=MADE)
def test_a_transaction_did(transaction: Transaction, expected: tuple[str, str, float]) -> None:
    assert did(transaction) == expected


def test_every_action_is_seen_here() -> None:
    real = {action for actions in judged().values() for action in actions.values()} - {""}
    made = {action for _, (action, _, _) in MADE.values()}
    assert real | made | {"withdrawal"} == set(ACTIONS)


def test_a_flash_loan_is_nothing_by_itself() -> None:
    there_and_back = [usdc(LENDER, BOT, 9_000_000), usdc(BOT, POOL, 9_000_000), usdc(POOL, BOT, 9_000_000)]
    assert rows_of(Transaction(ALICE, BOT, logs=[*there_and_back, usdc(BOT, LENDER, 9_000_000)])) == []


def test_data_in_a_value_is_not_what_anybody_meant() -> None:
    [row] = rows_of(Transaction(ALICE, BOT, 17, [usdc(BOT, POOL, 200_000), weth(POOL, BOT, 100), traded()]))
    assert (row["given"], row["got"]) == ("200,000 USDC", "100 WETH")


# Roles and whales


def roles(transaction: Transaction) -> dict[str, str]:
    parties = tables_of(transaction)["transaction_parties"]
    return dict(parties.select("address", "role").unique().iter_rows())


def test_routers_and_pools_are_no_whales() -> None:
    logs = [wrapped(BOT, 100), weth(BOT, POOL, 100), usdc(POOL, ALICE, 199_000), traded()]
    swap = Transaction(ALICE, ROUTER, 100 * ETHERS, logs)
    assert roles(swap) == {
        ALICE: "actor",
        ROUTER: "router",
        BOT: "router",
        POOL: "pool",
        WETH: "pool",
        ZERO_ADDRESS: "nobody",
    }
    assert tables_of(swap)["whale_activity"]["address"].to_list() == [ALICE]


def test_a_contract_that_ends_with_something_is_a_whale() -> None:
    """An attacker's contract that holds the loot, a common wallet that was paid."""
    paid = Transaction(ALICE, None, 60 * ETHERS)
    assert roles(paid) == {ALICE: "actor", address("created"): "contract"}
    assert set(tables_of(paid)["whale_activity"]["address"]) == {ALICE, address("created")}


def test_who_sends_transactions_is_no_contract_though_its_code_logs() -> None:
    """A wallet with a delegation (EIP-7702) may log anything."""
    logs = [usdc(ALICE, BOB, 200_000), Log(ALICE, [SYNC], word(1))]
    assert roles(Transaction(ALICE, ALICE, logs=logs, type=4)) == {ALICE: "actor", BOB: "party"}


# Thresholds of single tokens, and the watch-list

UNPRICED = address("unpriced")
[GUSD] = [token.address for token in DOLLAR_COINS if token.symbol == "GUSD"]


@pytest.mark.parametrize(
    ("limits", "reported"),
    [
        ({}, []),
        ({USDC: Limit(40_000.0, "usd")}, [50_000.0]),
        ({USDC: Limit(50_001.0, "tokens")}, []),
        ({USDC: Limit(50_000.0, "tokens")}, [50_000.0]),
    ],
)
def test_a_token_may_have_a_threshold_of_its_own(limits: dict[str, Limit], reported: Sequence[float]) -> None:
    tables = tables_of(Transaction(ALICE, USDC, logs=[usdc(ALICE, BOB, 50_000)]), of_tokens=limits)
    for name in ("valued_movements", "valued_transactions"):
        assert tables[name]["value_usd"].to_list() == reported, name
    assert len(tables["whale_activity"]) == 2 * len(reported)


def test_a_higher_threshold_of_a_token_leaves_its_noise_out() -> None:
    limits = {USDC: Limit(1e6, "usd")}
    assert rows_of(Transaction(ALICE, USDC, logs=[usdc(ALICE, BOB, 500_000)]), of_tokens=limits) == []


def test_parts_of_several_thresholds_add_up() -> None:
    limits = {USDC: Limit(1e6, "usd")}
    both = [usdc(ALICE, BOB, 500_000), weth(ALICE, BOB, 25)]
    [row] = rows_of(Transaction(ALICE, ROUTER, logs=both), of_tokens=limits)
    assert row["value_usd"] == 550_000.0


def test_a_token_without_a_price_is_reported_from_its_own_units_on() -> None:
    limits = {GUSD: Limit(1_000.0, "tokens")}
    sends = [Transaction(ALICE, GUSD, logs=[transfer(GUSD, ALICE, BOB, cents)]) for cents in (99_999, 100_000)]
    [row] = rows_of(*sends, of_tokens=limits)
    assert (row["transaction_index"], row["value_usd"], sentence(row)) == (1, None, "sent 1,000 GUSD")


@pytest.mark.parametrize("watched", [ALICE, BOB])
def test_what_a_watched_address_takes_part_in_is_reported_at_any_value(watched: str) -> None:
    small = Transaction(ALICE, USDC, logs=[usdc(ALICE, BOB, 5)])
    tables = tables_of(small, Transaction(CAROL, DAVE, ETHERS), watched=[watched])
    [row] = tables["valued_transactions"].rows(named=True)
    assert (row["value_usd"], row["is_watched"], sentence(row)) == (5.0, True, "sent 5 USDC")
    assert tables["valued_movements"]["value_usd"].to_list() == [5.0]
    assert tables["whale_activity"].is_empty()


def test_spam_in_a_watched_name_is_not_reported() -> None:
    """Anybody can log a transfer of nothing, or of a token that nobody knows, in anybody's name."""
    spam = [usdc(BOB, CAROL, 0), transfer(UNPRICED, BOB, CAROL, 10**30)]
    tables = tables_of(Transaction(ALICE, ROUTER, logs=spam), watched=[BOB])
    assert tables["valued_transactions"].is_empty()
    assert tables["valued_movements"].is_empty()


def test_spam_in_a_large_transaction_does_not_make_it_a_watched_one() -> None:
    large = Transaction(ALICE, ROUTER, logs=[usdc(ALICE, CAROL, 500_000), usdc(BOB, CAROL, 0)])
    assert [row["is_watched"] for row in rows_of(large, watched=[BOB])] == [False]


def test_a_watched_validator_is_seen() -> None:
    points = price_points([(ETHER, BLOCK_TIME - 1, 2_000.0)])
    block = made_block(withdrawals=[Withdrawal(ALICE, 17), Withdrawal(BOB, 18)])
    rows = computed(block, points, known_tokens(), THRESHOLD_USD, watched=[BOB])["valued_transactions"]
    assert rows.select("action", "actor", "is_watched").rows() == [("withdrawal", BOB, True)]


# What nobody should send


@pytest.mark.parametrize(
    "party", [ZERO_ADDRESS, USDC, "0x" + "0" * 39 + "1", ALICE], ids=["zero", "token", "precompile", "self"]
)
def test_odd_parties_make_no_wrong_row(party: str) -> None:
    tables = tables_of(
        Transaction(ALICE, USDC, logs=[usdc(ALICE, party, 500_000)]), Transaction(ALICE, party, 90 * ETHERS)
    )
    sums: dict[tuple[int, str], int] = {}
    for row in tables["transaction_parties"].rows(named=True):
        key = row["transaction_index"], row["token_address"]
        sums[key] = sums.get(key, 0) + int(row["net_raw"])
    assert set(sums.values()) <= {0}
    assert len(tables["valued_transactions"]) == (0 if party == ALICE else 2)


def test_a_thousand_transfers_in_one_transaction_are_one_row() -> None:
    logs = [usdc(ALICE, address(f"taker {place}"), 1_000 + place) for place in range(1_000)]
    [row] = rows_of(Transaction(ALICE, ROUTER, logs=logs))
    assert (row["action"], row["counterparty_count"], row["movement_count"]) == ("send_many", 1_000, 1_000)
    assert row["value_usd"] == sum(range(1_000, 2_000))


def test_a_token_with_a_famous_symbol_is_another_token() -> None:
    fake = [transfer(UNPRICED, POOL, ALICE, 10**30), usdc(ALICE, POOL, 200_000), traded()]
    [row] = rows_of(Transaction(ALICE, ROUTER, logs=fake))
    assert row["got"].startswith("some 0x")


def test_amounts_near_the_largest_are_exact_and_worth_what_they_are() -> None:
    most = 2**256 - 1
    tables = tables_of(Transaction(ALICE, USDC, logs=[transfer(USDC, ALICE, BOB, most)]))
    assert set(tables["transaction_parties"]["net_raw"]) == {str(most), str(-most)}
    assert tables["token_flows"]["amount_raw"].to_list() == [str(most)]
    assert tables["valued_transactions"]["value_usd"].to_list() == [pytest.approx(most / 10**6)]
