"""A live chain that is shaken: geth makes a block a second and reorganises, Kafka, MySQL, a follower, Dagster and its
sensor are killed; the tables are those of a quiet backfill of the chain as it is in the end."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

import dagster as dg
import polars as pl
import pytest
import urllib3
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.runs.world import World, world
from whale_assets_tests.sensors.follower import begin_small, without_retracted
from whale_assets_tests.services.geth import Refused, ask, live_chain
from whale_assets_tests.services.kafka import Broker, run_broker
from whale_assets_tests.services.mysql import run_server
from whale_assets_tests.services.ports import free_port
from whale_assets_tests.trials.deployment import Deployment, deployed, start_sensor
from whale_assets_tests.trials.settled import is_fresh, no_alarm_is_left, nothing_goes_on, wait_until_stored
from whale_assets_tests.trials.test_deployment import environment, past_the_network, prepared

pytestmark = [pytest.mark.trial, pytest.mark.services]

SEED = int(os.environ.get("TRIAL_SEED", "6"))
SECONDS = int(os.environ.get("TRIAL_LIVE_SECONDS", "45"))
"""How long the chain is shaken."""
BETWEEN = (3, 9)
"""Seconds between two faults."""
FIRST = 10
SETTINGS = {"WHALE_SOURCE": "jsonrpc", "WHALE_THRESHOLD_USD": "1000"}
SOMEBODY = "0x" + "11" * 20


def test_a_live_chain_that_is_shaken_ends_in_the_tables_of_a_quiet_backfill(tmp_path: Path) -> None:
    chance, port = Random(SEED), free_port()
    with (
        run_server("mysql") as server,
        run_broker(tmp_path / "kafka") as broker,
        ExitStack() as chain,
    ):
        url = chain.enter_context(live_chain(tmp_path / "geth", 1, port))
        wait_for_block(url, FIRST)
        prepared(server, "live")
        given = environment(server, server.socket, url, "live") | SETTINGS | {"WHALE_KAFKA": broker.address}
        given["WHALE_RANGE_SIZE"] = "1000"
        with (
            deployed(tmp_path / "home", given) as live,
            patch.dict(os.environ, {"DAGSTER_SQL_URL": past_the_network(server, "live")}),
            dg.DagsterInstance.from_config(str(live.home)) as instance,
            world(tmp_path / "home", url, 1_000, **SETTINGS, WHALE_SQL_URL=server.url("writer", "live")) as seen,
        ):
            prices(seen)
            begin_small(seen.stores, seen, FIRST)
            live.follow = ("--from", str(FIRST))
            live.start("follow")
            start_sensor(live.url, "follow_kafka")
            with Busy(url):
                shake(live, broker, instance, url, chance)
            head, head_hash = brought_to_rest(chain, tmp_path / "geth", port)
            wait_until_stored(seen.stores, head, head_hash)
            nothing_goes_on(instance)
            no_alarm_is_left(instance, "follow_kafka")
            assert is_fresh(instance)
            live.end()
            found = without_retracted(contents(seen.stores))
        with world(tmp_path / "quiet", url, 1_000, **SETTINGS) as quiet:
            prices(quiet)
            begin_small(quiet.stores, quiet, FIRST)
            grid = quiet.stores.sql.grid()
            assert grid is not None
            ranges = list(grid.ranges(BlockRange(FIRST, head)))
            quiet.register(*ranges)
            quiet.run(ranges)
            due = without_retracted(contents(quiet.stores))
    assert len(due["valued_transactions"]) > SECONDS // 10
    different = unlike(found, due)
    assert different == [], "\n".join(different)


def prices(made: World) -> None:
    """Ether has a price by a list, for nobody says one on this chain."""
    now = int(time.time())
    rows = [("0x" + "00" * 20, at, 2_000.0, "made") for at in range(now - now % 86_400 - 86_400, now + 86_400, 86_400)]
    replace_list(made.stores.sql, "prices", "made", [pl.DataFrame(rows, schema=frames.PRICE_POINTS, orient="row")])


def shake(live: Deployment, broker: Broker, instance: dg.DagsterInstance, url: str, chance: Random) -> None:
    """Faults of all kinds, at random, for a while."""

    def restart_broker() -> None:
        broker.kill()
        time.sleep(chance.uniform(0, 5))
        broker.start()

    faults: dict[str, Callable[[], Any]] = {
        "reorg": lambda: go_back(url, chance.randint(1, 9)),
        "follow": lambda: live.kill("follow"),
        "broker": restart_broker,
        "daemon": lambda: live.kill("daemon"),
        "code server": lambda: live.kill("code"),
        "run": lambda: live.kill_a_run(instance),
    }
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(chance.uniform(*BETWEEN))
        fault = chance.choice(["reorg", "reorg", *faults])
        print(f"{fault} at block {newest(url)}", flush=True)
        faults[fault]()


def newest(url: str) -> int:
    return int(ask(url, "eth_blockNumber"), 16)


def go_back(url: str, depth: int) -> None:
    """A real reorganisation, above what is final."""
    final = int((ask(url, "eth_getBlockByNumber", "finalized", False) or {"number": "0x0"})["number"], 16)
    ask(url, "debug_setHead", hex(max(final + 1, newest(url) - depth)))


MADE_WHILE_ENDING = 20
"""Blocks at most, of a second each."""


def brought_to_rest(running: ExitStack, folder: Path, port: int) -> tuple[int, str]:
    """Starts geth anew, without what else was running: its newest block, number and hash, stays the newest.

    It forgets some blocks when it ends, and whoever has seen them waits for the chain to get there again: so it grows
    past them, for a transaction makes a block of its own now, and past those that it makes while it ends.
    """
    url = f"http://127.0.0.1:{port}"
    before = newest(url)
    running.close()
    running.enter_context(live_chain(folder, 0, port))
    while newest(url) <= before + MADE_WHILE_ENDING:
        wait_until_in_a_block(url, pay(url))
    head = ask(url, "eth_getBlockByNumber", "latest", False)
    return int(head["number"], 16), head["hash"]


def pay(url: str) -> str:
    """Sends ether, and answers the transaction's hash."""
    (sender,) = ask(url, "eth_accounts")
    return str(ask(url, "eth_sendTransaction", {"from": sender, "to": SOMEBODY, "value": hex(10**18)}))


@retry(retry=retry_if_exception_type(AssertionError), stop=stop_after_delay(60), wait=wait_fixed(0.01), reraise=True)
def wait_until_in_a_block(url: str, transaction: str) -> None:
    assert ask(url, "eth_getTransactionReceipt", transaction) is not None


class Busy:
    """Ether moves meanwhile."""

    def __init__(self, url: str) -> None:
        self._url, self._ending = url, Event()
        self._thread = Thread(target=self._send)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._ending.wait(0.4):
            with suppress(Refused, urllib3.exceptions.HTTPError):
                pay(self._url)


@retry(retry=retry_if_exception_type(AssertionError), stop=stop_after_delay(60), wait=wait_fixed(0.2), reraise=True)
def wait_for_block(url: str, number: int) -> None:
    assert newest(url) >= number
