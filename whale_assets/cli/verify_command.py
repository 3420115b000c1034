"""`whale-assets verify`: the store, proven again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from secrets import randbelow
from typing import NamedTuple

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.encoding import Json
from whale_assets.chain.ranges import BlockRange, Grid, gaps
from whale_assets.cli.screen import notice, stderr, stdout
from whale_assets.cli.verify_report import Report
from whale_assets.errors import StoreError, WrongUse
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.sources.columns import statuses_from
from whale_assets.sources.node import Node
from whale_assets.sources.raw_blocks import RawBlocks
from whale_assets.sources.span import block_number
from whale_assets.verify.against_node import compare_range
from whale_assets.verify.findings import Finding
from whale_assets.verify.held import Held
from whale_assets.verify.offline import nothing, prove_range, read_reference
from whale_assets.verify.roots import chosen, prove_blocks
from whale_assets.verify.whole import (
    broken_links,
    list_faults,
    orphans,
    pool_faults,
    range_named,
    read_certificates,
)

Further = Callable[[Held], Iterable[Finding]]


class Depth(NamedTuple):
    """How much is proven beside what the store says of itself."""

    against_node: bool
    roots: bool
    sample: int | None
    seed: int

    def steps(self, certificate: Certificate) -> int:
        """How many blocks are looked at, each proof counted, for a range."""
        proven_by_roots = min(self.sample or certificate.block_count, certificate.block_count) if self.roots else 0
        return certificate.block_count * (1 + self.against_node) + proven_by_roots


OFFLINE = Depth(against_node=False, roots=False, sample=None, seed=0)
"""What the store says of itself alone."""


@click.command(epilog="Example: whale-assets verify --against-node --roots --sample 5. Exit codes: 0 proven, 1 not.")
@click.option("--from", "first", metavar="BLOCK", help="The first block to prove.  [default: the first stored]")
@click.option("--to", "last", metavar="BLOCK", help="The last block to prove.  [default: the last stored]")
@click.option("--against-node", is_flag=True, help="Fetch the same blocks again, and compare them with what is stored.")
@click.option("--roots", is_flag=True, help="Also prove them by hash, bloom and roots: a tenth of a second a block.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Prove by roots only N blocks of each range.")
@click.option("--seed", type=int, help="Which blocks: the same seed chooses the same.  [default: others each time]")
@click.pass_context
def command(
    ctx: click.Context,
    first: str | None,
    last: str | None,
    against_node: bool,
    roots: bool,
    sample: int | None,
    seed: int | None,
) -> None:
    """Prove the store again: certificates, hashes, counts, files, and every table computed anew.

    What is damaged is named, with the command that repairs it. Without options no node is asked.
    """
    if roots and not against_node:
        raise WrongUse("--roots asks the node: add --against-node")
    if sample and not roots:
        raise WrongUse("--sample is about --roots: add --against-node --roots")
    depth = Depth(against_node, roots, sample, randbelow(1_000_000) if seed is None else seed)
    bounds = (block_number(first) if first else None, block_number(last) if last else None)
    with closing(open_stores(read_settings())) as stores:
        is_proven = verify(stores, bounds, depth)
    ctx.exit(0 if is_proven else 1)


def verify(stores: Stores, bounds: tuple[int | None, int | None], depth: Depth) -> bool:
    """Proves the ranges that hold blocks within bounds, and the store as a whole, telling what it finds as it goes.

    Answers whether all is proven. Raises StoreError where nothing is stored.
    """
    grid = stores.sql.grid()
    certificates, faults = read_certificates(stores.sql, grid) if grid else ([], [])
    if grid is None or not (certificates or faults):
        raise StoreError("nothing is stored: `whale-assets config` shows which store this is, `backfill` fills it")
    report = Report(stdout)
    doubtful = [blocks for each in faults if (blocks := range_named(each.block_range, grid))]
    ranges = sorted([each.blocks for each in certificates] + doubtful)
    report.tell([*faults, *broken_links(certificates), *orphans(stores.sql, grid, ranges)])
    report.tell([*list_faults(stores.sql), *pool_faults(stores.sql, stores.settings.pool_factories)])
    asked = span(certificates, bounds)
    within = [each for each in certificates if each.blocks.first <= asked.last and each.through_block >= asked.first]
    reference = read_reference(stores)
    with progress_bar() as bar:
        task = bar.add_task("proving", total=sum(map(depth.steps, within)))
        with further_proof(stores, grid, depth, report, lambda blocks: bar.advance(task, blocks)) as further:
            for certificate in within:
                report.add(prove_range(stores, certificate.blocks, reference, further))
                bar.advance(task, certificate.block_count)
    report.conclude(gaps((each.stored for each in within), asked))
    if depth.sample:
        notice(f"--seed {depth.seed} chooses the same blocks again")
    return report.is_proven


def span(certificates: list[Certificate], bounds: tuple[int | None, int | None]) -> BlockRange:
    """The blocks from one bound to the other; where there is none, from the first stored, and to the last."""
    first, last = bounds
    if first is None:
        first = min((each.blocks.first for each in certificates), default=0)
        first = first if last is None else min(first, last)
    if last is None:
        last = max([first, *(each.through_block for each in certificates)])
    return BlockRange(first, last)


@contextmanager
def further_proof(
    stores: Stores, grid: Grid, depth: Depth, report: Report, progress: Callable[[int], None]
) -> Iterator[Further]:
    """The proofs that ask the node, as far as they are wanted."""
    if not depth.against_node:
        yield nothing
        return
    with Node(stores.settings).open(notice) as fetcher:
        identity = fetcher.identity()
        stores.sql.claim(identity, grid.range_size)
        head = fetcher.head().number

        def by_roots(held: Held) -> Iterator[Finding]:
            numbers = chosen(held.certificate.stored, depth.sample, depth.seed)
            yield from prove_blocks(held, numbers, ask, statuses_from(identity.chain_id), report.unproven)

        def ask(number: int) -> tuple[Json, Sequence[Json]]:
            progress(1)
            return raw_blocks.block(number)

        def further(held: Held) -> list[Finding]:
            proven_wrong = list(by_roots(held)) if depth.roots else []
            return proven_wrong or list(compare_range(fetcher, head, stores, held, progress))

        with closing(
            RawBlocks(stores.settings.node_url.get_secret_value(), stores.settings.node_timeout)
        ) as raw_blocks:
            yield further


def progress_bar() -> Progress:
    """How far the proofs are, on stderr, where somebody can see it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
        redirect_stdout=stdout.is_terminal,
    )
