"""The full proof of a block, judged by recorded mainnet blocks and by what a real geth answered."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import rlp

from whale_assets.chain.encoding import header_hash, keccak_hex, ordered_root, transaction_payload
from whale_assets.chain.roots import contradictions, unprovable
from whale_assets.errors import BadAnswer
from whale_assets_tests.oracle.recorded import (
    RecordedBlock,
    recorded_answer,
    recorded_block,
    recorded_blocks,
    recorded_index,
    shared_data,
)

EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
UNPROVEN = {
    "block": {"size", "totalDifficulty", "uncles", "transactions"},
    "transaction": {"from"},
    "receipt": {"logs", "blobGasPrice"},
    "log": {"removed"},
}
"""What no root or hash of the block speaks of; lists are altered item by item."""


@pytest.mark.parametrize("size", ["up to 300 transactions", pytest.param("more", marks=pytest.mark.trial)])
def test_every_recorded_mainnet_block_is_proven(size: str) -> None:
    contradicted = {
        recorded.number: found
        for recorded in recorded_blocks()
        if (len(recorded.receipts) > 300) == (size == "more")
        if (found := contradictions(recorded.block, recorded.receipts))
    }
    assert contradicted == {}


def test_what_is_unprovable_of_the_recorded_blocks_is_said() -> None:
    """A receipts root counts as checked exactly where the recording's own index says that it was."""
    for row, recorded in zip(recorded_index(), recorded_blocks(), strict=True):
        reasons = " ".join(unprovable(recorded.block, recorded.receipts))
        assert ("neither status nor root" in reasons) == (row["receipts_root_ok"] != "true"), recorded.number
        has_unlisted_withdrawals = "withdrawalsRoot" in recorded.block and "withdrawals" not in recorded.block
        assert ("withdrawals are not listed" in reasons) == has_unlisted_withdrawals, recorded.number


@pytest.mark.parametrize(
    ("block", "receipts"),
    [
        ("get-genesis", "get-block-receipts-0"),
        ("get-latest", "get-block-receipts-latest"),
    ],
)
def test_genesis_and_head_of_geths_chain_are_proven(block: str, receipts: str) -> None:
    conversation = (
        recorded_answer("eth_getBlockByNumber", f"{block}.io"),
        recorded_answer("eth_getBlockReceipts", f"{receipts}.io"),
    )
    assert contradictions(*conversation) == []
    assert unprovable(*conversation) == []


def test_receipts_with_the_state_root_of_before_byzantium_are_proven() -> None:
    block = recorded_answer("eth_getBlockByHash", "get-block-by-hash.io")
    receipts = recorded_answer("eth_getBlockReceipts", "get-block-receipts-n.io")
    assert all("root" in receipt and "status" not in receipt for receipt in receipts)
    assert contradictions(block, receipts) == []
    assert unprovable(block, receipts) == []
    receipts[1]["root"] = receipts[0]["root"]
    assert any("receiptsRoot" in sentence for sentence in contradictions(block, receipts))


@pytest.mark.parametrize("fork", ["london", "merge", "shanghai", "cancun", "prague"])
def test_the_header_of_each_fork_has_its_hash(fork: str) -> None:
    header = recorded_answer("eth_getBlockByNumber", f"get-block-{fork}-fork.io")
    assert header_hash(header) == header["hash"]


