"""What counts as a movement, where the oracle and real blocks say nothing."""

from collections.abc import Sequence

import pytest

from whale_assets.chain import frames
from whale_assets.chain.movements import movements
from whale_assets.chain.movements.erc20 import not_read
from whale_assets_tests.chain.core import computed, known_tokens, price_points, read
from whale_assets_tests.chain.made import (
    Log,
    Transaction,
    Withdrawal,
    address,
    made_block,
    topic_of,
    transfer,
    word,
)
from whale_assets_tests.oracle.movements import (
    DEPOSIT,
    DESTROYED,
    ETHER,
    ETHER_LOGGER,
    ISSUE,
    OLD_BURN,
    OLD_DAI,
    OLD_MINT,
    REDEEM,
    WITHDRAWAL,
    ZERO_ADDRESS,
)
from whale_assets_tests.oracle.prices import USDC, USDT, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_block

ALICE, BOB, WALLET, BUILDER = map(address, ("alice", "bob", "wallet", "builder"))

Moved = tuple[str, str, str, str, str]
"""kind, token, from, to and amount."""


def all_of(block: RecordedBlock) -> list[Moved]:
    """Each movement of a block, the tokens' first."""
    headers, transactions, logs, withdrawals = read(block)
    blocks = headers.select(list(frames.BLOCKS))
    found = movements(blocks, transactions.lazy(), logs.lazy(), withdrawals.lazy())
    columns = ("kind", "token_address", "from_address", "to_address", "amount_raw")
    return [*found.tokens.select(columns).rows(), *found.ether.select(columns).rows()]


def moved(transaction: Transaction, number: int = 18_000_000) -> list[Moved]:
    """What a transaction moved, alone in its block."""
    return all_of(made_block(transaction, number=number))


def test_a_contract_that_is_created_with_value_gets_it() -> None:
    assert moved(Transaction(ALICE, None, value_wei=7)) == [("creation", ETHER, ALICE, address("created"), "7")]


@pytest.mark.parametrize("number", [4_370_000, 18_000_000])
def test_a_failed_transaction_moves_nothing(number: int) -> None:
    assert moved(Transaction(ALICE, BOB, value_wei=7, succeeds=False), number) == []


def test_before_byzantium_every_transaction_counts_as_succeeded() -> None:
    assert moved(Transaction(ALICE, BOB, value_wei=7), 4_369_999) == [("native", ETHER, ALICE, BOB, "7")]


def test_an_nft_whose_id_is_indexed_is_no_amount_and_is_counted() -> None:
    """ERC-721 and ERC-404 share the event; contracts older than the standard index nothing."""
    one = transfer(USDC, ALICE, BOB, 721)
    nft = Log(USDC, [*one.topics, one.data], "0x")
    old = Log(USDC, one.topics[:1], "0x" + "".join(topic[2:] for topic in one.topics[1:]) + one.data[2:])
    bare = Log(USDC, one.topics[:2], one.data)
    transaction = Transaction(ALICE, BOB, logs=[nft, one, old, bare])
    assert moved(transaction) == [("erc20", USDC, ALICE, BOB, "721")]
    _, _, logs, _ = read(made_block(transaction))
    assert not_read(logs) == {"nft_transfers": 1, "malformed_transfers": 2}


@pytest.mark.parametrize(
    ("giver", "taker", "kind"),
    [(ZERO_ADDRESS, BOB, "mint"), (ALICE, ZERO_ADDRESS, "burn"), (ZERO_ADDRESS, ZERO_ADDRESS, "erc20")],
)
def test_a_transfer_from_nobody_is_minting_and_to_nobody_burning(giver: str, taker: str, kind: str) -> None:
    assert moved(Transaction(ALICE, USDC, logs=[transfer(USDC, giver, taker, 5)])) == [(kind, USDC, giver, taker, "5")]


