"""A real geth that serves the longest dense chain there is.

Belongs here: finding both where the tests find them, and serving once it is idle. Does not: making them, which
`make services` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tenacity import retry, retry_if_result, stop_after_delay

from benchmarks.report import Absent
from whale_assets_tests.services import geth

BUSY_PERCENT = 10
"""Of one core."""


@contextmanager
def serve_dense_chain(folder: Path) -> Iterator[tuple[str, int]]:
    """The node's URL, and its head; the chain is copied to `folder` first. Raises Absent where there is none."""
    lengths = [int(path.name.removeprefix("dense-")) for path in (geth.SERVICES / "chains").glob("dense-*[0-9]")]
    if not (geth.BINARY.exists() and lengths):
        raise Absent(
            "There is no real geth with a dense chain here, so nothing is measured: `make services` brings both."
        )
    with geth.serve_chain(f"dense-{max(lengths)}", folder) as url:
        wait_until_idle()
        yield url, int(geth.ask(url, "eth_blockNumber"), 16)


@retry(retry=retry_if_result(lambda busy: busy), stop=stop_after_delay(300))
def wait_until_idle() -> bool:
    """geth answers at once when it is started, and indexes its logs on all cores for a while."""
    nodes = [process for process in psutil.Process().children() if process.name() == geth.BINARY.name]
    return any(node.cpu_percent(interval=2) > BUSY_PERCENT for node in nodes)
