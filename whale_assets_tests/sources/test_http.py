"""One POST against a node that is absent, refuses, is busy, slow, cut off or talks nonsense."""

import gzip
import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from whale_assets.errors import BadAnswer, NodeLimited, NodeRefused, NodeSlow, NodeUnreachable, WhaleError
from whale_assets.sources.http import NodeHttp, retry_after_seconds
from whale_assets.sources.node_url import NodeUrl
from whale_assets_tests.sources.small_node import Exchange, Prank, SmallNode, cuts, drips, is_silent, says

CHAIN_ID = b'{"jsonrpc":"2.0","id":0,"method":"eth_chainId","params":[]}'
KEY = "f00dfacef00dface"


def http(url: str, timeout_seconds: float = 5) -> NodeHttp:
    return NodeHttp(NodeUrl(url), timeout_seconds, 2)


def keyed(node: SmallNode) -> str:
    return node.url.replace("http://", f"http://user{KEY}:word{KEY}@") + f"/v3/{KEY}?apikey={KEY}"


@pytest.mark.parametrize(
    ("prank", "kind", "words"),
    [
        (says(401), NodeRefused, "HTTP 401: check the user or the key"),
        (says(403, b"{}"), NodeRefused, "HTTP 403"),
        (says(404, b"404 page not found"), NodeRefused, "HTTP 404: check the path"),
        (says(301, Location=f"http://elsewhere/{KEY}"), NodeRefused, "it redirects"),
        (says(200, b"<!doctype html><title>Welcome</title>"), NodeRefused, "a web page (HTTP 200)"),
        (says(200, b"pong"), NodeRefused, "no JSON"),
        (says(501, b"cannot POST"), NodeRefused, "HTTP 501"),
        (says(200, b""), BadAnswer, "nothing at all"),
        (says(429), NodeLimited, "busy (HTTP 429)"),
        (says(503, b"<html>down</html>"), NodeLimited, "busy (HTTP 503)"),
        (says(500, b"oops"), NodeLimited, "busy (HTTP 500)"),
        (says(522), NodeLimited, "busy (HTTP 522)"),
        (cuts, NodeLimited, "cut the connection"),
        (drips, NodeSlow, "did not answer within 0.3 s"),
        (is_silent, NodeSlow, "did not answer within 0.3 s"),
    ],
)
def test_each_misbehaviour_is_named_with_the_host_and_without_the_key(
    node: SmallNode, prank: Prank, kind: type[WhaleError], words: str
) -> None:
    node.play(prank)
    with pytest.raises(kind) as caught:
        http(keyed(node), timeout_seconds=0.3 if "0.3" in words else 5).post(CHAIN_ID)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert f"127.0.0.1:{node.server_port}" in str(caught.value)
    assert KEY not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_a_drip_holds_nobody_longer_than_the_deadline(node: SmallNode) -> None:
    node.play(drips)
    start = time.monotonic()
    with pytest.raises(NodeSlow):
        http(node.url, timeout_seconds=0.3).post(CHAIN_ID)
    assert time.monotonic() - start < 1.5


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NodeUnreachable, match=f"127.0.0.1:{port} refuses the connection"):
        http(f"http://127.0.0.1:{port}/{KEY}").post(CHAIN_ID)


def test_a_host_without_an_address_is_unreachable() -> None:
    with pytest.raises(NodeUnreachable, match=r"nowhere\.invalid:8545: no host has this name"):
        http(f"http://nowhere.invalid:8545/{KEY}").post(CHAIN_ID)


def test_https_where_plain_http_listens_says_so(node: SmallNode) -> None:
    with pytest.raises(NodeUnreachable, match=r"no secure connection .*is it http, not https"):
        http(node.url.replace("http:", "https:")).post(CHAIN_ID)


@pytest.mark.parametrize("url", ["ws://localhost:8546", "localhost:8545", "", "http://", "ftp://host", "http://[::1"])
def test_another_kind_of_url_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(NodeUnreachable, match="the node's URL"):
        http(url)


def test_json_under_an_unusual_status_is_an_answer(node: SmallNode) -> None:
    """geth's GraphQL tells its errors under 400."""
    node.play(says(400, b'{"errors":[]}'), says(500, b'[{"id":0}]'))
    assert http(node.url).post(CHAIN_ID).body == b'{"errors":[]}'
    assert http(node.url).post(CHAIN_ID).body == b'[{"id":0}]'


def test_the_seconds_that_a_busy_node_asks_for_are_handed_on(node: SmallNode) -> None:
    node.play(says(429, Retry_After="17"))
    with pytest.raises(NodeLimited, match="asks to wait 17 s") as caught:
        http(node.url).post(CHAIN_ID)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 120 ", 120),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 59),
        ("Fri, 31 Dec 1999 23:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, datetime(1999, 12, 31, 23, 59, tzinfo=UTC)) == seconds


def test_a_compressed_answer_is_opened_and_counted_as_it_came(node: SmallNode) -> None:
    body = b"[" + b"0," * 50_000 + b"0]"
    packed = gzip.compress(body)
    node.play(says(200, packed, Content_Encoding="gzip"))
    reply = http(node.url).post(CHAIN_ID)
    assert (reply.body, reply.bytes) == (body, len(packed))


def test_an_answer_in_chunks_is_read_whole(node: SmallNode) -> None:
    def in_chunks(exchange: Exchange, answer: bytes) -> None:
        exchange.send_response(200)
        exchange.send_header("Transfer-Encoding", "chunked")
        exchange.end_headers()
        for start in range(0, len(answer), 7):
            chunk = answer[start : start + 7]
            exchange.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        exchange.wfile.write(b"0\r\n\r\n")

    node.play(in_chunks)
    assert http(node.url).post(CHAIN_ID).body == http(node.url).post(CHAIN_ID).body


def test_closing_wakes_who_waits_and_later_requests_connect_anew(node: SmallNode) -> None:
    """Without it, Ctrl-C would hang until the node's time is up."""
    asked = threading.Event()

    def asked_and_silent(exchange: Exchange, answer: bytes) -> None:
        asked.set()
        is_silent(exchange, answer)

    node.play(asked_and_silent)
    client = http(node.url, timeout_seconds=60)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            client.post(CHAIN_ID)
        except NodeLimited as error:
            errors.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    assert asked.wait(5)
    client.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert "cut the connection" in str(errors[0])
    assert b"0x539" in client.post(CHAIN_ID).body
