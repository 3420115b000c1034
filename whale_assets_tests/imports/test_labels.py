"""Lists of address labels, in the formats in which the public ones come."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from whale_assets.chain.frames import ADDRESS_LABELS
from whale_assets.errors import BadList, WrongUse
from whale_assets.imports import read_labels
from whale_assets_tests.imports.lists import address, refusal_of, rows_of, write
from whale_assets_tests.oracle.recorded import shared_data

ETH_LABELS = f"""address,label,name_tag,website
{address(1)},binance,Binance 14,
{address(1)},cold-wallet,Binance 14,
{address(2)},tornado-cash,"Tornado.Cash: 1,000 USDT",
{address(2)},ethereum-mixer,"Tornado.Cash: 1,000 USDT",
{address(2)},ofac-sanctions-lists,"Tornado.Cash: 1,000 USDT",
{address(3)},mev-bot,,
"""
ETHERSCAN = {
    address(1): {"name": "Binance 14", "labels": ["binance", "cold-wallet"]},
    address(2): {
        "name": "Tornado.Cash: 1,000 USDT",
        "labels": ["tornado-cash", "ethereum-mixer", "ofac-sanctions-lists"],
    },
    address(3): {"name": "", "labels": ["mev-bot"]},
}
EXPECTED = [
    (address(1), "Binance 14", "Binance", "exchange"),
    (address(1), "Binance 14", "Binance", "cold-wallet"),
    (address(2), "Tornado.Cash: 1,000 USDT", "Tornado.Cash", "mixer"),
    (address(2), "Tornado.Cash: 1,000 USDT", "Tornado.Cash", "sanctioned"),
    (address(3), "", None, "mev-bot"),
]


def labels_of(path: Path, **options: Any) -> list[tuple[str, str, str | None, str]]:
    """The labels of a list, without source and dates."""
    return [
        (row["address"], row["name_tag"], row["entity"], row["category"])
        for row in rows_of(read_labels(path, **options))
    ]


@pytest.mark.parametrize(("name", "text"), [("a.csv", ETH_LABELS), ("a.json.gz", json.dumps(ETHERSCAN))])
def test_labels_that_mean_the_same_become_one_and_others_stay_beside_each_other(
    tmp_path: Path, name: str, text: str
) -> None:
    assert labels_of(write(tmp_path / name, text)) == EXPECTED


def test_our_own_columns_are_taken_as_they_are(tmp_path: Path) -> None:
    text = f"""address,name_tag,entity,category,valid_from,valid_to
{address(1)},Murmur: 100 ETH,Murmur Ltd,Mixer,1660000000,1742500000
{address(2)},Kestrel 2,,,,
"""
    (batch,) = read_labels(write(tmp_path / "a.csv", text), "mine", category="market maker")
    assert dict(batch.schema) == ADDRESS_LABELS
    assert batch.rows() == [
        (address(1), "Murmur: 100 ETH", "Murmur Ltd", "mixer", "mine", 1660000000, 1742500000),
        (address(2), "Kestrel 2", "Kestrel", "market maker", "mine", None, None),
    ]


def test_labels_that_came_out_of_a_store_go_in_again(tmp_path: Path) -> None:
    (first,) = read_labels(write(tmp_path / "a.csv", ETH_LABELS), "mine")
    first.write_csv(tmp_path / "again.csv")
    (second,) = read_labels(tmp_path / "again.csv", "mine")
    assert second.equals(first)


@pytest.mark.parametrize(
    ("label", "name_tag", "entity", "category"),
    [
        ("", "Binance: Hot Wallet", "Binance", ""),
        ("", "Coinbase 14", "Coinbase", ""),
        ("coinbase", "Coinbase Cold 14", "Coinbase", "exchange"),
        ("binance-deposit", "", "Binance", "exchange"),
        ("crypto-com", "Crypto.com: MultiSig 3", "Crypto.com", "exchange"),
        ("0x-protocol", "0x: Asset Proxy Owner", "0x", "0x-protocol"),
        ("ofac-sanctions-lists", "Ronin Bridge Exploiter", "Ronin Bridge Exploiter", "sanctioned"),
        ("blocked", "PolyNetwork Exploiter 1", "PolyNetwork Exploiter", "hack"),
        ("phish-hack", "", None, "phishing"),
        ("upbit-hack", "", None, "hack"),
        ("heist", "", None, "hack"),
        ("synthetix", "Fake_Phishing285411", "Fake_Phishing285411", "phishing"),
        ("mev-bot", "MEV Bot: 0x000...c55", None, "mev-bot"),
        ("take-action", "Multichain Hack Alert 1000", None, "take-action"),
        ("gitcoin-grants", "Gitcoin Grants: dHack", None, "gitcoin-grants"),
        ("white-hat", "Endaoment: Vermont Hackerspaces Inc", "Endaoment", "white-hat"),
    ],
)
def test_words_and_name_tags_tell_category_and_entity(
    tmp_path: Path, label: str, name_tag: str, entity: str | None, category: str
) -> None:
    path = write(tmp_path / "a.csv", f"address,label,name_tag\n{address(1)},{label},{name_tag}\n")
    assert labels_of(path) == [(address(1), name_tag, entity, category)]


@pytest.mark.parametrize("as_json", [False, True])
def test_bare_addresses_are_what_the_lists_name_or_the_person_says(tmp_path: Path, as_json: bool) -> None:
    listed = [address(1).replace("0x", "0x").upper().replace("X", "x"), "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]
    listed += ["16iWn2J1McqjToYLHSsAyS6En3QA8YQ91H", "TEAqwfMhXLaomXhZ8KeMhx3njGmQEDnsUR", address(2)]
    text = json.dumps(listed, indent=2) if as_json else "\n".join(listed)
    named = write(tmp_path / "sanctioned_addresses_XYZ.lst", text)
    imported = read_labels(named)
    assert [(row["address"], row["category"]) for row in rows_of(imported)] == [
        (address(1), "sanctioned"),
        (address(2), "sanctioned"),
    ]
    assert (imported.foreign, imported.skipped) == (3, 0)

    unnamed = write(tmp_path / "addresses.lst", text)
    assert labels_of(unnamed, category="frozen", entity="Circle") == [
        (address(1), "", "Circle", "frozen"),
        (address(2), "", "Circle", "frozen"),
    ]
    with pytest.raises(WrongUse, match="say what they are with --category"):
        read_labels(unnamed)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0x12,A,,,,", "address is 0x12, not 0x and 40 hex digits"),
        (f"{address(2)},{'A' * 201},,,,", f"name_tag is {'A' * 50}, not 1 to 200 characters in UTF-8"),
        (f"{address(2)},A,,{'c' * 41},,", f"label is {'c' * 41}, not 1 to 40 characters in UTF-8"),
        (f"{address(2)},A,,,yesterday,", "valid_from is yesterday, not whole seconds since 1970 (UTC)"),
        (f"{address(2)},A,,,20,10", "valid_from is after valid_to"),
        (f"{address(2)},,Someone,,,", "it says nothing: no name tag and no category"),
        (f"{address(1)},A,Someone else,,,", "this label stands above already"),
    ],
)
def test_a_bad_label_is_named_by_its_line_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    text = f"address,name_tag,entity,category,valid_from,valid_to\n{address(1)},A,,,,\n{line}\n"
    assert refusal_of(read_labels(write(tmp_path / "a.csv", text))).startswith(f"a.csv line 3: {reason}")


def test_a_misspelt_column_is_refused_for_its_values_would_be_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"address,name_tag,catgory\n{address(1)},A,exchange\n")
    with pytest.raises(BadList, match=r"line 1: no such column as 'catgory'; there may be address, name_tag, entity"):
        read_labels(path)


def test_the_public_lists_come_out_whole() -> None:
    """Every address and every word of them, judged by the standard library's readers."""
    path = shared_data("lists", "dawsbot_eth-labels_etherscan_accounts_2024-06-28.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        listed = [(row["address"].lower(), row["label"]) for row in csv.DictReader(file)]
    read = pl.concat(list(read_labels(path)))
    assert set(read["address"]) == {of for of, _ in listed}
    assert sorted(read.filter(pl.col("category") == "mev-bot")["address"]) == sorted(
        of for of, label in listed if label == "mev-bot"
    )
    assert set(read.filter(pl.col("category") == "sanctioned")["address"]) == {
        of for of, label in listed if label == "ofac-sanctions-lists"
    }

    path = shared_data("lists", "etherscan-labels_combinedAccountLabels.json.gz")
    document = json.loads(gzip.decompress(path.read_bytes()))
    read = pl.concat(list(read_labels(path)))
    assert set(read["address"]) == set(document)
    assert set(read.filter(pl.col("entity") == "Binance")["address"]) >= {
        of for of, entry in document.items() if set(entry["labels"]) & {"binance", "binance-deposit"}
    }


@pytest.mark.parametrize(("token", "count"), [("ETH", 152), ("USDT", 8), ("USDC", 2)])
def test_the_sanctioned_addresses_of_ethereum_are_found_in_text_and_json(token: str, count: int) -> None:
    texts = [shared_data("lists", "ofac", f"sanctioned_addresses_{token}.{ending}") for ending in ("txt", "json")]
    expected = {line.lower() for line in texts[0].read_text().split() if line.startswith("0x")}
    assert len(expected) == count
    for path in texts:
        assert {(of, category) for of, _, _, category in labels_of(path)} == {(of, "sanctioned") for of in expected}
