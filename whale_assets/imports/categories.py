"""What the words of label lists mean: category and entity.

Belongs here: the table of words, and what a name tag tells. Does not: where labels come from.
Etherscan's words are the common tongue of label lists: an exchange's is its name in lower case with hyphens.
"""

from collections.abc import Mapping

import polars as pl

EXCHANGES: dict[str, str] = {
    "ascendex": "AscendEX",
    "binance": "Binance",
    "binance-deposit": "Binance",
    "bitfinex": "Bitfinex",
    "bitget": "Bitget",
    "bithumb": "Bithumb",
    "bitmart": "BitMart",
    "bitmex": "BitMEX",
    "bitstamp": "Bitstamp",
    "bittrex": "Bittrex",
    "bybit": "Bybit",
    "cobinhood": "Cobinhood",
    "coinbase": "Coinbase",
    "coinhako": "Coinhako",
    "coinone": "Coinone",
    "coinsquare": "Coinsquare",
    "crypto-com": "Crypto.com",
    "deribit": "Deribit",
    "digifinex": "DigiFinex",
    "ftx": "FTX",
    "gate-io": "Gate.io",
    "gemini": "Gemini",
    "hitbtc": "HitBTC",
    "hotbit": "Hotbit",
    "htx": "Huobi",
    "huobi": "Huobi",
    "korbit": "Korbit",
    "kraken": "Kraken",
    "kucoin": "KuCoin",
    "latoken": "LATOKEN",
    "liquid": "Liquid",
    "mexc": "MEXC",
    "okex": "OKX",
    "okx": "OKX",
    "paribu": "Paribu",
    "poloniex": "Poloniex",
    "quadrigacx": "QuadrigaCX",
    "upbit": "Upbit",
    "zb-com": "ZB.com",
}
"""The exchanges that hold their customers' money, each with the entity that all its addresses belong to."""

CATEGORIES: dict[str, tuple[str, ...]] = {
    "exchange": tuple(EXCHANGES),
    "mixer": ("tornado-cash", "typhoon-cash", "ethereum-mixer"),
    "sanctioned": ("ofac-sanctions-lists",),
}
"""The categories that words stand for. Any other word is a category of its own."""

TELLING_LABEL = {r"phish": "phishing", r"\b(?:hack(?:s|ed|er|ers)?|heist|exploit(?:s|ed|er|ers)?)\b": "hack"}
"""Patterns of words that are not in the table."""
TELLING_NAME_TAG = {r"^Fake_Phishing": "phishing", r"\b(?:Hacker|Exploiter)(?: \d+)?$": "hack"}
"""Patterns of the name tags that thieves are given. Their victims' ("Hack Alert 7") are not among them."""


def category(label: pl.Expr, name_tag: pl.Expr, given: str | None) -> pl.Expr:
    """What the label stands for; without a label what is given; else what the name tag tells; else the label itself."""
    known = (pl.when(label.is_in(words)).then(pl.lit(name)) for name, words in CATEGORIES.items())
    unsaid = pl.when(label.is_null()).then(pl.lit(given, pl.String))
    return pl.coalesce(*known, told(label, TELLING_LABEL), unsaid, told(name_tag, TELLING_NAME_TAG), label, pl.lit(""))


def told(text: pl.Expr, patterns: Mapping[str, str]) -> pl.Expr:
    """The category of the first pattern that the text has."""
    return pl.coalesce(pl.when(text.str.contains(pattern)).then(pl.lit(name)) for pattern, name in patterns.items())


def entity(label: pl.Expr, name_tag: pl.Expr) -> pl.Expr:
    """The exchange that the word names; else the name tag before its colon, without a number behind it.

    "Binance 14" and "Binance: Hot Wallet" are Binance. A tag that many strangers share names none of them: a kind with
    an address ("MEV Bot: 0x00…c55"), a warning ("Multichain Hack Alert 7"), somebody's grants ("Gitcoin Grants: …").
    """
    name = name_tag.str.replace(r"\s*:.*$", "").str.replace(r"\s+#?\d+$", "").str.strip_chars().replace("", None)
    named = pl.when(~name_tag.str.contains(r":\s*0x|\bAlert\b|^Gitcoin Grants:")).then(name)
    return pl.coalesce(label.replace_strict(EXCHANGES, default=None, return_dtype=pl.String), named)
