"""Small changes to a node's answers: what the proof sees is never stored, and what it cannot see the roots find."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from starlette.responses import Response

from whale_assets.chain import frames
from whale_assets.chain.certificate import certify
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.roots import contradictions
from whale_assets.errors import BadAnswer, WhaleError
from whale_assets.simulator import Block, Faults, RecordedChain, running
from whale_assets.simulator.faults import replies
from whale_assets.simulator.mutate import mutate
from whale_assets.sources.columns import BYZANTIUM
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import BlockSource
from whale_assets.verify.findings import Finding
from whale_assets.verify.held import Held
from whale_assets.verify.roots import prove_blocks
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_block

NUMBERS = [2_675_000, 7_000_000, 14_764_013, 19_923_400]
"""Before Byzantium, after it, after London, and with blobs; each has a few dozen transactions."""

OF_BOTH = {
    *("blocks.parent_hash", "blocks.timestamp", "blocks.base_fee_per_gas", "blocks.fee_recipient"),
    *("blocks.withdrawal_count", "withdrawals: rows", "withdrawals.withdrawal_index", "withdrawals.validator_index"),
    *("withdrawals.address", "withdrawals.amount_gwei", "transactions.method"),
    *("transactions.sender", "transactions.recipient", "transactions.created_contract", "transactions.nonce"),
    *("transactions.transaction_type", "transactions.value_wei", "transactions.status"),
    "transactions.effective_gas_price",
    *("logs: rows", "logs.topic1", "logs.topic2", "logs.topic3", "logs.data"),
}
UNPROVEN: dict[str, set[str]] = {
    "GraphQL": OF_BOTH | {"transactions.transaction_hash", "logs.log_index", "logs.address"},
    "JSON-RPC": OF_BOTH | {"logs.topic0"},
}
"""The columns of which one block's answer alone cannot tell that they are wrong; `rows` is a log more or less.

By GraphQL, logs come through a filter that may lose one; by JSON-RPC, one that has lost its first topic is not kept.
"""


class Liar:
    """A node with some recorded blocks that changes one answer a little when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.blocks = {number: recorded_block(number) for number in NUMBERS}
        self.chain = RecordedChain({number: Block(*block) for number, block in self.blocks.items()})
        self.faults = Faults()
        self.answered, self.what = b"", ""
        monkeypatch.setitem(replies.ON_THE_WAY, "mutated", self._mutated)

    def lie_once(self, seed: int) -> None:
        """Changes the next answer about blocks."""
        self.faults.clear()
        self.faults.chance = Random(seed)
        self.faults.add("mutated", times=1)

    def _mutated(self, content: bytes, chance: Random) -> Response:
        self.answered, self.what = mutate(content, chance)
        return Response(self.answered, media_type=replies.JSON)


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Liar:
    return Liar(monkeypatch)


@pytest.fixture
def url(liar: Liar) -> Iterator[str]:
    with running(liar.chain, liar.faults) as address:
        yield address


@pytest.mark.parametrize("mutations", [50, pytest.param(1_000, marks=pytest.mark.trial)])
@pytest.mark.parametrize("kind", [GraphqlSource, JsonRpcSource])
def test_what_was_changed_is_asked_again_or_found_by_the_roots(
    kind: type[GraphqlSource | JsonRpcSource], mutations: int, liar: Liar, url: str
) -> None:
    source = kind(url, 30, 1)
    truth = {number: fetched(source, number) for number in NUMBERS}
    said: list[str] = []
    unseen: Counter[str] = Counter()
    for seed in range(mutations):
        number = NUMBERS[seed % len(NUMBERS)]
        liar.lie_once(seed)
        try:
            found = fetched(source, number)
        except WhaleError as error:
            said.append(str(error))
            continue
        wrong = wrong_columns(found, truth[number])
        if wrong:
            unseen.update(wrong)
            assert findings(found, liar.blocks[number]), f"verify does not find: {liar.what}"
            assert kind is GraphqlSource or contradicted(liar.answered), f"the roots do not find: {liar.what}"
    assert set(unseen) <= UNPROVEN[source.name]
    assert [text for text in said if "\n" in text or url in text] == []
    assert len(said) < mutations / 10, "most changes are cured by asking again"


def test_a_log_that_a_filter_lost_is_found_by_the_roots(liar: Liar, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """geth was seen to answer so under the right block hash: only the receipts' root tells."""

    def lose_a_log(content: bytes, _: Random) -> Response:
        answer = msgspec.json.decode(content)
        del answer["data"]["blocks"][0]["logs"][3]
        return Response(msgspec.json.encode(answer), media_type=replies.JSON)

    source, number = GraphqlSource(url, 30, 1), NUMBERS[-1]
    truth = fetched(source, number)
    monkeypatch.setitem(replies.ON_THE_WAY, "mutated", lose_a_log)
    liar.lie_once(seed=0)
    found = fetched(source, number)
    assert found.logs.height == truth.logs.height - 1
    [finding] = findings(found, liar.blocks[number])
    assert finding.table == "logs"


def fetched(source: BlockSource, number: int) -> BlockFrames:
    """A block as it would be stored; nothing is waited for between two tries."""
    patience = Patience(sleep=lambda seconds, interrupted: None)
    fetcher = Fetcher([source], concurrency=1, batch=1, report=pytest.fail, patience=patience)
    [found] = fetcher.fetch(BlockRange(number, number))
    return found


def wrong_columns(found: BlockFrames, due: BlockFrames) -> set[str]:
    """Where what would be stored is not the truth."""
    wrong: set[str] = set()
    kept = {"blocks": (found.headers, due.headers.select(list(frames.BLOCKS)))}
    kept |= {name: (getattr(found, name), getattr(due, name)) for name in ("transactions", "logs", "withdrawals")}
    for table, (own, true) in kept.items():
        if own.height != true.height:
            wrong.add(f"{table}: rows")
        else:
            wrong |= {f"{table}.{name}" for name in true.columns if not own[name].equals(true[name], null_equal=True)}
    return wrong


def findings(found: BlockFrames, recorded: RecordedBlock) -> list[Finding]:
    """What `verify --against-node --roots` says of a store that took these frames for true."""
    number = recorded.number
    headers = found.headers.select(list(frames.BLOCKS))
    certificate = certify(BlockRange(number, number), headers, found.transactions.height, found.logs.height, 0, "")
    held = Held(certificate, headers, *found[1:])
    return list(prove_blocks(held, [number], lambda _: recorded, BYZANTIUM, Counter()))


def contradicted(answer: bytes) -> bool:
    """Whether a node that always answered so would be caught by its own hashes."""
    replies = {reply["id"]: reply["result"] for reply in msgspec.json.decode(answer)}
    try:
        return bool(contradictions(replies[0], replies[1]))
    except BadAnswer:
        return True
