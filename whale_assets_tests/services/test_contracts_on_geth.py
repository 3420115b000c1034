"""What contracts answer, asked of a geth that executes their code: proxies, aggregators and tokens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from whale_assets.simulator.contracts import DECIMALS, aggregator, proxy, word
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.proxy import Aggregator, aggregators
from whale_assets_tests.services.geth import ask, seal_chain

pytestmark = pytest.mark.services

NOBODY = "0x" + 40 * "0"


def code(answers: Mapping[str, str]) -> str:
    """A contract that answers so to each data, a selector and at most one word, and reverts to any other."""
    body = b""
    for data, answer in answers.items():
        given = bytes.fromhex(data[2:])
        words = bytes.fromhex(answer[2:])
        # if calldata begins with the selector, and the word after it is the argument
        asks = b"\x5f\x35\x60\xe0\x1c\x63" + given[:4] + b"\x14"
        asks += b"\x60\x04\x35\x7f" + given[4:].rjust(32, b"\0") + b"\x14\x16\x15"
        says = b""
        for place in range(0, len(words), 32):
            says += b"\x7f" + words[place : place + 32] + b"\x61" + place.to_bytes(2) + b"\x52"
        says += b"\x61" + len(words).to_bytes(2) + b"\x5f\xf3"
        after = len(body) + len(asks) + 4 + len(says)
        body += asks + b"\x61" + after.to_bytes(2) + b"\x57" + says + b"\x5b"
    return creating(body + b"\x5f\x5f\xfd")


def creating(body: bytes) -> str:
    """What makes a contract of this code."""
    return "0x" + (b"\x61" + len(body).to_bytes(2) + b"\x80\x60\x0a\x5f\x39\x5f\xf3" + body).hex()


@retry(retry=retry_if_result(lambda receipt: receipt is None), stop=stop_after_delay(20), wait=wait_fixed(0.1))
def receipt(url: str, transaction: str) -> Any:
    return ask(url, "eth_getTransactionReceipt", transaction)


def created(url: str, creation: str) -> str:
    """The address of such a contract, made on the chain."""
    (sender,) = ask(url, "eth_accounts")
    sent = ask(url, "eth_sendTransaction", {"from": sender, "data": creation, "gas": hex(3_000_000)})
    return str(receipt(url, sent)["contractAddress"])


def test_a_proxys_aggregators_are_read_from_its_code(tmp_path: Path) -> None:
    with seal_chain(tmp_path) as url:
        old, new = (created(url, code(aggregator("LINK / USD", decimals))) for decimals in (8, 18))
        mute = created(url, code({}))
        named = created(url, code(proxy(old, NOBODY, mute, new)))
        assert aggregators(url, 10, named) == [
            Aggregator(1, old, "LINK / USD", 8),
            Aggregator(3, mute, None, None),
            Aggregator(4, new, "LINK / USD", 18),
        ]


ENDLESS = bytes.fromhex("5b5f56")
"""Jumps to its beginning for ever."""


def test_tokens_tell_their_decimals_by_their_code(tmp_path: Path) -> None:
    with seal_chain(tmp_path) as url:
        honest, absurd = (created(url, code({DECIMALS: "0x" + word(number)})) for number in (7, 78))
        others = [absurd, created(url, code({})), created(url, creating(ENDLESS)), NOBODY]
        source = JsonRpcSource(url, 10, 1)
        assert source.decimals([honest, *others]) == {honest: 7}
        source.close()
