"""Real transactions, explained: each figure below was read by hand off the raw logs of the recorded blocks.

The thirteen consecutive blocks are spread over the window of a price of pools, six blocks apart, so that they make one:
the first twelve end with block 17,686,094, the price is of 17,686,100, and the last one's transactions follow in
17,686,101. Nothing else of them is altered.
"""

import json

import polars as pl
import pytest

from whale_assets.chain.explained.transaction import Explanation, Token
from whale_assets.chain.frames import BLOCKS, BlockFrames, together
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets_tests.chain.core import NO_RATIOS, known_tokens, price_points, read
from whale_assets_tests.chain.explained.made import explanation
from whale_assets_tests.oracle.prices import USDC, USDT, WBTC
from whale_assets_tests.oracle.recorded import recorded_block, shared_data

STEP = 17_686_100
RECORDED = 17_686_110
PLACES = [*range(STEP - 72, STEP, 6), STEP + 1]
END = 1_689_270_035
SHIB, LINK = "0x95ad61b0a150d79219dcf64e1e6cc01f0b64c4ce", "0x514910771af9ca656af840dff83e8264ecf986ca"
SHIB_PAIR = "0x811beed0119b4afce20d2583eb608c6f7af1954f"
RESERVES = (56_808_812_414_295_803_457_597_273_962, 224_176_374_379_137_013_795)
"""What the pair logged in log 351 of recorded block 17,686,113, and nowhere else."""
ETH_FEED = "0xe62b71cf983019bff55bc83b48601ce8419650cc"
BTC_FEED = "0xdbe1941bfbe4410d6865b9b7078e0b49af144d2d"
SENT_ETHER = "0x8e3a66663b5d2268712b8ecb54ce15ae22985647a8f775f3b3e41be285af204b"
SENT_SHIB = "0x45835c81396550e2551cc69b0b5e5e30243c96c7d8e411fb754be52ec6171414"
SENT_LINK = "0xe9076e7df71ef763d2ecdd0d35186576ffda1727e2757946b09dd72532d68642"
SENT_USDT = "0xd88b2a0cb7fb65c7f9a32c273311f30d7c5331eb19deeb404013ead3721c0484"
SOLD_WBTC = "0x2ebe1a4383f3c431f2471b68fe01820a0bdf39c28890fd96b3f616c2d5f8cf7f"


def time_of(block: int) -> int:
    return END - 12 * (STEP + 1 - block)


def moved_to(fetched: BlockFrames, block: int) -> BlockFrames:
    """The frames of one block, at another place of the chain."""
    place = {"block_number": pl.lit(block, pl.Int64)}
    return BlockFrames(
        fetched.headers.with_columns(number=pl.lit(block, pl.Int64), timestamp=pl.lit(time_of(block), pl.Int64)),
        fetched.transactions.with_columns(**place),
        fetched.logs.with_columns(**place),
        fetched.withdrawals.with_columns(**place),
    )


def listed_tokens() -> pl.DataFrame:
    """The known tokens, and two of the list."""
    known = known_tokens()
    rows = []
    for line in shared_data("lists", "ethereum-lists_tokens_eth.jsonl").read_text().splitlines():
        token = json.loads(line)
        if token["address"].lower() in (SHIB, LINK):
            rows.append((token["address"].lower(), token["symbol"], int(token["decimals"]), "list"))
    return pl.concat([known, pl.DataFrame(rows, schema=known.schema, orient="row")])


class Recorded:
    """The last block as a range, and what its prices are found in."""

    def __init__(self) -> None:
        blocks = [moved_to(read(recorded_block(RECORDED + nth)), place) for nth, place in enumerate(PLACES)]
        self.last = blocks[-1]
        self.prices = PriceInputs(
            blocks=self.last.headers.select(list(BLOCKS)),
            first_parent_timestamp=time_of(STEP),
            times_before=pl.DataFrame({"number": [STEP], "timestamp": [time_of(STEP)]}),
            logs=together(blocks).logs.lazy(),
            feeds=known_feeds(),
            price_points=price_points([(USDC, time_of(STEP) - 3_600, 1.0)]),
            ratios=NO_RATIOS,
            imported_max_age=7_200,
            tokens=listed_tokens(),
            pool_depth_usd=100_000,
        )

    def explained(self, transaction_hash: str) -> Explanation:
        return explanation(self.last, self.prices, transaction_hash)


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return Recorded()


