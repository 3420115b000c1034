"""The ledger and the blocks tell the same story, and the story has everything in it that it should."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from whale_assets.simulator import Block, GeneratedChain, Intent, generate, labels
from whale_assets.simulator.actors import BUILDERS, MIXER, PROPOSERS, ROUTER, WETH, ZERO_ADDRESS
from whale_assets.simulator.scenes.notable import SCHEDULE

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
WRAP = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
UNWRAP = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
ETHER_LOGGER = "0xfffffffffffffffffffffffffffffffffffffffe"
ETHER_IN_WEI = 10**18
ADDRESS_LABELS = {"address", "name_tag", "entity", "category", "source", "valid_from", "valid_to"}


FIRST = 20_000_000
HALFWAY = FIRST + 11


@pytest.fixture(scope="module", params=[None, HALFWAY, FIRST], ids=["never", "halfway", "always"])
def chain(request: pytest.FixtureRequest) -> GeneratedChain:
    """One story, told where ether is never logged, halfway on, and always."""
    return generate(seed=3, blocks=22, transactions_per_block=40, first_block=FIRST, ether_logs_from=request.param)


@pytest.fixture(scope="module")
def blocks(chain: GeneratedChain) -> Sequence[Block]:
    return list(chain.between(chain.first_block, chain.head))


@pytest.fixture(scope="module")
def ledger(chain: GeneratedChain) -> Sequence[Intent]:
    return list(chain.ledger())


def scene(ledger: Sequence[Intent], name: str) -> list[Intent]:
    """The lines of a scene, of which there must be some."""
    found = [line for line in ledger if line.scene == name]
    assert found
    return found


def logs_ether(chain: GeneratedChain, number: int) -> bool:
    return chain.ether_logs_from is not None and number >= chain.ether_logs_from


def test_every_movement_in_the_blocks_is_in_the_ledger_and_no_other(
    chain: GeneratedChain, blocks: Sequence[Block], ledger: Sequence[Intent]
) -> None:
    moved = []
    for block in blocks:
        for transaction, receipt in zip(block.body["transactions"], block.receipts, strict=True):
            index, value = int(receipt["transactionIndex"], 16), int(transaction["value"], 16)
            place = (block.number, index, receipt["transactionHash"])
            receiver = transaction["to"] or receipt["contractAddress"]
            is_logged = logs_ether(chain, block.number) and receiver != transaction["from"]
            if receipt["status"] == "0x1" and value and not is_logged:
                moved.append((*place, -1, "", ZERO_ADDRESS, transaction["from"], receiver, value, True))
            for log in receipt["logs"]:
                if log["topics"][0] == TRANSFER and len(log["topics"]) == 3 and len(log["data"]) == 66:
                    parties = ("0x" + topic[26:] for topic in log["topics"][1:])
                    place_of_log, amount = int(log["logIndex"], 16), int(log["data"], 16)
                    token = ZERO_ADDRESS if log["address"] == ETHER_LOGGER else log["address"]
                    moved.append((*place, place_of_log, "", token, *parties, amount, True))
    meant = [tuple(line._replace(scene="", succeeded=True)) for line in ledger if line.succeeded]
    assert sorted(moved) == sorted(meant)


def test_every_scene_is_seen_within_twenty_blocks(chain: GeneratedChain) -> None:
    ages = range(20)
    assert all(any(age % every == turn for age in ages) for every, turn, _ in SCHEDULE)
    assert len({play.__name__ for _, _, play in SCHEDULE}) == len(SCHEDULE)


def test_failed_transactions_are_large_and_leave_nothing_behind(
    chain: GeneratedChain, ledger: Sequence[Intent]
) -> None:
    failed = scene(ledger, "failed")
    assert any(line.token_address == ZERO_ADDRESS and line.amount > 300 * 10**18 for line in failed)
    for line in failed:
        place = chain.transaction(line.transaction_hash)
        assert place is not None
        receipt = place.block.receipts[place.position]
        assert (receipt["status"], receipt["logs"]) == ("0x0", [])


def test_ether_is_logged_from_its_block_on_before_all_else_and_never_to_oneself(
    chain: GeneratedChain, blocks: Sequence[Block]
) -> None:
    seen = set()
    for block in blocks:
        for transaction, receipt in zip(block.body["transactions"], block.receipts, strict=True):
            receiver = transaction["to"] or receipt["contractAddress"]
            sends = receipt["status"] == "0x1" and transaction["value"] != "0x0" and receiver != transaction["from"]
            told = [log for log in receipt["logs"] if log["address"] == ETHER_LOGGER]
            if not logs_ether(chain, block.number):
                assert told == []
            elif sends:
                topics = [TRANSFER, *("0x" + "0" * 24 + party[2:] for party in (transaction["from"], receiver))]
                assert (receipt["logs"][0]["address"], receipt["logs"][0]["topics"]) == (ETHER_LOGGER, topics)
                assert int(receipt["logs"][0]["data"], 16) == int(transaction["value"], 16)
            assert all(log["topics"][1] != log["topics"][2] and int(log["data"], 16) for log in told)
            seen |= {sends} | {"inside" for log in told if log["topics"][1][-40:] != transaction["from"][2:]}
    assert seen >= ({True, False, "inside"} if chain.ether_logs_from else {True, False})


def test_what_the_router_and_the_mixer_pass_on_is_seen_only_where_ether_is_logged(
    chain: GeneratedChain, ledger: Sequence[Intent]
) -> None:
    for name, payer in (("swap to ether", ROUTER), ("mixer", MIXER), ("unwrap", WETH.address)):
        paid = [
            line
            for line in ledger
            if (line.scene, line.token_address, line.from_address) == (name, ZERO_ADDRESS, payer)
        ]
        assert bool(paid) == (chain.ether_logs_from is not None)
        assert all(logs_ether(chain, line.block_number) for line in paid)


def test_wrapped_and_unwrapped_ether_is_as_much_as_goes_to_weth_and_comes_from_it(
    chain: GeneratedChain, blocks: Sequence[Block]
) -> None:
    events = {WRAP: "to", UNWRAP: "from"}
    moved: dict[str, list[tuple[str, str, int]]] = {"to": [], "from": []}
    for block in blocks:
        for log in block.logs() if logs_ether(chain, block.number) else ():
            place, amount = log["transactionHash"], int(log["data"], 16) if len(log["data"]) == 66 else 0
            if log["address"] == WETH.address and log["topics"][0] in events:
                moved[events[log["topics"][0]]].remove((place, log["topics"][1][-40:], amount))
            elif log["address"] == ETHER_LOGGER:
                payer, receiver = (topic[-40:] for topic in log["topics"][1:])
                moved["to"] += [(place, payer, amount)] if receiver == WETH.address[2:] else []
                moved["from"] += [(place, receiver, amount)] if payer == WETH.address[2:] else []
    assert moved == {"to": [], "from": []}


def test_failures_creations_and_sends_to_oneself_are_large_ones(ledger: Sequence[Intent]) -> None:
    ether = [line for line in ledger if line.token_address == ZERO_ADDRESS and line.amount > 30 * ETHER_IN_WEI]
    assert {"failed", "creation with value", "send to oneself"} <= {line.scene for line in ether}
    assert {line.succeeded for line in scene(ledger, "failed")} == {False}
    assert {line.log_index for line in ether if line.scene in {"failed", "send to oneself"}} == {-1}


def test_a_block_ends_with_what_its_builder_pays_the_proposer(
    blocks: Sequence[Block], ledger: Sequence[Intent]
) -> None:
    paid = {line.block_number: line for line in scene(ledger, "builder pays")}
    built = {block.number for block in blocks if block.body["miner"] in BUILDERS and len(block.receipts) > 1}
    own = {block.number for block in blocks if block.body["miner"] in PROPOSERS}
    assert (set(paid), bool(own)) == (built, True)
    for block in blocks:
        if line := paid.get(block.number):
            last = block.body["transactions"][-1]
            assert (last["hash"], last["from"]) == (line.transaction_hash, block.body["miner"])
            assert line.to_address in PROPOSERS
    assert min(line.amount for line in paid.values()) < ETHER_IN_WEI < 30 * ETHER_IN_WEI
    assert max(line.amount for line in paid.values()) > 30 * ETHER_IN_WEI


def test_withdrawals_are_counted_over_the_chain_and_now_and_then_large(chain: GeneratedChain) -> None:
    listed = [each for block in chain.between(FIRST - 300, chain.head) for each in block.body["withdrawals"]]
    indexes = [int(each["index"], 16) for each in listed]
    assert indexes == list(range(indexes[0], indexes[0] + len(indexes)))
    amounts = sorted(int(each["amount"], 16) for each in listed)
    assert amounts[len(amounts) // 2] < 20_000_000
    assert min(amount for amount in amounts if amount > 10**9) >= 32 * 10**9
    assert 1_000 * 10**9 < amounts[-1] <= 2_048 * 10**9
    told = [int(each["amount"], 16) for block in chain.between(FIRST, chain.head) for each in block.body["withdrawals"]]
    assert any(amount > 100 * 10**9 for amount in told)


def test_every_type_of_transaction_has_what_is_its_own(chain: GeneratedChain, blocks: Sequence[Block]) -> None:
    by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for block in blocks:
        for transaction in block.transactions:
            by_type[transaction["type"]].append(transaction)
        blobs = sum(len(each.get("blobVersionedHashes", ())) for each in block.transactions)
        assert int(block.body["blobGasUsed"], 16) == 131_072 * blobs
    assert set(by_type) == {"0x0", "0x2", "0x3", "0x4"}
    assert all(
        {"maxFeePerBlobGas", "blobVersionedHashes", "blobGasUsed", "blobGasPrice"} <= each.keys()
        for each in by_type["0x3"]
    )
    assert all(
        len(text) == 66 and text.startswith("0x01") for each in by_type["0x3"] for text in each["blobVersionedHashes"]
    )
    assert all(each["authorizationList"][0]["chainId"] == hex(chain.chain_id) for each in by_type["0x4"])
    assert all(each["from"] == each["to"] and each["logs"] for each in by_type["0x4"])
    assert not any({"blobVersionedHashes", "authorizationList"} & each.keys() for each in by_type["0x2"])


def test_hops_cancel_so_that_a_swap_is_the_whales_alone(ledger: Sequence[Intent]) -> None:
    nets: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for line in scene(ledger, "swap in hops"):
        nets[line.transaction_hash][line.from_address, line.token_address] -= line.amount
        nets[line.transaction_hash][line.to_address, line.token_address] += line.amount
    for net in nets.values():
        parties = {party for (party, _), amount in net.items() if amount}
        whales = [
            party for party in parties if sum(amount < 0 for (who, _), amount in net.items() if who == party) == 1
        ]
        assert ROUTER not in parties
        assert len(parties) == 3
        assert len(whales) == 3


def test_amounts_of_78_digits_are_among_them(ledger: Sequence[Intent]) -> None:
    assert max(line.amount for line in ledger) == 2**256 - 1
    assert {len(str(line.amount)) for line in scene(ledger, "absurd amount")} == {77, 78}


def test_fresh_wallets_are_within_their_first_five_transactions(
    chain: GeneratedChain, ledger: Sequence[Intent]
) -> None:
    for line in scene(ledger, "fresh wallet"):
        place = chain.transaction(line.transaction_hash)
        assert place is not None
        transaction = place.block.body["transactions"][place.position]
        assert transaction["from"] == line.from_address
        assert int(transaction["nonce"], 16) < 5


def test_poisoners_imitate_the_payee(ledger: Sequence[Intent]) -> None:
    payee = scene(ledger, "paid before poisoning")[0]
    poison = next(line for line in scene(ledger, "poisoning") if line.block_number == payee.block_number)
    assert poison.amount == 0
    assert poison.from_address == payee.from_address
    assert poison.to_address != payee.to_address
    assert (poison.to_address[:6], poison.to_address[-4:]) == (payee.to_address[:6], payee.to_address[-4:])


def test_creations_name_the_new_contract(chain: GeneratedChain, ledger: Sequence[Intent]) -> None:
    line = scene(ledger, "creation with value")[0]
    place = chain.transaction(line.transaction_hash)
    assert place is not None
    assert place.block.body["transactions"][place.position]["to"] is None
    assert place.block.receipts[place.position]["contractAddress"] == line.to_address


def test_labels_fit_the_table_and_the_chain(ledger: Sequence[Intent]) -> None:
    listed = labels()
    assert all(row.keys() == ADDRESS_LABELS for row in listed)
    addresses = {row["address"] for row in listed}
    assert len(addresses) == len(listed)
    acting = {party for line in ledger for party in (line.from_address, line.to_address)}
    assert {"exchange", "mixer", "sanctioned"} <= {row["category"] for row in listed if row["address"] in acting}
