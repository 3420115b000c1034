"""What of a node's URL goes where, and what of it is never shown."""

import base64

import pytest

from whale_assets.sources.node_url import NodeUrl

SECRETS = ("alice-1", "p@ss:word", "0123456789abcdef", "t0ken-in-query")
URL = "https://alice-1:p%40ss%3Aword@node.example:9545/v3/0123456789abcdef?token=t0ken-in-query"


def test_only_host_and_port_are_shown() -> None:
    assert NodeUrl(URL).shown_host == "node.example:9545"
    assert NodeUrl("http://node.example/rpc").shown_host == "node.example"
    assert not any(secret in repr(NodeUrl(URL)) for secret in SECRETS)


def test_words_of_a_node_that_repeat_the_key_are_shown_without_it() -> None:
    words = f"invalid project id {SECRETS[2]} of {SECRETS[0]}\n(token={SECRETS[3]}, {SECRETS[1]}) at /v3/"
    shown = NodeUrl(URL).hide(words)
    assert not any(secret in shown for secret in SECRETS)
    assert shown == "invalid project id *** of *** (***, ***) at /v3/"


def test_words_are_cut_to_one_short_line() -> None:
    shown = NodeUrl("http://localhost").hide("bad\r\n\x1b[31m" + "x" * 10_000)
    assert shown.isprintable()
    assert len(shown) == 200


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://localhost:8545", "/graphql"),
        ("http://localhost:8545/", "/graphql"),
        ("http://localhost:8545/graphql", "/graphql"),
        ("http://localhost:8545/graphql/", "/graphql"),
        ("http://localhost:8545/eth/key?a=b", "/eth/key/graphql?a=b"),
    ],
)
def test_graphql_is_beside_the_http_rpc(url: str, target: str) -> None:
    assert NodeUrl(url, path_end="/graphql").target == target


def test_path_and_query_are_asked_for_as_they_are() -> None:
    assert NodeUrl(URL).target == "/v3/0123456789abcdef?token=t0ken-in-query"


def test_user_and_password_become_a_header() -> None:
    scheme, _, token = NodeUrl(URL).headers()["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(token)) == ("Basic", b"alice-1:p@ss:word")
    assert "Authorization" not in NodeUrl("http://localhost:8545").headers()


@pytest.mark.parametrize(
    ("url", "compressed"),
    [
        ("http://127.0.0.1:8545", False),
        ("http://[::1]:8545", False),
        ("http://localhost", False),
        ("http://10.0.0.7:8545", True),
        ("https://node.example", True),
    ],
)
def test_compression_is_asked_for_where_there_is_a_link(url: str, compressed: bool) -> None:
    assert ("Accept-Encoding" in NodeUrl(url).headers()) == compressed
