"""`whale-assets demo`: the whole job on a simulated node."""

import os
import shlex
import shutil
from contextlib import closing
from pathlib import Path

import click
import polars as pl

from whale_assets.cli.backfill_command import run_here
from whale_assets.cli.report import print_feed, print_summary, print_unpriced, reader_of
from whale_assets.cli.screen import notice
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import Stores, open_stores
from whale_assets.runs.local import open_instance
from whale_assets.settings import read_settings
from whale_assets.simulator import generate, labels, running

HOME = Path(".whale/demo")
PORT = 8547
NEXT = """
What to try next:
  make ui
      Dagster on what this made: the graph, the partitions, the plots
  .venv/bin/whale-assets simulate --port {port} --seed {seed} --count {count}
      beside it, a node with as many blocks more, to register and materialize there
  WHALE_NODE_URL=http://localhost:8545 .venv/bin/whale-assets backfill --from BLOCK
      the same on your own node
"""


@click.command(epilog="Example: whale-assets demo --count 100")
@click.option(
    "--count", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Blocks of the made chain."
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same chain.")
def command(count: int, seed: int) -> None:
    """Find the whales of a made chain, through Dagster, and print them; all it makes is in .whale/demo."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    chain = generate(seed, count)
    with running(chain) as url:
        settings = read_settings(environment(url))
        os.environ["DAGSTER_HOME"] = str((HOME / "dagster").resolve())
        notice(f"a simulated node with {count:,} blocks up to {chain.head:,} is at {url.rpartition('/')[2]}")
        with closing(open_stores(settings)) as stores:
            imported = replace_list(stores.sql, "labels", "simulated", [pl.DataFrame(labels())])
            notice(f"{imported} labels imported")
            run_here(settings, str(chain.head - count + 1), "latest")
            show(stores)
    write_environment()
    notice(NEXT.format(port=PORT, seed=seed, count=2 * count))


def environment(node_url: str) -> dict[str, str]:
    """Settings: everything in the demo's own folder, wherever they are used, in ranges that are soon done."""
    home = HOME.resolve()
    return {
        "WHALE_NODE_URL": node_url,
        "WHALE_SQL_URL": f"sqlite:///{home}/whale.db",
        "WHALE_LAKE": str(home / "lake"),
        "WHALE_RANGE_SIZE": "100",
    }


def write_environment() -> None:
    """What `make ui` reads: the demo's settings, with the port that `simulate` is suggested on."""
    variables = environment(f"http://127.0.0.1:{PORT}")
    (HOME / "env").write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()))


def show(stores: Stores) -> None:
    """The feed, then the summary."""
    reader = reader_of(stores)
    print_feed(stores, reader)
    print_summary(stores, reader)
    with open_instance() as instance:
        print_unpriced(instance)
