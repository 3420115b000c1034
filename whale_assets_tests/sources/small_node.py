"""A node on a loopback port that tells a small chain, honestly or not.

Belongs here: HTTP, and one prank a request. Does not: the chain and its answers (`small_chain.py`, `small_answers.py`).
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from whale_assets_tests.sources.small_answers import answer, encoded
from whale_assets_tests.sources.small_chain import SmallChain

Prank = Callable[["Exchange", bytes], bytes | None]
"""Takes the honest answer; gives another one, or None when it has answered by itself."""


class Exchange(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms
    server: "SmallNode"
    asked: Any

    def do_POST(self) -> None:
        """Answer, by the next prank where there is one."""
        self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        node = self.server
        node.requests.append((self.path, self.asked, dict(self.headers)))
        reply: bytes | None = encoded(answer(node.chain, self.path, self.asked, node.lacks))
        prank = node.next_prank(self.path)
        if prank is not None:
            reply = prank(self, reply or b"")
        if reply is not None:
            self.send(200, reply)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class SmallNode(ThreadingHTTPServer):
    """The node; `lacks` are methods it never heard of, `requests` those that came: path, JSON, headers."""

    daemon_threads = True

    def __init__(self, chain: SmallChain) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.chain = chain
        self.lacks: set[str] = set()
        self.requests: deque[tuple[str, Any, dict[str, str]]] = deque()
        self.stopping = threading.Event()
        self._pranks: deque[tuple[Prank, str]] = deque()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def play(self, *pranks: Prank, path: str = "") -> None:
        """Play these, one a request whose path ends so, in this order."""
        self._pranks.extend((prank, path) for prank in pranks)

    def next_prank(self, path: str) -> Prank | None:
        """The first prank for this path, which is played once."""
        with self._lock:
            for entry in self._pranks:
                if path.endswith(entry[1]):
                    self._pranks.remove(entry)
                    return entry[0]
        return None

    def handle_error(self, *_: Any) -> None:
        """A client that has gone is no news."""


@contextmanager
def small_node(chain: SmallChain) -> Iterator[SmallNode]:
    """A node that runs until the end of the block."""
    node = SmallNode(chain)
    thread = threading.Thread(target=node.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield node
    finally:
        node.stopping.set()
        node.shutdown()
        thread.join()
        node.server_close()


def says(status: int, body: bytes = b"", **headers: str) -> Prank:
    """Another status and body."""

    def prank(exchange: Exchange, _: bytes) -> None:
        exchange.send(status, body, **headers)

    return prank


def cuts(exchange: Exchange, answer: bytes) -> None:
    """Promise the whole answer, send half, hang up."""
    exchange.send_response(200)
    exchange.send_header("Content-Length", str(len(answer)))
    exchange.end_headers()
    exchange.wfile.write(answer[: len(answer) // 2])
    exchange.wfile.flush()
    exchange.close_connection = True


def drips(exchange: Exchange, answer: bytes) -> None:
    """Send a byte every few hundredths of a second, without end."""
    exchange.send_response(200)
    exchange.send_header("Content-Length", str(10**6))
    exchange.end_headers()
    while not exchange.server.stopping.wait(0.02):
        exchange.wfile.write(b"[")
        exchange.wfile.flush()


def is_silent(exchange: Exchange, _: bytes) -> bytes | None:
    """Never answer."""
    exchange.server.stopping.wait(60)
    exchange.close_connection = True
    return None


def truncates(_: Exchange, answer: bytes) -> bytes:
    """A whole message whose JSON ends too early."""
    return answer[:-20]


def alters(change: Callable[[Any], object]) -> Prank:
    """Change the answer's JSON in place."""

    def prank(_: Exchange, answer: bytes) -> bytes:
        said = json.loads(answer)
        change(said)
        return encoded(said)

    return prank
