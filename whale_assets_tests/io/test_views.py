"""The views that people query, over rows of which each says one thing."""

from typing import Any

import polars as pl
from sqlalchemy import text

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.sql import SqlStore
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import SOME_TIME, block_hash, blocks_of, certificate_of, rows_of

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


HOUR, DAY = 3_600, 86_400
USDT, ODD, ALICE = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0x" + "0d" * 20, "0x" + "a1" * 20


def flow(hour: int, kind: str, amount: float, token: str = USDT, symbol: str = "USDT") -> pl.DataFrame:
    return rows_of(
        frames.TOKEN_FLOWS,
        hour=hour,
        kind=kind,
        token_address=token,
        symbol=symbol,
        movement_count=2,
        amount=amount,
        value_usd=amount * 2,
    )


def test_an_hour_that_lies_in_two_ranges_is_one_hour(store: SqlStore) -> None:
    for blocks, rows in (
        (FIRST, [flow(HOUR, "erc20", 1.0), flow(HOUR, "mint", 5.0)]),
        (SECOND, [flow(HOUR, "erc20", 2.0), flow(2 * HOUR, "erc20", 4.0)]),
    ):
        store.certify(certificate_of(blocks), blocks_of(blocks), {})
        store.replace(certificate_of(blocks), {"token_flows": pl.concat(rows)}, {"token_flows": "x"})
    query = "SELECT hour, symbol, kind, movement_count, amount, value_usd FROM token_flow_by_hour ORDER BY hour, kind"
    assert asked(store, query) == [
        (HOUR, "USDT", "erc20", 4, 3.0, 6.0),
        (HOUR, "USDT", "mint", 2, 5.0, 10.0),
        (2 * HOUR, "USDT", "erc20", 2, 4.0, 8.0),
    ]


def test_the_supply_of_dollar_coins_is_what_was_minted_and_burnt_of_them_in_a_day(store: SqlStore) -> None:
    rows = [
        flow(DAY, "mint", 5.0),
        flow(DAY + 23 * HOUR, "mint", 2.0),
        flow(DAY + HOUR, "burn", 1.0),
        flow(DAY, "erc20", 9.0),
        flow(DAY, "mint", 7.0, token=ODD, symbol="USDT"),
        flow(2 * DAY, "burn", 4.0),
    ]
    store.certify(certificate_of(FIRST), blocks_of(FIRST), {})
    store.replace(certificate_of(FIRST), {"token_flows": pl.concat(rows)}, {"token_flows": "x"})
    assert asked(store, "SELECT day, symbol, minted, burnt, net FROM dollar_coin_supply ORDER BY day") == [
        (DAY, "USDT", 7.0, 1.0, 6.0),
        (2 * DAY, "USDT", 0.0, 4.0, -4.0),
    ]


def test_gains_and_losses_of_an_address_are_by_day(store: SqlStore) -> None:
    def net(
        block: int, usd: float | None, *, address: str = ALICE, role: str = "actor", token: str = USDT
    ) -> pl.DataFrame:
        place = {"block_number": block, "transaction_index": 0, "address": address, "token_address": token}
        return rows_of(frames.TRANSACTION_PARTIES, **place, role=role, net_usd=usd)

    store.certify(certificate_of(FIRST), blocks_of(FIRST), {})
    rows = [
        net(1, -5.0),
        net(1, 3.0, token=ODD),
        net(2, 9.0),
        net(3, None),
        net(4, 7.0, address="0x" + "0" * 40, role="nobody"),
    ]
    store.replace(certificate_of(FIRST), {"transaction_parties": pl.concat(rows)}, {"transaction_parties": "x"})
    day = (SOME_TIME + 12) // DAY * DAY
    query = "SELECT address, day, transactions, gained_usd, given_usd, net_usd FROM address_gains"
    assert asked(store, query) == [(ALICE, day, 3, 12.0, 5.0, 7.0)]
