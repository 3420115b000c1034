"""Every way in which ether moves, on a geth that seals blocks of either side of Amsterdam.

Both sources must read the same of it, prove it block by block, and say what geth itself says.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from whale_assets.chain.events import TRANSFER
from whale_assets.chain.frames import BLOCKS
from whale_assets.chain.movements import movements
from whale_assets.chain.netting import nets
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.roots import contradictions, unprovable
from whale_assets_tests.services.geth import ask, seal_chain
from whale_assets_tests.services.geth_says import assert_geth_says_so, fetch

pytestmark = pytest.mark.services

ETHER_LOGGER = "0xfffffffffffffffffffffffffffffffffffffffe"
SOMEONE, ANOTHER, BUILDER, VALIDATOR = ("0x" + pair * 20 for pair in ("11", "22", "ab", "cd"))
RETURNS_NOTHING, REVERTS = "0x60006000f3", "0x60006000fd"
FORWARDS = "0x6021600c60003960216000f3" + "6000600060006000" + "34" + "73" + ANOTHER[2:] + "5af100"
"""A contract that passes on to another whatever ether it is sent."""


class Sealed(NamedTuple):
    """What geth sealed: the blocks, who sent, and each receipt by the name of its transaction."""

    url: str
    blocks: BlockRange
    sender: str
    receipts: dict[str, dict[str, Any]]
    is_amsterdam: bool


@pytest.fixture(scope="module", params=["before", "amsterdam"])
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    is_amsterdam = request.param == "amsterdam"
    options = ["--override.amsterdam", "0"] if is_amsterdam else []
    with seal_chain(tmp_path_factory.mktemp(request.param), *options) as url:
        (sender,) = ask(url, "eth_accounts")
        ask(url, "dev_setFeeRecipient", BUILDER)
        for index in range(2):
            withdrawal = {"index": hex(index), "validatorIndex": hex(70 + index), "address": VALIDATOR}
            ask(url, "dev_addWithdrawal", withdrawal | {"amount": hex((index + 1) * 10**9)})
        receipts = told(
            url,
            plain={"from": sender, "to": SOMEONE, "value": hex(10**18)},
            oneself={"from": sender, "to": sender, "value": hex(5)},
            with_data={"from": sender, "to": SOMEONE, "value": hex(6), "data": "0xa9059cbb00"},
            short_data={"from": sender, "to": SOMEONE, "data": "0xa9059c"},
            creation={"from": sender, "value": hex(7), "data": RETURNS_NOTHING},
            failed={"from": sender, "value": hex(8), "data": REVERTS, "gas": hex(500_000)},
            forwarder={"from": sender, "data": FORWARDS},
        )
        forwarder = receipts["forwarder"]["contractAddress"]
        receipts |= told(url, forwarded={"from": sender, "to": forwarder, "value": hex(9), "gas": hex(500_000)})
        receipts |= told(url, quiet={"from": sender, "data": RETURNS_NOTHING})
        last = max(int(receipt["blockNumber"], 16) for receipt in receipts.values())
        yield Sealed(url, BlockRange(0, last), sender, receipts, is_amsterdam)


def told(url: str, **transactions: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Sends the transactions and awaits their receipts."""
    hashes = {name: ask(url, "eth_sendTransaction", transaction) for name, transaction in transactions.items()}
    return {name: receipt_of(url, transaction_hash) for name, transaction_hash in hashes.items()}


@retry(
    retry=retry_if_result(lambda receipt: receipt is None),
    stop=stop_after_delay(10),
    wait=wait_fixed(0.02),
)
def receipt_of(url: str, transaction_hash: str) -> Any:
    """Once it is there; geth has no result to give, but an error, while it still indexes."""
    return ask(url, "eth_getTransactionReceipt", transaction_hash)


def test_both_sources_read_what_geth_says(sealed: Sealed) -> None:
    by_graphql, by_jsonrpc = (fetch(source, sealed.url, sealed.blocks) for source in ("graphql", "jsonrpc"))
    for one, other in zip(by_graphql, by_jsonrpc, strict=True):
        assert_frame_equal(one, other)
    assert_geth_says_so(sealed.url, sealed.blocks, by_jsonrpc)
    assert by_jsonrpc.withdrawals["amount_gwei"].to_list() == [10**9, 2 * 10**9]
    assert set(by_jsonrpc.headers["fee_recipient"][1:]) == {BUILDER}
    methods = dict(by_jsonrpc.transactions.select("transaction_hash", "method").iter_rows())
    called = {name for name, receipt in sealed.receipts.items() if methods[receipt["transactionHash"]] is not None}
    assert called == {"with_data"}


