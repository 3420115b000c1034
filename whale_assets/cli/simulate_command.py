"""`whale-assets simulate`: a node to try everything on."""

from pathlib import Path

import click

from whale_assets.cli.screen import notice


@click.command(epilog="Example: whale-assets simulate --port 8547, then WHALE_NODE_URL=http://localhost:8547")
@click.option(
    "--blocks",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Replay recorded blocks of a folder.",
)
@click.option(
    "--port", default=8545, show_default=True, type=click.IntRange(1, 65535), help="Where it listens, on 127.0.0.1."
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same chain.")
@click.option("--count", default=300, show_default=True, type=click.IntRange(1, 100_000), help="Blocks to make.")
@click.option(
    "--transactions", default=200, show_default=True, type=click.IntRange(1, 1000), help="Transactions a block."
)
@click.option(
    "--ether-logs-from",
    type=click.IntRange(0),
    metavar="BLOCK",
    help="From here on the made chain logs every movement of ether, as from Amsterdam on (EIP-7708).",
)
def command(
    folder: Path | None, port: int, seed: int, count: int, transactions: int, ether_logs_from: int | None
) -> None:
    """Run a simulated node that speaks geth's GraphQL and JSON-RPC: recorded blocks, or a made chain."""
    from whale_assets.simulator import generate, load_recorded, serve  # noqa: PLC0415

    chain = load_recorded(folder) if folder else generate(seed, count, transactions, ether_logs_from=ether_logs_from)
    notice(f"a simulated node at http://127.0.0.1:{port}, head {chain.head:,}; Ctrl-C ends it")
    serve(chain, port=port)
