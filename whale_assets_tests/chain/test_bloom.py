"""The header's filter, judged by a slow one, and by filters that mainnet's headers hold."""

from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.bloom import bloom_of, may_hold, value_bits
from whale_assets_tests.oracle.recorded import recorded_blocks
from whale_assets_tests.sources.small_chain import slow_bloom

VALUES = st.binary(min_size=20, max_size=32).map(lambda value: "0x" + value.hex())


@given(st.lists(VALUES))
def test_the_filter_of_values_is_the_slow_one(values: list[str]) -> None:
    assert bloom_of(values) == slow_bloom({"address": value, "topics": []} for value in values)


@given(st.lists(VALUES, max_size=20), VALUES)
def test_a_filter_holds_what_it_is_of_and_the_empty_one_nothing(values: list[str], other: str) -> None:
    assert all(may_hold(bloom_of([*values, other]), value) for value in values)
    assert not may_hold(0, other)
    assert not may_hold(bloom_of(values) & ~value_bits(other), other)


def test_the_filters_of_mainnets_headers_are_those_of_all_their_logs() -> None:
    for recorded in recorded_blocks():
        logs = [log for receipt in recorded.receipts for log in receipt["logs"]]
        values = [value for log in logs for value in (log["address"], *log["topics"])]
        assert bloom_of(values) == int(recorded.block["logsBloom"], 16), recorded.number