@pytest.mark.parametrize("source", ["graphql", "jsonrpc"])
def test_every_block_is_proven_by_itself(sealed: Sealed, source: str) -> None:
    """Also those that no neighbour shows to be of Amsterdam."""
    for number in range(sealed.blocks.first, sealed.blocks.last + 1):
        assert fetch(source, sealed.url, BlockRange(number, number)).headers["number"].to_list() == [number]


def test_gas_adds_up_exactly_until_amsterdam_only(sealed: Sealed) -> None:
    """Else the proof of these blocks would prove nothing new."""
    frames = fetch("jsonrpc", sealed.url, sealed.blocks)
    used = frames.transactions.group_by("block_number").agg(used=pl.col("gas_used").sum())
    blocks = frames.headers.join(used, left_on="number", right_on="block_number")
    differing = blocks.filter(pl.col("used") != pl.col("gas_used"))["number"].to_list()
    quiet = int(sealed.receipts["quiet"]["blockNumber"], 16)
    assert (quiet in differing, len(differing) > 1) == (sealed.is_amsterdam, sealed.is_amsterdam)


def test_ether_that_moves_is_logged_from_amsterdam_on(sealed: Sealed) -> None:
    logs = fetch("graphql", sealed.url, sealed.blocks).logs.filter(address=ETHER_LOGGER, topic0=TRANSFER)
    found = [
        (transaction_hash, "0x" + sender[-40:], "0x" + receiver[-40:], int(data, 16))
        for transaction_hash, sender, receiver, data in logs.select(
            "transaction_hash", "topic1", "topic2", "data"
        ).iter_rows()
    ]
    assert found == (expected_logs(sealed) if sealed.is_amsterdam else [])


def expected_logs(sealed: Sealed) -> Sequence[tuple[str, str, str, int]]:
    """Not of what went to oneself, carried nothing or failed; of what was passed on twice."""
    creation, forwarder = (sealed.receipts[name]["contractAddress"] for name in ("creation", "forwarder"))
    moved = [
        ("plain", sealed.sender, SOMEONE, 10**18),
        ("with_data", sealed.sender, SOMEONE, 6),
        ("creation", sealed.sender, creation, 7),
        ("forwarded", sealed.sender, forwarder, 9),
        ("forwarded", forwarder, ANOTHER, 9),
    ]
    return [(sealed.receipts[name]["transactionHash"], *parties) for name, *parties in moved]


def test_hashes_and_roots_are_computed_again(sealed: Sealed) -> None:
    for number in range(sealed.blocks.first, sealed.blocks.last + 1):
        block = ask(sealed.url, "eth_getBlockByNumber", hex(number), True)
        receipts = ask(sealed.url, "eth_getBlockReceipts", hex(number))
        assert contradictions(block, receipts) == []
        assert unprovable(block, receipts) == []
        assert ("blockAccessListHash" in block) == sealed.is_amsterdam


def test_movements_add_up_to_the_balances_that_geth_tells(sealed: Sealed) -> None:
    """Before Amsterdam but for what was passed on inside a call, which no log tells."""
    headers, transactions, logs, withdrawals = fetch("jsonrpc", sealed.url, sealed.blocks)
    blocks = headers.select(list(BLOCKS))
    ether, tokens, _ = movements(blocks, transactions.lazy(), logs.lazy(), withdrawals.lazy())
    assert tokens.is_empty()
    kinds = {"native", "creation", "withdrawal"} | ({"internal"} if sealed.is_amsterdam else set())
    assert set(ether["kind"]) == kinds
    creation, forwarder = (sealed.receipts[name]["contractAddress"] for name in ("creation", "forwarder"))
    found = dict(nets(ether).select("address", pl.col("net_raw").cast(pl.Int128)).group_by("address").sum().iter_rows())
    balances = {
        address: int(ask(sealed.url, "eth_getBalance", address, "latest"), 16)
        for address in (SOMEONE, ANOTHER, VALIDATOR, creation, forwarder)
    }
    unseen = {} if sealed.is_amsterdam else {ANOTHER: 0, forwarder: 9}
    assert {address: found.get(address, 0) for address in balances} == balances | unseen
    assert balances[ANOTHER] == 9
