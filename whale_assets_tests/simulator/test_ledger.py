"""The ledger and the blocks tell the same story, and the story has everything in it that it should."""

from collections import defaultdict
from collections.abc import Sequence

import pytest

from whale_assets.simulator import Block, GeneratedChain, Intent, generate, labels
from whale_assets.simulator.actors import ROUTER, ZERO_ADDRESS
from whale_assets.simulator.scenes.notable import SCHEDULE

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
ADDRESS_LABELS = {"address", "name_tag", "entity", "category", "source", "valid_from", "valid_to"}


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    return generate(seed=3, blocks=22, transactions_per_block=40)


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


def test_every_movement_in_the_blocks_is_in_the_ledger_and_no_other(
    blocks: Sequence[Block], ledger: Sequence[Intent]
) -> None:
    moved = []
    for block in blocks:
        for transaction, receipt in zip(block.body["transactions"], block.receipts, strict=True):
            index, value = int(receipt["transactionIndex"], 16), int(transaction["value"], 16)
            place = (block.number, index, receipt["transactionHash"])
            if receipt["status"] == "0x1" and value:
                receiver = transaction["to"] or receipt["contractAddress"]
                moved.append((*place, -1, "", ZERO_ADDRESS, transaction["from"], receiver, value, True))
            for log in receipt["logs"]:
                if log["topics"][0] == TRANSFER and len(log["topics"]) == 3 and len(log["data"]) == 66:
                    parties = ("0x" + topic[26:] for topic in log["topics"][1:])
                    place_of_log, amount = int(log["logIndex"], 16), int(log["data"], 16)
                    moved.append((*place, place_of_log, "", log["address"], *parties, amount, True))
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
