"""Decimals that tokens told: asked once, for pools' tokens that no list knows, and kept with their range."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import TOKENS
from whale_assets.chain.lists import ITS_OWN
from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import NotCertified
from whale_assets.io.decimals import keep_decimals, tokens_of, told
from whale_assets.io.lists import replace_list
from whale_assets.io.lookback import pool_events_before
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.chain.pools.made import Logs, Pool
from whale_assets_tests.io.made import blocks_of, certificate_of
from whale_assets_tests.oracle.prices import USDC, WETH

RANGE = BlockRange(0, 9)
NEW, OTHER, MUTE, LISTED = ("0x" + f"{place:02x}" * 20 for place in (1, 2, 3, 4))
ANSWERS = {NEW: 9, OTHER: 0}


class Tokens:
    """Some tokens that answer, and what they were asked; or nobody who could ask them."""

    def __init__(self, answers: Mapping[str, int] | None = ANSWERS) -> None:
        self.answers, self.asked = answers, list[str]()

    def decimals(self, tokens: Sequence[str]) -> Mapping[str, int] | None:
        self.asked += tokens
        return (
            None if self.answers is None else {token: self.answers[token] for token in tokens if token in self.answers}
        )


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    settings = {"WHALE_SQL_URL": f"sqlite:///{tmp_path / 'whale.db'}", "WHALE_LAKE": str(tmp_path / "lake")}
    opened = open_stores(read_settings(settings))
    listed = pl.DataFrame([(LISTED, "LST", 6, "mine")], schema=TOKENS, orient="row")
    replace_list(opened.sql, "tokens", "mine", [listed])
    return opened


def trades(*tokens: str) -> pl.DataFrame:
    """A trade in a pool of ether and each of these tokens, and of two of them."""
    logs = Logs()
    for token in tokens:
        Pool(logs, V3, *sorted((token, WETH))).trades(3, 1, -1, (1, 1))
    Pool(logs, V2, *sorted((tokens[0], USDC))).trades(4, 1, -1, (10**6, 10**6))
    return logs.frame()


def stored(
    asked: Tokens, stores: Stores, logs: pl.DataFrame, certificate: Certificate, earlier: Certificate | None = None
) -> None:
    """The range as the fetch stores it."""
    digests = keep_decimals(asked, stores, certificate, logs.lazy(), earlier)
    stores.sql.certify(certificate, blocks_of(RANGE.up_to(certificate.through_block)), digests)


def test_tokens_of_pools_that_no_list_knows_are_asked_and_kept(stores: Stores) -> None:
    asked, certificate = Tokens(), certificate_of(RANGE)
    stored(asked, stores, trades(NEW, OTHER, MUTE, LISTED), certificate)
    assert asked.asked == [NEW, OTHER, MUTE, LISTED], "a list may go: then its tokens must be known, too"
    assert told(stores, certificate).rows() == [(NEW, 9), (OTHER, 0)]
    known = tokens_of(stores, certificate).filter(pl.col("address").is_in([NEW, OTHER, MUTE, LISTED]))
    assert known.rows() == [(NEW, None, 9, ITS_OWN), (OTHER, None, 0, ITS_OWN), (LISTED, "LST", 6, "mine")]


def test_a_list_goes_before_what_a_token_says_of_itself(stores: Stores) -> None:
    certificate = certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), certificate)
    replace_list(stores.sql, "tokens", "later", [pl.DataFrame([(NEW, "NEW", 18, "")], schema=TOKENS, orient="row")])
    assert tokens_of(stores, certificate).filter(address=NEW).rows() == [(NEW, "NEW", 18, "later")]


def test_a_range_that_grows_asks_only_what_is_new(stores: Stores) -> None:
    begun, whole = certificate_of(RANGE, through=5), certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), begun)
    asked = Tokens({NEW: 1, OTHER: 2})
    stored(asked, stores, trades(NEW, OTHER), whole, begun)
    assert asked.asked == [OTHER]
    assert told(stores, whole).rows() == [(NEW, 9), (OTHER, 2)]


def test_the_same_blocks_fetched_again_mean_the_same(stores: Stores) -> None:
    certificate = certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), certificate)
    asked = Tokens({NEW: 17})
    stored(asked, stores, trades(NEW), certificate)
    assert (asked.asked, told(stores, certificate).rows()) == ([], [(NEW, 9)])


@pytest.mark.parametrize("answers", [None, {}])
def test_where_nothing_is_told_there_is_no_file(stores: Stores, answers: Mapping[str, int] | None) -> None:
    certificate = certificate_of(RANGE)
    stored(Tokens(answers), stores, trades(NEW), certificate)
    assert told(stores, certificate).is_empty()
    assert not stores.lake.has("decimals", certificate)


def test_a_file_that_is_gone_is_missed(stores: Stores) -> None:
    """Values without it would be others."""
    certificate = certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), certificate)
    stores.lake.path("decimals", certificate).unlink()
    with pytest.raises(NotCertified, match="the lake lacks decimals of 000000000-000000009"):
        tokens_of(stores, certificate)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"PAR1 not a file PAR1")])
def test_what_was_damaged_is_asked_again_when_the_range_is_fetched_again(
    stores: Stores, damage: Callable[[Path], object]
) -> None:
    certificate = certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), certificate)
    damage(stores.lake.path("decimals", certificate))
    stored(asked := Tokens(), stores, trades(NEW), certificate)
    assert (asked.asked, told(stores, certificate).rows()) == ([NEW], [(NEW, 9)])


def test_a_file_that_was_lost_and_is_told_no_more_is_empty_and_outdates_what_was_computed(stores: Stores) -> None:
    """Else the range would wait for a file that never comes, or its tables would look current."""
    certificate = certificate_of(RANGE)
    stored(Tokens(), stores, trades(NEW), certificate)
    stores.sql.replace(certificate, {}, {"prices": "some inputs"})
    stored(Tokens(), stores, trades(NEW), certificate)
    assert "prices" in stores.sql.stamps(RANGE), "nothing has changed"
    stores.lake.path("decimals", certificate).unlink()
    stored(Tokens(None), stores, trades(NEW), certificate)
    assert told(stores, certificate).is_empty()
    assert "prices" not in stores.sql.stamps(RANGE)


@pytest.mark.parametrize("has_neighbour", [True, False])
def test_a_pool_that_traded_only_before_a_range_is_asked_for_its_tokens(stores: Stores, has_neighbour: bool) -> None:
    """Its price holds on into the range: it must be known there, wherever the range begins."""
    before, following = certificate_of(RANGE), certificate_of(BlockRange(10, 19))
    if has_neighbour:
        stores.lake.write("logs", before, trades(NEW))
        stored(Tokens(), stores, trades(NEW), before)
    else:
        stores.lake.write("lookback", following, trades(NEW))
    keep_decimals(asked := Tokens(), stores, following, pool_events_before(stores, following), None)
    assert asked.asked == [NEW]
