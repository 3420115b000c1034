"""A real geth that serves the longest dense chain there is.

Belongs here: finding both where the tests find them, and serving. Does not: making them, which `make services` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Absent
from whale_assets_tests.services import geth


@contextmanager
def serve_dense_chain(folder: Path) -> Iterator[tuple[str, int]]:
    """The node's URL, and its head; the chain is copied to `folder` first. Raises Absent where there is none."""
    lengths = [int(path.name.removeprefix("dense-")) for path in (geth.SERVICES / "chains").glob("dense-*[0-9]")]
    if not (geth.BINARY.exists() and lengths):
        raise Absent(
            "There is no real geth with a dense chain here, so nothing is measured: `make services` brings both."
        )
    with geth.serve_chain(f"dense-{max(lengths)}", folder) as url:
        yield url, int(geth.ask(url, "eth_blockNumber"), 16)
