"""One POST to a node, with a deadline that holds, and what came back sorted into this project's errors.

Belongs here: connections, the deadline, status codes, `Retry-After`, and hiding a URL that may hold a key: only
`host:port` is ever shown. Does not: what the body says (`graphql.py`, `jsonrpc.py`), or asking again (`fetch.py`).
"""

import socket
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import unquote
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)

from whale_assets.errors import BadAnswer, NodeLimited, NodeRefused, NodeSlow, NodeUnreachable

CONNECT_SECONDS = 10.0
"""A node that does not even accept a connection for this long is not there."""

READ_BYTES = 1 << 18
MOST_BYTES = 1 << 29
BUSY_STATUSES = frozenset({408, 413, 425, 429})
REFUSED_STATUSES = {
    401: "check the user or the key in the node's URL",
    403: "check the user or the key in the node's URL, and what it may do",
    404: "check the path of the node's URL",
    405: "check the path of the node's URL",
}


@dataclass(frozen=True)
class Reply:
    """The body of an answer, decompressed, and the bytes that it took on the wire."""

    body: bytes
    bytes: int


class NodeHttp:
    """A node's HTTP endpoint, safe to use from many threads at once."""

    def __init__(self, url: str, timeout_seconds: float, connections: int) -> None:
        """`timeout_seconds` bounds a whole request, until the last byte. Raises NodeUnreachable for a URL of another kind."""
        try:
            parts = urllib3.util.parse_url(url)
        except LocationParseError:
            raise NodeUnreachable("the node's URL cannot be read: it looks like http://localhost:8545") from None
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise NodeUnreachable(
                f"the node's URL starts with {parts.scheme or 'no scheme'}: it must be http://… or https://…"
            )
        self.host = parts.netloc or parts.host
        self._path = parts.request_uri
        self._timeout_seconds = timeout_seconds
        self._live: WeakSet[HTTPConnection] = WeakSet()
        self._headers = {"Content-Type": "application/json", "User-Agent": "whale-assets"}
        if parts.auth:
            self._headers["Authorization"] = "Basic " + b64encode(unquote(parts.auth).encode()).decode()
        if not _is_loopback(parts.host):
            self._headers["Accept-Encoding"] = "gzip"
        self._pool = self._open_pool(parts.scheme, parts.host.strip("[]"), parts.port, connections)

    def post(self, body: bytes) -> Reply:
        """The answer to `body`, a JSON text; it is JSON by its first letter.

        Raises NodeUnreachable, NodeRefused, NodeLimited (NodeSlow past the deadline) or BadAnswer. JSON under an
        unusual status, such as 400, is an answer: nodes and providers tell their errors so.
        """
        deadline = time.monotonic() + self._timeout_seconds
        try:
            response = self._pool.urlopen(
                "POST",
                self._path,
                body=body,
                headers=self._headers,
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

    def close(self) -> None:
        """Cut every connection: whoever waits for an answer gets an error at once."""
        for connection in list(self._live):
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        self._pool.close()

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
        if response.connection is not None and response.connection.sock is not None:
            response.connection.sock.settimeout(seconds)

    def _check(self, response: urllib3.BaseHTTPResponse, content: bytes) -> None:
        """Raises what the status says; an answer passes only if it is JSON by its first letter."""
        status = response.status
        is_json = content.lstrip()[:1] in {b"{", b"["}
        if status in BUSY_STATUSES or (status >= 500 and not (status == 500 and is_json)):
            wait = retry_after_seconds(response.headers.get("Retry-After"), datetime.now(UTC))
            raise NodeLimited(f"{self.host} is busy (HTTP {status})", wait)
        if status in REFUSED_STATUSES:
            raise NodeRefused(f"{self.host} answers HTTP {status}: {REFUSED_STATUSES[status]}")
        if not content and status == 200:
            raise BadAnswer(f"{self.host} answers nothing at all")
        if not is_json:
            kind = "a web page" if content.lstrip()[:1] == b"<" else "something that is not JSON"
            raise NodeRefused(f"{self.host} answers {kind} (HTTP {status}): is this an Ethereum node's HTTP-RPC port?")

    def _too_slow(self) -> NodeSlow:
        return NodeSlow(f"{self.host} did not answer within {self._timeout_seconds:g} s")

    def _transport_error(self, error: HTTPError) -> Exception:
        match error:
            case NameResolutionError():
                return NodeUnreachable(f"{self.host}: no host has this name; check the node's URL")
            case NewConnectionError():
                return NodeUnreachable(
                    f"{self.host} refuses the connection: is the node running, with HTTP, on this port?"
                )
            case ConnectTimeoutError():
                return NodeUnreachable(f"{self.host} does not accept a connection: check host, port and firewall")
            case TimeoutError():
                return self._too_slow()
            case SSLError():
                return NodeUnreachable(
                    f"{self.host}: no secure connection ({_tls_fault(error)}); check https and the port"
                )
            case _:
                return NodeLimited(f"{self.host} cut the connection")

    def _open_pool(self, scheme: str, host: str, port: int | None, connections: int) -> urllib3.HTTPConnectionPool:
        kind = urllib3.HTTPSConnectionPool if scheme == "https" else urllib3.HTTPConnectionPool
        pool = kind(host, port, maxsize=connections)
        live = self._live

        class Connection(kind.ConnectionCls):  # type: ignore[misc, valid-type, name-defined]
            def connect(self) -> None:
                super().connect()
                live.add(self)

        pool.ConnectionCls = Connection
        return pool


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks to wait: it holds seconds or a date. None where it says neither."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _tls_fault(error: SSLError) -> str:
    cause = error.args[0] if error.args else error
    return (
        str(getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "TLS error")
        .replace("_", " ")
        .lower()
    )
