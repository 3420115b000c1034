"""The views that people query, over rows of which each says one thing."""

from typing import Any

import polars as pl
from sqlalchemy import text

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.sql import SqlStore
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, rows_of

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)


def asked(store: SqlStore, query: str) -> list[Any]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def judge(store: SqlStore, blocks: BlockRange, fork: str, *numbers: int) -> None:
    """Certifies the range on a fork, with a verdict in each of these blocks."""
    certificate = certificate_of(blocks, fork)
    store.certify(certificate, blocks_of(blocks, fork), {})
    rows = [
        rows_of(
            frames.VERDICTS, block_number=number, block_hash=block_hash(number, fork), transaction_hash=f"0x{number}"
        )
        for number in numbers
    ]
    store.replace(
        certificate, {"verdicts": pl.concat([pl.DataFrame(schema=frames.VERDICTS), *rows])}, {"verdicts": "x"}
    )


def statuses(store: SqlStore) -> list[Any]:
    return asked(
        store, "SELECT block_number, substr(block_hash, -1), status FROM suspect_transactions ORDER BY block_number, 2"
    )


def test_a_suspect_is_provisional_until_its_block_is_final(store: SqlStore) -> None:
    store.claim(ChainIdentity(1, "0xd4e5"), 10)
    judge(store, FIRST, "a", 4, 5)
    assert statuses(store) == [(4, "a", "provisional"), (5, "a", "provisional")]
    store.finalize(Header(4, block_hash(4), 0))
    assert statuses(store) == [(4, "a", "final"), (5, "a", "provisional")]


def test_a_verdict_on_a_block_that_left_the_chain_stays_and_is_retracted(store: SqlStore) -> None:
    store.claim(ChainIdentity(1, "0xd4e5"), 10)
    store.finalize(Header(4, block_hash(4), 0))
    judge(store, FIRST, "a", 4, 5)
    judge(store, FIRST, "b", 5)
    assert statuses(store) == [(4, "a", "retracted"), (5, "a", "retracted"), (5, "b", "provisional")]


def test_a_block_that_comes_back_is_judged_anew(store: SqlStore) -> None:
    judge(store, FIRST, "a", 4, 5)
    judge(store, FIRST, "b", 5)
    judge(store, FIRST, "a", 5)
    assert statuses(store) == [(5, "a", "provisional"), (5, "b", "retracted")]


def test_judging_again_replaces_what_was_said_of_the_blocks_held_now(store: SqlStore) -> None:
    store.claim(ChainIdentity(1, "0xd4e5"), 10)
    judge(store, FIRST, "a", 4, 5)
    judge(store, SECOND, "a", 10)
    judge(store, FIRST, "a", 5, 6)
    assert statuses(store) == [(number, "a", "provisional") for number in (5, 6, 10)]


def test_whale_addresses_add_up_the_ranges_and_take_the_name_that_a_list_gives(store: SqlStore) -> None:
    for blocks, sent in ((FIRST, 1.5), (SECOND, 2.0)):
        certificate = certificate_of(blocks)
        store.certify(certificate, blocks_of(blocks), {})
        activity = rows_of(
            frames.WHALE_ACTIVITY, address="0xa", first_block=blocks.first, last_block=blocks.first + 3, sent_usd=sent
        )
        others = rows_of(frames.WHALE_ACTIVITY, address="0xb") if blocks == FIRST else activity.clear()
        store.replace(certificate, {"whale_activity": pl.concat([activity, others])}, {})
    labels = [
        rows_of(frames.ADDRESS_LABELS, address="0xa", name_tag=tag, entity="An exchange") for tag in ("Hot", "Cold")
    ]
    replace_list(store, "labels", "list", [pl.concat(labels)])
    assert asked(store, "SELECT * FROM whale_addresses ORDER BY address") == [
        ("0xa", 0, 13, 2, 2, 3.5, 2.0, "Cold", "An exchange"),
        ("0xb", 1, 1, 1, 1, 1.0, 1.0, None, None),
    ]
