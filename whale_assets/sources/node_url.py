"""A node's URL, which may hold a key in its user, password, path or query.

Belongs here: reading it, what of it goes into a request, and hiding it: only `host:port` is ever shown. Does not:
connections (`http.py`).
"""

from base64 import b64encode
from ipaddress import ip_address
from urllib.parse import unquote

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from whale_assets.errors import NodeUnreachable

SHORTEST_SECRET = 4
SHORTEST_SECRET_IN_PATH = 8
"""Parts that are shorter, such as `v3`, are no keys."""

WORDS_SHOWN = 200


class NodeUrl:
    """A URL, read once; its text is not kept where a traceback or a repr would show it."""

    def __init__(self, url: str, path_end: str = "") -> None:
        """`path_end` is appended to the path unless that ends so. Raises NodeUnreachable for another kind of URL."""
        try:
            parts = parse_url(url)
        except LocationParseError:
            raise NodeUnreachable("the node's URL cannot be read: it looks like http://localhost:8545") from None
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise NodeUnreachable("the node's URL must start with http:// or https:// and name a host")
        self.is_secure = parts.scheme == "https"
        self.host = parts.host.strip("[]")
        self.port = parts.port
        self.shown_host = parts.netloc or parts.host
        path = (parts.path or "").removesuffix("/").removesuffix(path_end)
        self._target = parts._replace(path=path + path_end).request_uri
        self._auth = unquote(parts.auth or "")
        self._secrets = _secrets(parts.auth or "", parts.path or "", parts.query or "")

    @property
    def target(self) -> str:
        """The path and query of a request."""
        return self._target

    def headers(self) -> dict[str, str]:
        """The headers that every request carries. Compression pays off only where there is a link."""
        headers = {"Content-Type": "application/json", "User-Agent": "whale-assets"}
        if self._auth:
            headers["Authorization"] = "Basic " + b64encode(self._auth.encode()).decode()
        if not self._is_loopback():
            headers["Accept-Encoding"] = "gzip"
        return headers

    def hide(self, words: str) -> str:
        """A node's own words, fit to be shown: one short line without any part of the URL that may be a key."""
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return "".join(letter if letter.isprintable() else " " for letter in words)[:WORDS_SHOWN]

    def _is_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _secrets(auth: str, path: str, query: str) -> list[str]:
    """The parts of a URL that may be keys, as written and as read, the longest first."""
    parts = [auth, *auth.split(":"), query, *(pair.partition("=")[2] for pair in query.split("&"))]
    long_enough = [part for part in parts if len(part) >= SHORTEST_SECRET]
    long_enough += [part for part in path.split("/") if len(part) >= SHORTEST_SECRET_IN_PATH]
    return sorted({*long_enough, *map(unquote, long_enough)}, key=len, reverse=True)