SUPPLY = [
    (Log(OLD_DAI, [OLD_MINT, topic_of(BOB)], word(5)), ("mint", OLD_DAI, ZERO_ADDRESS, BOB, "5")),
    (Log(OLD_DAI, [OLD_BURN, topic_of(BOB)], word(5)), ("burn", OLD_DAI, BOB, ZERO_ADDRESS, "5")),
    (Log(USDT, [ISSUE], word(5)), ("mint", USDT, ZERO_ADDRESS, WALLET, "5")),
    (Log(USDT, [REDEEM], word(5)), ("burn", USDT, WALLET, ZERO_ADDRESS, "5")),
    (Log(USDT, [DESTROYED], topic_of(BOB) + word(5)[2:]), ("burn", USDT, BOB, ZERO_ADDRESS, "5")),
]


@pytest.mark.parametrize(("log", "movement"), SUPPLY)
def test_supply_changes_without_a_transfer(log: Log, movement: Moved) -> None:
    """USDT's owner is a common wallet of several keys: it is the wallet that calls USDT, not who signed."""
    assert moved(Transaction(ALICE, WALLET, logs=[log])) == [movement]


def test_the_owner_of_usdt_may_call_it_without_a_wallet_between() -> None:
    assert moved(Transaction(ALICE, USDT, logs=[Log(USDT, [ISSUE], word(5))])) == [
        ("mint", USDT, ZERO_ADDRESS, ALICE, "5")
    ]


@pytest.mark.parametrize("log", [log for log, _ in SUPPLY])
def test_the_same_words_of_any_other_contract_say_nothing(log: Log) -> None:
    assert moved(Transaction(ALICE, WALLET, logs=[log._replace(address=USDC)])) == []


@pytest.mark.parametrize("log", [log for log, _ in SUPPLY])
def test_a_supply_change_of_another_shape_says_nothing(log: Log) -> None:
    longer = log._replace(data=log.data + 64 * "0")
    more = log._replace(topics=[*log.topics, topic_of(BOB)])
    assert moved(Transaction(ALICE, WALLET, logs=[longer, more])) == []


def test_ether_straight_into_weth_is_one_movement() -> None:
    deposit = Log(WETH, [DEPOSIT, topic_of(ALICE)], word(5))
    assert moved(Transaction(ALICE, WETH, value_wei=5, logs=[deposit])) == [("wrap", WETH, ZERO_ADDRESS, ALICE, "5")]


def test_ether_that_a_router_wraps_came_to_the_router() -> None:
    deposit = Log(WETH, [DEPOSIT, topic_of(WALLET)], word(5))
    assert moved(Transaction(ALICE, WALLET, value_wei=5, logs=[deposit])) == [
        ("wrap", WETH, ZERO_ADDRESS, WALLET, "5"),
        ("native", ETHER, ALICE, WALLET, "5"),
    ]


# Amsterdam


def of_ether(giver: str, taker: str, amount: int) -> Log:
    return transfer(ETHER_LOGGER, giver, taker, amount)


@pytest.mark.parametrize(
    ("logs", "kinds"),
    [
        ([of_ether(ALICE, BOB, 5)], [("native", ALICE, BOB, "5")]),
        (
            [of_ether(ALICE, BOB, 5), of_ether(BOB, WALLET, 3)],
            [("native", ALICE, BOB, "5"), ("internal", BOB, WALLET, "3")],
        ),
        (
            [of_ether(ALICE, BOB, 5), of_ether(ALICE, BOB, 5)],
            [("native", ALICE, BOB, "5"), ("internal", ALICE, BOB, "5")],
        ),
        ([of_ether(BOB, WALLET, 3)], [("internal", BOB, WALLET, "3")]),
    ],
)
def test_ether_that_the_chain_logs_is_ether_and_takes_the_place_of_the_value(
    logs: Sequence[Log], kinds: Sequence[tuple[str, str, str, str]]
) -> None:
    """From Amsterdam on (EIP-7708) every send of ether logs a `Transfer`: as a token it would move twice."""
    found = moved(Transaction(ALICE, BOB, value_wei=5, logs=logs))
    assert found == [(kind, ETHER, giver, taker, amount) for kind, giver, taker, amount in kinds]


