"""One POST to a node, with a deadline that holds, and what came back sorted into this project's errors.

Belongs here: connections, the deadline, status codes, `Retry-After`. Does not: the URL and its secrets
(`node_url.py`), what the body says (`graphql.py`, `jsonrpc.py`), or asking again (`fetch.py`).
"""

import logging
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)

from whale_assets.errors import BadAnswer, NodeLimited, NodeRefused, NodeSlow, NodeUnreachable, WhaleError
from whale_assets.sources.node_url import NodeUrl

# Its debug lines hold whole URLs.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

CONNECT_SECONDS = 10.0
"""A node that does not even accept a connection for this long is not there."""

READ_BYTES = 1 << 18
MOST_BYTES = 1 << 29
BUSY_STATUSES = frozenset({408, 413, 425, 429, 500, 502, 503, 504, *range(520, 531)})
"""Among them those that proxies in front of nodes use."""

REFUSALS = {
    **dict.fromkeys((401, 403), "check the user or the key in the node's URL"),
    **dict.fromkeys((404, 405, 410), "check the path of the node's URL"),
    **dict.fromkeys((301, 302, 307, 308), "it redirects; use the address that it redirects to"),
}


@dataclass(frozen=True)
class Reply:
    """The body of an answer, decompressed, and the bytes that it took on the wire."""

    body: bytes
    bytes: int


class NodeHttp:
    """A node's HTTP endpoint, safe to use from many threads at once."""

    def __init__(self, url: NodeUrl, timeout_seconds: float, connections: int) -> None:
        """`timeout_seconds` bounds a whole request, until the last byte."""
        self.host = url.shown_host
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._connections = connections
        self._live: WeakSet[HTTPConnection] = WeakSet()
        self._pool = self._open_pool()

    def post(self, body: bytes) -> Reply:
        """The answer to `body`, a JSON text; it is JSON by its first letter.

        Raises NodeUnreachable, NodeRefused, NodeLimited (NodeSlow past the deadline) or BadAnswer. JSON under an
        unusual status, such as 400, is an answer: nodes and providers tell their errors so.
        """
        deadline = time.monotonic() + self._timeout_seconds
        try:
            response = self._pool.urlopen(
                "POST",
                self._url.target,
                body=body,
                headers=self._url.headers(),
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(min(CONNECT_SECONDS, self._timeout_seconds), self._timeout_seconds),
            )
            content = self._read(response, deadline)
        except HTTPError as error:
            # urllib3 tells the whole URL in some of its texts: not even as a cause may it be seen.
            raise self._transport_error(error) from None
        self._check(response, content)
        return Reply(content, response.tell())

    def hide(self, words: str) -> str:
        """A node's own words, fit to be shown."""
        return self._url.hide(words)

    def close(self) -> None:
        """Cut every connection: whoever waits for an answer gets an error at once. A later request connects anew."""
        for connection in list(self._live):
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        closed, self._pool = self._pool, self._open_pool()
        closed.close()

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """The whole body, however slowly it drips: each read may take what is left of the time, and no more."""
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                self._allow(response, deadline - time.monotonic())
                part = response.read1(READ_BYTES)
                if not part:
                    return b"".join(parts)
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise BadAnswer(f"{self.host} answers without end: more than {MOST_BYTES >> 20} MiB")
        except BaseException:
            response.close()
            raise

    def _allow(self, response: urllib3.BaseHTTPResponse, seconds: float) -> None:
        if seconds <= 0:
            raise self._too_slow()
        connection = getattr(response.connection, "sock", None)
        if connection is not None:
            connection.settimeout(seconds)

    def _check(self, response: urllib3.BaseHTTPResponse, content: bytes) -> None:
        """Raises what the status says; an answer passes only if it is JSON by its first letter."""
        status, start = response.status, content.lstrip()[:1]
        is_json = start in {b"{", b"["}
        if status in BUSY_STATUSES and not (status == 500 and is_json):
            wait = retry_after_seconds(response.headers.get("Retry-After"), datetime.now(UTC))
            asked = "" if wait is None else f" and asks to wait {wait:.0f} s"
            raise NodeLimited(f"{self.host} is busy (HTTP {status}){asked}", wait)
        if status in REFUSALS:
            raise NodeRefused(f"{self.host} answers HTTP {status}: {REFUSALS[status]}")
        if status == 200 and not start:
            raise BadAnswer(f"{self.host} answers nothing at all")
        if not is_json:
            what = "a web page" if start == b"<" else "no JSON"
            raise NodeRefused(f"{self.host} answers {what} (HTTP {status}): is this an Ethereum node's HTTP-RPC port?")

    def _too_slow(self) -> NodeSlow:
        return NodeSlow(f"{self.host} did not answer within {self._timeout_seconds:g} s")

    def _transport_error(self, error: HTTPError) -> WhaleError:
        match error:
            case NameResolutionError():
                return NodeUnreachable(f"{self.host}: no host has this name; check the node's URL")
            case NewConnectionError():
                return NodeUnreachable(
                    f"{self.host} refuses the connection: is the node running, with HTTP on this port?"
                )
            case ConnectTimeoutError():
                return NodeUnreachable(f"{self.host} does not accept a connection: check host, port and firewall")
            case TimeoutError():
                return self._too_slow()
            case SSLError():
                return NodeUnreachable(
                    f"{self.host}: no secure connection ({_tls_fault(error)}); is it http, not https?"
                )
            case _:
                return NodeLimited(f"{self.host} cut the connection")

    def _open_pool(self) -> urllib3.HTTPConnectionPool:
        kind = urllib3.HTTPSConnectionPool if self._url.is_secure else urllib3.HTTPConnectionPool
        pool = kind(self._url.host, self._url.port, maxsize=self._connections + 1)  # one for what is asked meanwhile
        live = self._live

        class Connection(kind.ConnectionCls):  # type: ignore[misc, name-defined]
            def connect(self) -> None:
                super().connect()
                live.add(self)

        pool.ConnectionCls = Connection
        return pool


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks to wait: it holds seconds or a date. None where it says neither."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, until.timestamp() - now.timestamp())


def _tls_fault(error: SSLError) -> str:
    cause = error.args[0] if error.args else error
    fault = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "TLS error"
    return str(fault).replace("_", " ").lower()