def token_of(facts: Explanation, address: str) -> Token:
    return next(token for token in facts.tokens if token.address == address)


def test_ether_by_the_oracles_log(recorded: Recorded) -> None:
    facts = recorded.explained(SENT_ETHER)
    [row] = facts.movements.rows(named=True)
    assert (row["kind"], row["log_index"], row["amount_raw"]) == ("native", -1, "119098200000000000000")
    said = facts.tokens[0].chosen
    assert said is not None
    assert said.price is not None
    assert said.answer is not None
    assert (said.answer.aggregator, said.answer.raw, said.answer.decimals) == (ETH_FEED, 198_808_020_095, 8)
    assert (said.price["block_number"], said.price["log_index"]) == (17_686_088, 430)
    assert row["value_usd"] == pytest.approx(119.0982 * 1988.08020095, rel=1e-12)
    assert facts.is_reported
    assert facts.row is not None
    assert facts.row["value_usd"] == row["value_usd"]


def test_bitcoin_by_its_feed_and_no_pool_that_counts(recorded: Recorded) -> None:
    token = token_of(recorded.explained(SOLD_WBTC), WBTC)
    chainlink, pools, imported = token.said
    assert chainlink.answer is not None
    assert chainlink.price is not None
    assert (chainlink.answer.aggregator, chainlink.answer.raw) == (BTC_FEED, 3_105_665_400_000)
    assert (chainlink.price["block_number"], chainlink.price["log_index"]) == (17_686_094, 276)
    assert chainlink.price["price_usd"] == 31_056.654
    assert token.chosen is chainlink
    assert pools.price is None
    assert imported.why_none == "no imported list has a price of it up to then"


def test_a_token_by_the_one_pool_that_counts(recorded: Recorded) -> None:
    facts = recorded.explained(SENT_SHIB)
    [row] = facts.movements.rows(named=True)
    assert (row["log_index"], row["amount_raw"]) == (206, "3654998500000000000000000")
    said = facts.tokens[0].chosen
    assert said is not None
    assert said.source == "pools"
    assert said.step == STEP
    counted = said.pools.filter(pl.col("refused").is_null())
    assert counted["pool"].to_list() == [SHIB_PAIR]
    assert counted.select("last_block", "last_log_index", "blocks_known").row(0) == (17_686_046, 351, 55)
    refused = said.pools.filter(pl.col("refused").is_not_null())["refused"].to_list()
    assert refused == ["known too late: it had a price for 25 of 75 blocks"] * 2
    shib, weth = RESERVES
    assert row["price_usd"] == pytest.approx(weth / shib * 1988.08020095, rel=1e-12)
    assert not facts.is_reported


def test_several_pools_and_their_weights(recorded: Recorded) -> None:
    said = token_of(recorded.explained(SENT_USDT), USDT).chosen
    assert said is not None
    assert said.price is not None
    counted = said.pools.filter(pl.col("refused").is_null())
    assert counted.select("kind", "fee", "blocks_known", "last_block", "last_log_index").rows() == [
        ("uniswap_v2", None, 55, 17_686_088, 331),
        ("uniswap_v2", None, 49, 17_686_052, 357),
        ("uniswap_v3", 100, 73, 17_686_094, 19),
        ("uniswap_v3", 500, 67, 17_686_094, 214),
    ]
    assert said.price["price_usd"] == counted["price_usd"][0], "the deepest holds two thirds of all weight"


def test_what_has_no_price_says_why(recorded: Recorded) -> None:
    facts = recorded.explained(SENT_LINK)
    chainlink, pools, imported = token_of(facts, LINK).said
    assert chainlink.why_none == "no known feed prices it"
    assert pools.why_none == "no pool of it counts: 2 refused"
    assert pools.pools.sort("kind")["refused"].to_list() == [
        "known too late: it had a price for 25 of 75 blocks",
        "known too late: it had a price for 19 of 75 blocks",
    ]
    assert imported.price is None
    assert facts.row is not None
    assert facts.row["value_usd"] is None
