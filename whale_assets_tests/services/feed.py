"""A chain that geth seals, on which ether has a price: one of Chainlink's feeds speaks there.

Belongs here: making such a chain, and what the feed says. Does not: serving it (`geth.py`).
"""

import json
import shutil
import subprocess
from pathlib import Path

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.known import ETHER, FEEDS
from whale_assets_tests.services.geth import BINARY, ask, live_chain

AGGREGATOR, DECIMALS = next((feed.aggregator, feed.decimals) for feed in FEEDS if ETHER in feed.tokens)
CODE = "0x425f52" + "6001" + "5f35" + "7f" + ANSWER_UPDATED[2:] + "60205fa3" + "00"
"""Whoever calls it has it log the number that it is given, as the answer of round 1 in this block."""
ALL_ETHER = hex(10**27)
"""Wei."""


def make_chain(folder: Path) -> None:
    """Makes a new chain in `folder`, where `live_chain` then goes on with it. Skips where there is no geth."""
    with live_chain(folder, 0, port=0) as url:
        (owner,) = ask(url, "eth_accounts")
    shutil.rmtree(folder / "data" / "geth")  # which may be half written: it ended as soon as it answered
    genesis = json.loads(subprocess.run([BINARY, "--dev", "dumpgenesis"], check=True, capture_output=True).stdout)
    genesis["alloc"] |= {owner: {"balance": ALL_ETHER}, AGGREGATOR: {"balance": "0x0", "code": CODE}}
    (folder / "genesis.json").write_text(json.dumps(genesis))
    init = (BINARY, "--datadir", folder / "data", "init", folder / "genesis.json")
    subprocess.run(init, check=True, capture_output=True)


def say_price(url: str, usd: int) -> None:
    """Has the feed say what ether costs."""
    (sender,) = ask(url, "eth_accounts")
    ask(url, "eth_sendTransaction", {"from": sender, "to": AGGREGATOR, "data": f"0x{usd * 10**DECIMALS:064x}"})
