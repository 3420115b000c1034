"""The core on generated transactions, judged by the oracle and by what no transaction can do."""

from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from whale_assets.chain.events import BRIDGES, KEPT_EVENTS, LIQUIDITY, SWAPS
from whale_assets_tests.chain.core import LIST, Tables, computed, known_tokens, price_points
from whale_assets_tests.chain.judge import differences, expected
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
    TRANSFER,
    WITHDRAWAL,
    ZERO_ADDRESS,
)
from whale_assets_tests.oracle.prices import DAI, DECIMALS, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import IMPORTED, Market, PricePoint

THRESHOLD_USD = 100_000.0
UNKNOWN, NAMELESS = address("no price"), address("no decimals")
PRICES = {ETHER: 2_000.0, WETH: 2_000.0, WBTC: 25_000.0, USDC: 0.5, DAI: 1.0, NAMELESS: 1.0}
AT_THRESHOLD = [
    int(THRESHOLD_USD / price) * 10 ** DECIMALS[token] for token, price in PRICES.items() if token in DECIMALS
]
MOST = 2**256 - 1

parties = st.sampled_from([*map(address, ("alice", "bob", "pool", "router")), ZERO_ADDRESS])
tokens = st.sampled_from([WETH, WBTC, USDC, USDT, DAI, OLD_DAI, UNKNOWN, NAMELESS])
amounts = st.one_of(
    st.sampled_from([0, 1, MOST]),
    st.builds(int.__add__, st.sampled_from(AT_THRESHOLD), st.integers(-1, 1)),
    st.integers(0, MOST),
)
transfers = st.builds(transfer, tokens, parties, parties, amounts)
words = st.integers(0, MOST).map(word)
odd_logs = st.builds(
    Log,
    tokens,
    st.lists(st.one_of(parties.map(topic_of), words, st.sampled_from(sorted(KEPT_EVENTS))), max_size=4),
    st.one_of(words, st.sampled_from(["0x", "0x05", word(5) + 64 * "0"])),
)
nearly_transfers = st.builds(
    Log,
    tokens,
    st.lists(st.one_of(parties.map(topic_of), words), max_size=3).map(lambda topics: [TRANSFER, *topics]),
    st.one_of(words, st.sampled_from(["0x", "0x05", word(5) + 64 * "0"])),
)
holders = parties.map(topic_of)
supply_logs = st.one_of(
    *(
        st.builds(Log, st.just(token), st.builds(lambda topic, holder: [topic, holder], st.just(event), holders), words)
        for event, token in [(DEPOSIT, WETH), (WITHDRAWAL, WETH), (OLD_MINT, OLD_DAI), (OLD_BURN, OLD_DAI)]
    ),
    st.builds(Log, st.just(USDT), st.sampled_from([[ISSUE], [REDEEM]]), words),
    st.builds(
        lambda holder, amount: Log(USDT, [DESTROYED], topic_of(holder) + word(amount)[2:]),
        parties,
        st.integers(0, MOST),
    ),
    st.builds(transfer, st.just(ETHER_LOGGER), parties, parties, amounts),
)
pool_logs = st.builds(Log, parties, st.sampled_from([[topic] for topic in (*SWAPS, *LIQUIDITY, *BRIDGES)]), words)
transactions = st.builds(
    Transaction,
    sender=parties,
    recipient=st.none() | parties,
    value_wei=st.one_of(st.just(0), st.integers(0, 2**88), st.sampled_from(AT_THRESHOLD)),
    logs=st.lists(st.one_of(transfers, odd_logs, nearly_transfers, supply_logs, pool_logs), max_size=6),
    succeeds=st.sampled_from([True, True, True, False]),
    gas_used=st.integers(21_000, 30_000_000),
    tip=st.integers(0, 10**13),
)
blocks = st.builds(
    lambda inside, number, paid, miner: made_block(*inside, number=number, withdrawals=paid, miner=miner),
    st.lists(transactions, max_size=4),
    st.sampled_from([2_000_000, 4_369_999, 4_370_000, 18_000_000]),
    st.none() | st.lists(st.builds(Withdrawal, parties, st.integers(0, 2_048 * 10**9)), max_size=5),
    parties,
)


def market(block: RecordedBlock) -> Market:
    points = {token: [PricePoint(block.number - 1, BLOCK_TIME, price, IMPORTED)] for token, price in PRICES.items()}
    return Market(points, [IMPORTED], DECIMALS)


def tables(block: RecordedBlock, threshold_usd: float = THRESHOLD_USD) -> Tables:
    points = price_points([(token, BLOCK_TIME - 1, price) for token, price in PRICES.items()])
    return computed(block, points, known_tokens(), threshold_usd)


ROUNDING = 1e-12


@settings(max_examples=50)
@given(blocks)
def test_every_table_is_what_the_oracle_says(block: RecordedBlock) -> None:
    due = expected([block], market(block), THRESHOLD_USD, LIST)
    # Dollars are floating: a sum within their rounding of the threshold may fall on either side of it.
    assume(expected([block], market(block), THRESHOLD_USD * (1 - ROUNDING), LIST) == due)
    own = tables(block)
    found = {name: differences(own[name], rows) for name, rows in due.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


@settings(max_examples=20)
@given(blocks)
def test_what_is_gained_of_a_token_in_a_transaction_is_given_by_others(block: RecordedBlock) -> None:
    sums: Counter[tuple[int, str]] = Counter()
    for row in tables(block, threshold_usd=1e-9)["transaction_parties"].rows(named=True):
        sums[row["transaction_index"], row["token_address"]] += int(row["net_raw"])
        assert row["net_raw"] != "0"
    assert set(sums.values()) <= {0}


@settings(max_examples=20)
@given(blocks, st.floats(1e-6, 1e6))
def test_a_higher_threshold_only_leaves_rows_out(block: RecordedBlock, threshold_usd: float) -> None:
    lower, higher = tables(block, threshold_usd), tables(block, threshold_usd * 2)
    for name in ("valued_movements", "valued_transactions", "transaction_parties"):
        assert set(higher[name].rows()) <= set(lower[name].rows()), name
        if "value_usd" in higher[name].columns:
            assert all(value >= threshold_usd * 2 for value in higher[name]["value_usd"])
