"""A token that no list knows, from a simulated node that tells its decimals to a price, and none where nobody asks."""

from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain.lists import ITS_OWN
from whale_assets.io.decimals import tokens_of
from whale_assets.simulator import generate, running
from whale_assets.simulator.actors import UNLISTED
from whale_assets.simulator.market import PRICE_UNIT, price
from whale_assets_tests.runs.world import world

FIRST, LAST, SIZE = 210, 279, 70
ASKED = {"auto": True, "jsonrpc": True, "graphql": False}


@pytest.mark.parametrize("source", ASKED)
def test_a_token_of_no_list_is_priced_by_its_pool_where_the_node_is_asked_for_its_decimals(
    tmp_path: Path, source: str
) -> None:
    chain = generate(blocks=LAST - FIRST + 1, transactions_per_block=4, first_block=FIRST)
    with running(chain) as url, world(tmp_path, url, SIZE, WHALE_SOURCE=source) as made:
        made.fill(FIRST, LAST)
        [certificate] = made.stores.sql.certificates()
        known = tokens_of(made.stores, certificate).filter(address=UNLISTED.address)
        valued = made.stores.sql.read("valued_movements", certificate).filter(token_address=UNLISTED.address)
    assert known.rows() == ([(UNLISTED.address, None, 9, ITS_OWN)] if ASKED[source] else [])
    assert set(valued["price_source"]) == ({"pools"} if ASKED[source] else set())
    for block, usd in valued.select(pl.col("block_number", "price_usd")).iter_rows():
        assert usd == pytest.approx(price(UNLISTED, block) / PRICE_UNIT, rel=0.03)