def test_an_amsterdam_header_as_geth_made_it_has_its_hash() -> None:
    zero = "0x" + 32 * "00"
    header = {
        "parentHash": "0xdac3e5b14da4daec8825b72e8d2cb9f996393419a2edf24e08d32d61640a419c",
        "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
        "miner": "0x71562b71999873db5b286df957af199ec94617f7",
        "stateRoot": "0xfdac5cd905dfb350e02ce5e761f321f29534a0e2478dd7b0f34cd5d736dc7fb3",
        "transactionsRoot": EMPTY_ROOT,
        "receiptsRoot": EMPTY_ROOT,
        "logsBloom": "0x" + 256 * "00",
        "difficulty": "0x0",
        "number": "0x1d",
        "gasLimit": "0xb48374",
        "gasUsed": "0x0",
        "timestamp": "0x6b063376",
        "extraData": "0xd88301110a846765746888676f312e32362e38856c696e7578",
        "mixHash": "0xdcfd2818f2c8bb29837186d6ece09ff18e3353201fee7c2bf4740b19806dbc1b",
        "nonce": "0x0000000000000000",
        "baseFeePerGas": "0x14616c7",
        "withdrawalsRoot": EMPTY_ROOT,
        "blobGasUsed": "0x0",
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": zero,
        "requestsHash": "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "blockAccessListHash": "0xf7228be6e69d5751083683ffd1ed3acb9bd91cbfbfc08deb17773f0639747639",
        "slotNumber": "0x0",
    }
    assert header_hash(header) == "0xdbe3f43270033c558a0d725b353e60ded5b80d218f3d6efc77700e95ae8ea995"


def test_a_transaction_that_sets_code_is_encoded_as_the_chain_file_holds_it() -> None:
    [payload] = [payload for payload in _payloads_of_the_chain_file() if payload[0] == 4]
    names = "chainId nonce maxPriorityFeePerGas maxFeePerGas gas to value input accessList authorizationList v r s"
    transaction = dict(zip(names.split(), _as_json(rlp.decode(payload[1:])), strict=True)) | {"type": "0x4"}
    entry_names = ("chainId", "address", "nonce", "yParity", "r", "s")
    assert (transaction["accessList"], transaction["input"]) == ([], "0x0")
    transaction["input"] = "0x"
    transaction["authorizationList"] = [
        dict(zip(entry_names, entry, strict=True)) for entry in transaction["authorizationList"]
    ]
    assert keccak_hex(transaction_payload(transaction)) == keccak_hex(payload)


def _payloads_of_the_chain_file() -> Iterator[bytes]:
    """The typed transactions of every block of the chain file."""
    rest = shared_data("chain", "chain.rlp").read_bytes()
    while rest:
        [_, transactions, *_], _, end = rlp.codec.consume_item(rest, 0)
        yield from (transaction for transaction in transactions if isinstance(transaction, bytes))
        rest = rest[end:]


def _as_json(item: Any) -> Any:
    if isinstance(item, bytes):
        return "0x" + (item.hex() or "0")
    return [_as_json(part) for part in item]


def test_the_root_of_nothing_is_the_published_one() -> None:
    assert ordered_root([]) == EMPTY_ROOT


