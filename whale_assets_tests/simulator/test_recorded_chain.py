"""Recorded blocks are replayed as they are, gaps and all."""

import gzip
import json
from pathlib import Path

import pytest
import rlp
from eth_hash.auto import keccak

from whale_assets.errors import WrongUse
from whale_assets.simulator import load_recorded, running
from whale_assets.simulator.recorded import MAINNET_GENESIS
from whale_assets_tests.oracle.recorded import recorded_block, shared_data
from whale_assets_tests.simulator.asking import blocks_by_graphql, post, query, rpc

CONSECUTIVE = range(17_686_110, 17_686_123)
GENESIS_FIELDS = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
)
NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three consecutive recorded blocks, a gap, and one more."""
    for number in (*CONSECUTIVE[:3], CONSECUTIVE[-1]):
        source = shared_data("mainnet", "blocks", f"{number:08d}.json.gz")
        (tmp_path / source.name).symlink_to(source)
    return tmp_path


def test_the_genesis_header_has_the_hash_that_everyone_knows() -> None:
    fields = []
    for name in GENESIS_FIELDS:
        text = MAINNET_GENESIS[name]
        number = int(text, 16)
        fields.append(number.to_bytes((number.bit_length() + 7) // 8) if name in NUMBERS else bytes.fromhex(text[2:]))
    assert "0x" + keccak(rlp.encode(fields)).hex() == MAINNET_GENESIS["hash"]
    assert MAINNET_GENESIS["hash"] == "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"


def test_blocks_and_receipts_are_as_recorded(folder: Path) -> None:
    with running(load_recorded(folder)) as url:
        for number in CONSECUTIVE[:3]:
            recorded = recorded_block(number)
            assert rpc(url, "eth_getBlockByNumber", hex(number), True) == recorded.block
            assert rpc(url, "eth_getBlockReceipts", recorded.block["hash"]) == recorded.receipts


def test_what_was_not_recorded_is_gone_as_pruned_history_is(folder: Path) -> None:
    with running(load_recorded(folder)) as url:
        gone = {"code": 4444, "message": "pruned history unavailable"}
        assert rpc(url, "eth_getBlockByNumber", hex(CONSECUTIVE[5]), True) == gone
        assert rpc(url, "eth_getBlockReceipts", hex(CONSECUTIVE[5])) == gone
        one = query("query($number: Long) { block(number: $number) { hash } }", number=CONSECUTIVE[5])
        [error] = json.loads(post(f"{url}/graphql", one).data)["errors"]
        assert error["message"] == gone["message"]
        several = blocks_by_graphql(CONSECUTIVE[0], CONSECUTIVE[-1])
        [error] = json.loads(post(f"{url}/graphql", several).data)["errors"]
        assert error["message"] == gone["message"]
        assert rpc(url, "eth_getLogs", {"fromBlock": hex(CONSECUTIVE[0]), "toBlock": "latest"}) == gone


def test_the_chain_is_mainnet_and_its_last_block_the_final_head(folder: Path) -> None:
    with running(load_recorded(folder)) as url:
        assert rpc(url, "eth_chainId") == "0x1"
        assert rpc(url, "eth_getBlockByNumber", "0x0", False)["hash"] == MAINNET_GENESIS["hash"]
        assert rpc(url, "eth_blockNumber") == hex(CONSECUTIVE[-1])
        for tag in ("latest", "finalized", "safe"):
            assert rpc(url, "eth_getBlockByNumber", tag, False)["number"] == hex(CONSECUTIVE[-1])


def test_logs_and_blocks_are_found_where_all_was_recorded(folder: Path) -> None:
    there = CONSECUTIVE[:3]
    wanted = [log for number in there for receipt in recorded_block(number).receipts for log in receipt["logs"]]
    with running(load_recorded(folder)) as url:
        assert rpc(url, "eth_getLogs", {"fromBlock": hex(there[0]), "toBlock": hex(there[-1])}) == wanted
        answer = json.loads(post(f"{url}/graphql", blocks_by_graphql(there[0], there[-1])).data)
        assert [int(block["number"], 16) for block in answer["data"]["blocks"]] == list(there)


def test_a_folder_without_blocks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="holds no recorded blocks"):
        load_recorded(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no JSON", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b'{"block": {}}', mtime=0),
    ],
)
def test_a_file_that_is_no_block_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "00000007.json.gz").write_bytes(content)
    with pytest.raises(WrongUse, match=r"00000007\.json\.gz is not a recorded block"):
        load_recorded(tmp_path)
