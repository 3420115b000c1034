"""What a proxy is believed to name, by the answers of its contracts."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from whale_assets.errors import NodeRefused, WrongUse
from whale_assets.simulator import generate, running
from whale_assets.simulator.contracts import aggregator, proxy
from whale_assets.sources.proxy import Aggregator, aggregators, text_of

PROXY, OLD, NEW, MUTE = (f"0x{digit * 40}" for digit in "1234")
NOBODY = "0x" + 40 * "0"

Contracts = Mapping[str, Mapping[str, str]]
Ask = Callable[..., list[Aggregator]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Asks a node with these contracts, which lacks these methods, for what the proxy names."""
    chain = generate(blocks=1, transactions_per_block=1)
    with running(chain) as url:

        def asked(contracts: Contracts, *lacks: str) -> list[Aggregator]:
            chain.contracts, chain.lacks = dict(contracts), set(lacks)
            return aggregators(url, 10, PROXY)

        yield asked


def test_a_proxy_names_each_aggregator_once_by_its_first_phase(ask: Ask) -> None:
    contracts = {
        PROXY: proxy(OLD, NOBODY, MUTE, NEW, OLD),
        OLD: aggregator("LINK / USD", 8),
        NEW: aggregator("LINK / USD", 18),
        MUTE: {},
    }
    assert ask(contracts) == [
        Aggregator(1, OLD, "LINK / USD", 8),
        Aggregator(3, MUTE, None, None),
        Aggregator(4, NEW, "LINK / USD", 18),
    ]


@pytest.mark.parametrize(
    "contracts",
    [{}, {PROXY: {}}, {PROXY: aggregator("LINK / USD", 8)}, {PROXY: proxy(*[NEW] * 101)}],
    ids=["nobody", "another contract", "an aggregator itself", "absurdly many phases"],
)
def test_what_is_no_proxy_is_refused(ask: Ask, contracts: Contracts) -> None:
    with pytest.raises(WrongUse, match=f"{PROXY} is no proxy of Chainlink's"):
        ask(contracts)


def test_a_node_that_executes_no_calls_is_told(ask: Ask) -> None:
    with pytest.raises(NodeRefused, match="the method eth_call does not exist"):
        ask({}, "eth_call")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        f"{32:064x}",
        f"{32:064x}{0:064x}",
        f"{32:064x}{40:064x}{'41' * 32}",
        f"{2**255:064x}{4:064x}{'41' * 32}",
        f"{32:064x}{4:064x}{'0a414141':<064}",
        f"{32:064x}{2**255:064x}",
    ],
    ids=["nothing", "only a place", "no letters", "too few", "a place outside", "a line break", "absurdly long"],
)
def test_what_is_no_text_says_nothing(answer: str) -> None:
    assert text_of(bytes.fromhex(answer)) is None
