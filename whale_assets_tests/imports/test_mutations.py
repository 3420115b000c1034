"""Lists damaged at random: each is read or refused in one line, and nothing else ever happens."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from whale_assets.errors import WhaleError
from whale_assets.imports import ImportedList, read_labels, read_prices, read_tokens
from whale_assets_tests.imports.lists import address

DAMAGE = (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"{", b"[", b"\x1f\x8b", b"0x", b"-1", b"1e400", "\u202e".encode())
PRICES = "token_address,timestamp,price_usd\n" + "".join(f'"{address(1)}",{second},1.5\n' for second in range(5))
DOCUMENT = {address(1): {"name": "Binance 14", "labels": ["binance"]}, address(2): {"name": None, "labels": ["dex"]}}
TOKEN = {"chainId": 1, "address": address(1), "symbol": "A", "decimals": 18}


def parquet(folder: Path) -> bytes:
    """A small list of prices."""
    columns = {"token_address": [address(1)] * 5, "timestamp": range(5), "price_usd": [1.5] * 5}
    pl.DataFrame(columns).write_parquet(folder / "sound.parquet")
    return (folder / "sound.parquet").read_bytes()


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one to four changes: an insertion, a loss, another byte, a cut, a repetition."""
    for _ in range(chance.randint(1, 4)):
        here, there = sorted(chance.randrange(len(content) + 1) for _ in range(2))
        head, middle, tail = content[:here], content[here:there], content[there:]
        content = chance.choice(
            [
                head + chance.choice(DAMAGE) + middle + tail,
                head + content[here + chance.randint(1, 9) :],
                head + chance.randbytes(1) + content[here + 1 :],
                head,
                head + middle + middle + tail,
            ]
        )
    return content


@pytest.mark.parametrize(
    ("read", "make"),
    [
        (read_tokens, lambda _: b"address,symbol,decimals\n" + f"{address(1)},A,18\n".encode() * 3),
        (read_tokens, lambda _: json.dumps(TOKEN).encode() + b"\n"),
        (read_tokens, lambda _: json.dumps({"tokens": [TOKEN]}).encode()),
        (read_labels, lambda _: f"address,label,name_tag\n{address(1)},okx,OKX\n{address(2)},,OKX\n".encode()),
        (read_labels, lambda _: json.dumps(DOCUMENT).encode()),
        (read_labels, lambda _: f"{address(1)}\n{address(2)}\n".encode()),
        (read_prices, lambda _: PRICES.encode()),
        (read_prices, lambda _: gzip.compress(PRICES.encode())),
        (read_prices, parquet),
    ],
    ids=["csv", "jsonl", "token-list", "eth-labels", "etherscan-labels", "addresses", "prices", "gzip", "parquet"],
)
def test_a_damaged_list_is_read_or_refused_in_one_line(
    tmp_path: Path, read: Callable[..., ImportedList], make: Callable[[Path], bytes]
) -> None:
    chance = random.Random(20_240_501)
    sound = make(tmp_path)
    refusals: list[str] = []
    for _ in range(60):
        path = tmp_path / chance.choice(["ofac", "ofac.gz"])
        path.write_bytes(damaged(sound, chance))
        try:
            rows = pl.concat(list(read(path, skip_bad=chance.random() < 0.5)))
        except WhaleError as error:
            refusals.append(str(error))
        else:
            assert rows[rows.columns[0]].str.contains("^0x[0-9a-f]{40}$").all()
    assert refusals
    assert [text for text in refusals if not text.isprintable()] == []
