"""What consecutive blocks must prove: honest frames pass, and every way of breaking them is seen and named."""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.bloom import bloom_of
from whale_assets.chain.frames import LOGS, WEI, BlockFrames
from whale_assets.chain.proof import blocks_without_witness, prove, prove_nothing_lost
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer
from whale_assets_tests.sources.small_chain import APPROVAL, POOL, SYSTEM, TOKEN, TRANSFER, SmallChain, word
from whale_assets_tests.sources.small_frames import expected_frames, log_row

CHAIN = SmallChain(21)
BLOCKS = BlockRange(1, 9)
HONEST = expected_frames(CHAIN, BLOCKS)
PARENT = CHAIN.block(0)["hash"]
LATER_CHAIN = SmallChain(21, amsterdam=6)
LATER = expected_frames(LATER_CHAIN, BLOCKS)
"""Block 6 is the first of Amsterdam; 4 and 5 have withdrawals as it has."""

Break = Callable[[BlockFrames], BlockFrames]


def headers(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Break:
    return lambda frames: frames._replace(headers=change(frames.headers))


def transactions(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Break:
    return lambda frames: frames._replace(transactions=change(frames.transactions))


def logs(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Break:
    return lambda frames: frames._replace(logs=change(frames.logs))


def withdrawals(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Break:
    return lambda frames: frames._replace(withdrawals=change(frames.withdrawals))


def where(row: pl.Expr, **values: object) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Put other values into some rows."""
    return lambda frame: frame.with_columns(
        **{
            name: pl.when(row).then(pl.lit(value).cast(frame.schema[name])).otherwise(name)
            for name, value in values.items()
        }
    )


def twice(place: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: pl.concat([frame[: place + 1], frame[place:]])


def without(place: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: pl.concat([frame[:place], frame[place + 1 :]])


def swapped(place: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: pl.concat([frame[:place], frame[place + 1], frame[place], frame[place + 2 :]])


BLOCK_3 = pl.col("number") == 3
OF_BLOCK_3 = pl.col("block_number") == 3
OF_BLOCK_7 = pl.col("block_number") == 7
SECOND = OF_BLOCK_3 & (pl.col("transaction_index") == 1)
SYNC_OF_3 = OF_BLOCK_3 & (pl.col("address") == POOL) & pl.col("topic1").is_null()

BREAKS: dict[str, tuple[Break, str]] = {
    "no header": (headers(without(4)), r"blocks 1 to 9 were asked for, answered were 1, 2, 3, 4, 6, … \(8 blocks\)"),
    "nothing": (lambda frames: BlockFrames(*(frame.clear() for frame in frames)), "answered were none"),
    "a header twice": (headers(twice(4)), "were asked for"),
    "headers out of order": (headers(swapped(4)), "were asked for"),
    "another number": (headers(where(BLOCK_3, number=30)), "were asked for"),
    "another hash": (headers(where(BLOCK_3, hash=word(1))), "block 4 names 0x.* as its parent, but block 3 is 0x"),
    "another parent": (headers(where(BLOCK_3, parent_hash=word(1))), "block 3 names 0x0"),
    "another first parent": (headers(where(pl.col("number") == 1, parent_hash=word(1))), "block 1 names 0x0"),
    "a time before": (headers(where(BLOCK_3, timestamp=5)), "block 3 is of second 5, not after its parent"),
    "the parent's time": (headers(where(BLOCK_3, timestamp=1_600_000_024)), "block 3 is of second 1600000024"),
    "another gas total": (
        headers(where(BLOCK_3, gas_used=5)),
        "block 3: the transactions used 84000 gas, the header says 5",
    ),
    "a transaction too few": (transactions(without(9)), "block 3: its 4 transactions"),
    "a transaction twice": (transactions(twice(9)), "block 3: its 4 transactions"),
    "transactions out of order": (transactions(swapped(9)), "block 3: its 4 transactions"),
    "the last transaction missing": (transactions(without(27)), "block 9: its 4 transactions"),
    "a transaction too many": (transactions(twice(27)), "31 transactions were answered, the blocks hold 30"),
    "a hole in the indexes": (transactions(where(SECOND, transaction_index=7)), "block 3: its 4 transactions"),
    "a foreign transaction": (transactions(where(SECOND, block_number=2)), "block 3: its 4 transactions"),
    "other gas": (transactions(where(SECOND, gas_used=21_001)), "block 3: the transactions used 84001 gas"),
    "one hash for two": (
        transactions(where(SECOND, transaction_hash=HONEST.transactions["transaction_hash"][0])),
        "block 3: transaction 0x.* is there twice",
    ),
    "a status of 2": (transactions(where(SECOND, status=2)), "block 3: transaction 1 has a status that cannot be"),
    "a status missing": (
        transactions(where(SECOND, status=None)),
        "block 3: transaction 1 has a status that cannot be",
    ),
    "a contract beside a recipient": (
        transactions(where(SECOND, created_contract=POOL)),
        "block 3: transaction 1 has a new contract that cannot be",
    ),
    "a creation without contract": (
        transactions(where(SECOND, recipient=None, created_contract=None)),
        "block 3: transaction 1 has a new contract that cannot be, or none",
    ),
    "an event never asked for": (
        logs(where(SYNC_OF_3, topic0=APPROVAL)),
        "block 3: a log of an event that was not asked",
    ),
    "a log of no block here": (logs(where(SECOND, block_number=12)), "blocks 1 to 9: logs of other blocks"),
    "a log of no transaction": (logs(where(SECOND, transaction_index=4)), "logs of other blocks or transactions"),
    "a log of another transaction": (
        logs(where(SECOND, transaction_index=2)),
        "block 3: log 1 names another transaction",
    ),
    "a log of another hash": (
        logs(where(SECOND, transaction_hash=word(1))),
        "block 3: log 1 names another transaction",
    ),
    "a log twice": (logs(twice(9)), "block 3: log 3 is there twice or out of order"),
    "logs out of order": (logs(swapped(9)), "block 3: log 3 is there twice or out of order"),
    "log indexes that fall": (logs(where(SECOND, log_index=8)), "block 3: log 3 is there twice or out of order"),
    "an address not in the bloom": (
        logs(where(SECOND, address="0x" + "c3" * 20)),
        "block 3: a log has 0xc3c3",
    ),
    "gas that hardly differs": (
        headers(where(pl.col("number") == 8, gas_used=83_999)),
        "block 8: the transactions used 84000 gas, the header says 83999",
    ),
    "withdrawals of none": (withdrawals(lambda frame: frame.clear()), "block 4: its 1 withdrawals are not there"),
    "a first withdrawal missing": (withdrawals(without(0)), "block 4: its 1 withdrawals are not there"),
    "a withdrawal twice": (withdrawals(twice(2)), "block 7: its 1 withdrawals are not there"),
    "a withdrawal twice in a list as long": (
        lambda frames: headers(where(pl.col("number") == 5, withdrawal_count=3))(withdrawals(twice(2))(frames)),
        "block 5: withdrawal 2 comes after withdrawal 2",
    ),
    "a withdrawal more at the end": (withdrawals(twice(5)), "7 withdrawals were answered, the blocks hold 6"),
    "a withdrawal of another block": (
        withdrawals(where(OF_BLOCK_7, block_number=6)),
        "block 7: its 1 withdrawals are not there",
    ),
    "withdrawals out of order": (withdrawals(swapped(1)), "block 5: withdrawal 2 comes after withdrawal 0"),
    "a hole in what counts withdrawals": (
        lambda frames: headers(where(pl.col("number") == 7, withdrawal_count=0))(withdrawals(without(3))(frames)),
        "block 8: withdrawal 4 comes after withdrawal 2",
    ),
    "a list of withdrawals that ends": (
        headers(where(pl.col("number") == 6, withdrawal_count=None)),
        "block 6: its withdrawals are not told, though those of blocks before it are",
    ),
    "an event not in the bloom": (
        headers(where(BLOCK_3, logs_bloom=f"0x{bloom_of([TOKEN, POOL]):0512x}")),
        "block 3: a log has 0x.* which the header's bloom excludes",
    ),
}


def test_honest_frames_are_proven_whatever_the_parent_is_known_by() -> None:
    prove(HONEST, BLOCKS, PARENT)
    prove(HONEST, BLOCKS, None)


@pytest.mark.parametrize("first", range(21))
def test_every_block_is_proven_alone_and_with_all_after_it(first: int) -> None:
    for blocks in (BlockRange(first, first), BlockRange(first, 20)):
        prove(expected_frames(CHAIN, blocks), blocks, CHAIN.block(first)["parentHash"])


@pytest.mark.parametrize("name", BREAKS)
def test_every_breach_is_seen_and_its_block_named(name: str) -> None:
    change, words = BREAKS[name]
    broken = change(HONEST)
    assert not all(one.equals(other) for one, other in zip(broken, HONEST, strict=True))
    with pytest.raises(BadAnswer, match=words):
        prove(broken, BLOCKS, PARENT)


LATER_BREAKS: dict[str, tuple[Break, str]] = {
    "gas of the last block before the fork": (
        headers(where(pl.col("number") == 4, gas_used=80_000)),
        "block 4: the transactions used 84000 gas, the header says 80000",
    ),
    "less than half the gas": (
        headers(where(pl.col("number") == 8, gas_used=41_999)),
        "block 8: the transactions used 84000 gas, the header says 41999",
    ),
    "gas that no refund explains": (
        headers(where(pl.col("number") == 8, gas_used=105_001)),
        "block 8: the transactions used 84000 gas, the header says 105001",
    ),
    "gas of no transaction": (
        headers(where(pl.col("number") == 5, gas_used=1)),
        "block 5: the transactions used 0 gas, the header says 1",
    ),
    "ether that moved without a log": (
        logs(lambda frame: frame.remove((pl.col("block_number") == 8) & (pl.col("address") == SYSTEM))),
        "block 8: transaction 2 moved ether and no log says so, as logs do from 6 on",
    ),
    "another amount than moved": (
        logs(where((pl.col("block_number") == 8) & (pl.col("address") == SYSTEM), data=word(6))),
        "block 8: transaction 2 moved ether and no log says so",
    ),
    "another receiver than was paid": (
        logs(where((pl.col("block_number") == 8) & (pl.col("address") == SYSTEM), topic2=word(6))),
        "block 8: transaction 2 moved ether and no log says so",
    ),
}


def test_blocks_on_both_sides_of_amsterdam_are_proven() -> None:
    prove(LATER, BLOCKS, PARENT)
    for first in range(1, 21):
        for last in (first, 20):
            blocks = BlockRange(first, last)
            prove(expected_frames(LATER_CHAIN, blocks), blocks, None)


@pytest.mark.parametrize("name", LATER_BREAKS)
def test_what_amsterdam_changed_is_proven_as_far_as_it_can_be(name: str) -> None:
    change, words = LATER_BREAKS[name]
    with pytest.raises(BadAnswer, match=words):
        prove(change(LATER), BLOCKS, PARENT)


def test_blocks_in_which_no_ether_moved_are_held_to_their_gas_where_they_tell_of_no_withdrawals() -> None:
    """They are of before Shanghai, and so of before Amsterdam; a later block by itself may be of either side."""
    quiet = transactions(lambda frame: frame.with_columns(value_wei=pl.lit(0, WEI)))
    for number, is_known in ((3, True), (4, False)):
        blocks = BlockRange(number, number)
        frames = headers(lambda frame: frame.with_columns(gas_used=pl.lit(83_999, pl.Int64)))(
            quiet(expected_frames(CHAIN, blocks))
        )
        if is_known:
            with pytest.raises(BadAnswer, match="block 3: the transactions used 84000 gas, the header says 83999"):
                prove(frames, blocks, None)
        else:
            prove(frames, blocks, None)


@pytest.mark.parametrize(
    ("execution", "state", "refund", "floor"),
    [
        (100, 0, 0, 0),
        (100, 0, 20, 0),
        (50, 50, 0, 0),
        (50, 50, 20, 0),
        (0, 100, 20, 0),
        (60, 30, 18, 400),
        (1, 99, 19, 7),
    ],
)
def test_whatever_amsterdam_can_state_of_gas_is_let_through(
    execution: int, state: int, refund: int, floor: int
) -> None:
    """By the letter of EIP-8037, EIP-7778 and EIP-7623: a floor is for input, a refund at most a fifth."""
    used = max(execution + state - refund, floor)
    stated = max(execution, floor, state)
    broken = LATER._replace(
        headers=where(pl.col("number") == 8, gas_used=4 * stated)(LATER.headers),
        transactions=where(pl.col("block_number") == 8, gas_used=used)(LATER.transactions),
    )
    prove(broken, BLOCKS, PARENT)


def test_other_blocks_than_those_asked_for_are_refused() -> None:
    for asked in (BlockRange(1, 10), BlockRange(0, 9), BlockRange(2, 9), BlockRange(11, 19)):
        with pytest.raises(BadAnswer, match="were asked for"):
            prove(HONEST, asked, None)


def test_several_faults_are_told_at_once_but_not_hundreds() -> None:
    broken = headers(lambda frame: frame.with_columns(gas_used=pl.lit(1, pl.Int64), parent_hash=pl.lit(word(1))))(
        HONEST
    )
    with pytest.raises(BadAnswer) as caught:
        prove(broken, BLOCKS, PARENT)
    assert str(caught.value).count("; ") == 2


@given(st.data())
def test_no_row_of_header_or_transaction_can_be_dropped_repeated_or_moved(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["headers", "transactions"]))
    frame: pl.DataFrame = getattr(HONEST, kind)
    change = data.draw(st.sampled_from([without, twice, swapped]))
    place = data.draw(st.integers(0, frame.height - 2))
    with pytest.raises(BadAnswer):
        prove(HONEST._replace(**{kind: change(place)(frame)}), BLOCKS, PARENT)


@given(st.data())
def test_no_log_can_be_repeated_or_moved(data: st.DataObject) -> None:
    change = data.draw(st.sampled_from([twice, swapped]))
    place = data.draw(st.integers(0, HONEST.logs.height - 2))
    with pytest.raises(BadAnswer):
        prove(HONEST._replace(logs=change(place)(HONEST.logs)), BLOCKS, PARENT)


def test_a_block_that_may_have_transfers_but_shows_none_lacks_a_witness() -> None:
    """A node that lost the logs of a block answers none; its header still tells of them."""
    assert blocks_without_witness(HONEST) == []
    lost = HONEST._replace(logs=HONEST.logs.remove(OF_BLOCK_3 & (pl.col("topic0") == TRANSFER)))
    assert blocks_without_witness(lost) == [3]
    assert blocks_without_witness(HONEST._replace(logs=HONEST.logs.clear())) == [1, 2, 3, 4, 6, 8, 9]


def all_logs_of_3() -> pl.DataFrame:
    return pl.DataFrame([log_row(log) for log in CHAIN.logs(3)], schema=LOGS, orient="row")


def test_all_logs_of_a_block_prove_that_none_was_lost() -> None:
    prove_nothing_lost(HONEST, 3, all_logs_of_3())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without(2), "block 3: the indexes of its logs have a hole"),
        (twice(2), "block 3: the indexes of its logs have a hole"),
        (swapped(2), "block 3: the indexes of its logs have a hole"),
        (lambda frame: frame[:3], "block 3: the header's bloom is not that of the logs"),
        (where(pl.col("log_index") == 1, topic2=word(77)), "block 3: the header's bloom is not that of the logs"),
        (where(pl.col("log_index") == 1, data="0x"), "block 3: logs were lost"),
    ],
)
def test_all_logs_that_do_not_fit_the_header_or_the_others_prove_nothing(
    change: Callable[[pl.DataFrame], pl.DataFrame], words: str
) -> None:
    with pytest.raises(BadAnswer, match=words):
        prove_nothing_lost(HONEST, 3, change(all_logs_of_3()))


def test_logs_that_a_filter_lost_are_missed_when_all_are_there() -> None:
    lost = HONEST._replace(logs=HONEST.logs.remove(OF_BLOCK_3 & (pl.col("topic0") == TRANSFER)))
    with pytest.raises(BadAnswer, match="block 3: logs were lost"):
        prove_nothing_lost(lost, 3, all_logs_of_3())