def test_a_creation_and_a_wrapping_that_the_chain_logs_are_what_they_were() -> None:
    created = Transaction(ALICE, None, value_wei=7, logs=[of_ether(ALICE, address("created"), 7)])
    deposit = [of_ether(ALICE, WETH, 5), Log(WETH, [DEPOSIT, topic_of(ALICE)], word(5))]
    withdrawal = [of_ether(WETH, ALICE, 4), Log(WETH, [WITHDRAWAL, topic_of(ALICE)], word(4))]
    wrapping = Transaction(ALICE, WETH, value_wei=5, logs=[*deposit, *withdrawal])
    assert all_of(made_block(created, wrapping)) == [
        ("wrap", WETH, ZERO_ADDRESS, ALICE, "5"),
        ("unwrap", WETH, ALICE, ZERO_ADDRESS, "4"),
        ("creation", ETHER, ALICE, address("created"), "7"),
    ]


# Blocks


def test_the_last_transaction_of_a_blocks_builder_pays_the_proposer() -> None:
    sends = [Transaction(BUILDER, BOB, value_wei=3), Transaction(BUILDER, WALLET, value_wei=4)]
    kinds = [kind for kind, *_ in all_of(made_block(*sends, miner=BUILDER))]
    assert kinds == ["native", "builder"]
    assert [kind for kind, *_ in all_of(made_block(*sends, miner=ALICE))] == ["native", "native"]
    before_the_merge = made_block(*sends, miner=BUILDER, number=15_537_393)
    assert [kind for kind, *_ in all_of(before_the_merge)] == ["native", "native"]


def test_withdrawals_are_of_their_block_and_one_address_gets_them_together() -> None:
    paid = [Withdrawal(BOB, 5), Withdrawal(ALICE, 2_048 * 10**9), Withdrawal(BOB, 0), Withdrawal(BOB, 7)]
    block = made_block(Transaction(ALICE, BOB, value_wei=1), withdrawals=paid)
    points = price_points([(ETHER, block.timestamp - 1, 2_000.0)])
    tables = computed(block, points, known_tokens(), 1e-6)
    found = tables["ether_transfers"].filter(kind="withdrawal")
    place = ("transaction_index", "log_index", "transaction_hash", "from_address", "to_address", "amount_raw")
    assert found.select(place).rows() == [
        (-2, 1, block.block["hash"], ZERO_ADDRESS, ALICE, str(2_048 * 10**18)),
        (-1, 0, block.block["hash"], ZERO_ADDRESS, BOB, str(5 * 10**9)),
        (-1, 3, block.block["hash"], ZERO_ADDRESS, BOB, str(7 * 10**9)),
    ]
    rows = tables["valued_transactions"].filter(action="withdrawal")
    assert rows.select("transaction_index", "actor", "movement_count", "nonce", "fee_wei").rows() == [
        (-2, ALICE, 1, None, 0),
        (-1, BOB, 2, None, 0),
    ]
    assert rows["value_usd"].to_list() == [2_048 * 2_000.0, pytest.approx(12e-9 * 2_000)]


def test_a_block_without_transactions_moves_nothing_and_has_the_columns_all_the_same() -> None:
    assert all_of(made_block()) == []
    tables = computed(made_block(), price_points([]), known_tokens(), 1.0)
    assert tables["ether_transfers"].schema == tables["token_transfers"].schema == frames.MOVEMENTS


# As the facts say of recorded blocks


def test_old_dai_was_minted_without_a_transfer() -> None:
    found = [row for row in all_of(recorded_block(7_280_000)) if row[1] == OLD_DAI and row[0] != "erc20"]
    assert {kind for kind, *_ in found} >= {"mint"}


def test_what_a_bot_unwraps_is_seen() -> None:
    """283.67 WETH in 17686117, of which no `Transfer` tells."""
    unwrapped = [row for row in all_of(recorded_block(17_686_117)) if row[0] == "unwrap"]
    assert 283.67 in {round(int(amount) / 10**18, 2) for *_, amount in unwrapped}
