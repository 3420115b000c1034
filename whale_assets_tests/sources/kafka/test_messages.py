"""Blocks and heads as messages: there and back, and what is no message of ours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.simulator import generate, running
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.kafka.messages import (
    BadMessage,
    HeadMessage,
    decode_blocks,
    decode_head,
    encode_blocks,
    named,
)


@pytest.fixture(scope="module")
def frames() -> BlockFrames:
    """Seven blocks of a made chain, withdrawals and an empty block among them."""
    chain = generate(blocks=40, transactions_per_block=20)
    with running(chain) as url:
        source = JsonRpcSource(url, 30, 1)
        return source.blocks(BlockRange(chain.first_block + 12, chain.first_block + 18)).frames


def changed(message: bytes, change: Any) -> bytes:
    """The message, changed as JSON."""
    content = json.loads(message)
    change(content)
    return json.dumps(content).encode()


def test_blocks_come_back_as_they_were(frames: BlockFrames) -> None:
    back = decode_blocks(encode_blocks(frames))
    for before, after in zip(frames, back, strict=True):
        assert after.equals(before)
        assert after.schema == before.schema


def test_each_block_has_a_message_of_its_own(frames: BlockFrames) -> None:
    messages = encode_blocks(frames)
    assert [named(message).number for message in messages] == frames.headers["number"].to_list()
    for message, name in zip(messages, frames.headers["hash"], strict=True):
        assert named(message).hash == name
        assert decode_blocks([message]).headers["hash"].to_list() == [name]


def test_any_json_reader_finds_the_columns(frames: BlockFrames) -> None:
    first = json.loads(encode_blocks(frames)[0])
    assert first["version"] == 1
    assert first["header"] == frames.headers.row(0, named=True)
    rows = frames.transactions.filter(block_number=frames.headers["number"][0])
    assert [int(value) for value in first["transactions"]["value_wei"]] == [int(wei) for wei in rows["value_wei"]]


@pytest.mark.parametrize(
    "change",
    [
        lambda block: block.update(version=2),
        lambda block: block.pop("header"),
        lambda block: block["header"].update(hash=None),
        lambda block: block["header"].pop("gas_used"),
        lambda block: block["transactions"]["sender"].pop(),
        lambda block: block["transactions"]["sender"].__setitem__(0, "no address"),
        lambda block: block["transactions"]["nonce"].__setitem__(0, -1),
        lambda block: block["transactions"]["value_wei"].__setitem__(0, "1.5"),
        lambda block: block["logs"].pop("data"),
    ],
)
def test_a_block_that_does_not_hold_what_it_should_is_refused(frames: BlockFrames, change: Any) -> None:
    message = changed(encode_blocks(frames)[0], change)
    with pytest.raises(BadMessage):
        decode_blocks([message])


def test_a_block_with_an_older_list_of_events_is_refused(frames: BlockFrames) -> None:
    with pytest.raises(BadMessage, match="older list"):
        named(changed(encode_blocks(frames)[0], lambda block: block.update(topics_version=1)))


@given(st.binary(max_size=200))
def test_what_is_not_ours_is_refused(message: bytes) -> None:
    for read in (named, decode_head, lambda each: decode_blocks([each])):
        with pytest.raises(BadMessage):
            read(message)


def test_a_message_that_is_cut_off_is_refused(frames: BlockFrames) -> None:
    message = encode_blocks(frames)[0]
    for end in range(0, len(message), max(1, len(message) // 50)):
        with pytest.raises(BadMessage):
            decode_blocks([message[:end]])


def test_a_newer_head_is_told_by_its_version() -> None:
    with pytest.raises(BadMessage, match="version 7"):
        decode_head(b'{"version": 7, "event": "merged"}')


def test_fields_that_are_not_known_are_passed_over() -> None:
    head = HeadMessage(
        version=1, event="joined", number=5, hash="0x5", timestamp=9, seen=9.5, chain_id=1, genesis_hash="0x0"
    )
    content = {name: getattr(head, name) for name in head.__struct_fields__} | {"mood": "fine"}
    assert decode_head(json.dumps(content).encode()) == head