def _alterations(kind: str, original: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field of a JSON object that claims something, with another value of the same form."""
    for name, value in original.items():
        if name in UNPROVEN[kind] or name.startswith("_"):
            continue
        if value is None:
            yield name, "0x" + 20 * "11"
        elif isinstance(value, list):
            yield name, value[1:] if value else [{"address": "0x" + 20 * "11", "storageKeys": []}]
        else:
            yield name, value[:-1] + ("1" if value[-1] == "0" else "0")


def _parts(recorded: RecordedBlock) -> Iterator[tuple[str, dict[str, Any]]]:
    """The block, and one of its transactions of each type with receipt, log and withdrawal."""
    yield "block", recorded.block
    for kind in sorted({transaction["type"] for transaction in recorded.block["transactions"]}):
        index = next(i for i, each in enumerate(recorded.block["transactions"]) if each["type"] == kind)
        yield "transaction", recorded.block["transactions"][index]
        yield "receipt", recorded.receipts[index]
    yield "log", next(log for receipt in recorded.receipts for log in receipt["logs"] if log["data"] != "0x")


@pytest.mark.parametrize("number", [2675000, 7000000, 14764013, 19923400])
def test_any_altered_field_is_found(number: int) -> None:
    """Blocks from before Byzantium, after it, after London and after Cancun; each field is altered alone."""
    recorded = recorded_block(number)
    no_receipts_root = bool(unprovable(recorded.block, recorded.receipts))
    overlooked = []
    for kind, part in _parts(recorded):
        if no_receipts_root and kind in {"receipt", "log"}:
            continue
        for name, other in _alterations(kind, dict(part)):
            original, part[name] = part[name], other
            try:
                found = contradictions(recorded.block, recorded.receipts)
            except BadAnswer as error:
                found = [str(error)]
            if not found:
                overlooked.append((kind, name, original, other))
            part[name] = original
    assert overlooked == []


def test_a_contradiction_names_block_field_and_both_values() -> None:
    recorded = recorded_block(19923400)
    assert recorded.receipts[3]["status"] == "0x1"
    recorded.receipts[3]["status"] = "0x0"
    [sentence] = contradictions(recorded.block, recorded.receipts)
    assert re.fullmatch(
        f"block 19923400: receiptsRoot should be 0x[0-9a-f]{{64}}, found {recorded.block['receiptsRoot']}", sentence
    )


def test_a_contradiction_names_the_transaction_and_shows_numbers_as_numbers() -> None:
    recorded = recorded_block(19923400)
    assert recorded.receipts[1]["transactionIndex"] == "0x1"
    recorded.receipts[1]["transactionIndex"] = "0x10"
    assert contradictions(recorded.block, recorded.receipts) == [
        "block 19923400, transaction 1, receipt: transactionIndex should be 1, found 16"
    ]


def test_a_topic_that_is_altered_shows_in_both_blooms_and_the_root() -> None:
    recorded = recorded_block(19923400)
    index, receipt = next((i, each) for i, each in enumerate(recorded.receipts) if each["logs"])
    receipt["logs"][0]["topics"][0] = "0x" + 32 * "ab"
    subjects = [sentence.partition(" should be")[0] for sentence in contradictions(recorded.block, recorded.receipts)]
    assert subjects == [
        "block 19923400: logsBloom",
        "block 19923400: receiptsRoot",
        f"block 19923400, transaction {index}, receipt: logsBloom",
    ]


def test_a_missing_receipt_and_swapped_receipts_are_found() -> None:
    recorded = recorded_block(19923400)
    [sentence] = contradictions(recorded.block, recorded.receipts[:-1])
    assert sentence == "block 19923400: receipts should be 24, one for each transaction, found 23"
    swapped = [recorded.receipts[1], recorded.receipts[0], *recorded.receipts[2:]]
    assert any("transactionHash" in sentence for sentence in contradictions(recorded.block, swapped))


def test_a_withdrawal_that_is_altered_is_found() -> None:
    recorded = recorded_block(19923400)
    recorded.block["withdrawals"][2]["amount"] = "0x1"
    [sentence] = contradictions(recorded.block, recorded.receipts)
    assert "withdrawalsRoot" in sentence


def test_addresses_in_mixed_case_and_receipts_of_older_nodes_are_no_contradiction() -> None:
    recorded = recorded_block(19923400)
    for receipt in recorded.receipts:
        receipt["from"] = receipt["from"].upper().replace("0X", "0x")
        del receipt["effectiveGasPrice"]
        del receipt["type"]
    assert contradictions(recorded.block, recorded.receipts) == []


def test_a_type_of_transaction_that_is_not_known_is_unprovable_and_no_contradiction() -> None:
    recorded = recorded_block(14764013)
    recorded.block["transactions"][0]["type"] = recorded.receipts[0]["type"] = "0x7e"
    assert contradictions(recorded.block, recorded.receipts) == []
    [sentence] = unprovable(recorded.block, recorded.receipts)
    assert "type 126" in sentence


def test_a_malformed_answer_is_an_error_and_not_a_verdict() -> None:
    recorded = recorded_block(14764013)
    del recorded.block["stateRoot"]
    with pytest.raises(BadAnswer, match="stateRoot"):
        contradictions(recorded.block, recorded.receipts)


def test_proving_changes_nothing_in_what_it_is_given() -> None:
    recorded = recorded_block(14764013)
    before = deepcopy(recorded)
    contradictions(recorded.block, recorded.receipts)
    unprovable(recorded.block, recorded.receipts)
    assert recorded == before
