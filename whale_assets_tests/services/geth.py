"""A real geth, started for tests on a copy of a chain that `make services` imported.

Belongs here: starting it, knowing when it is ready, and stopping it. Does not: what it is asked.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

SERVICES = Path(__file__).parents[2] / ".services"
BINARY = SERVICES / "bin" / "geth"


@contextmanager
def serve_chain(name: str, folder: Path) -> Iterator[str]:
    """Serves a copy of the chain, made in `folder`, and yields the URL. Skips the test where there is no such chain."""
    chain = SERVICES / "chains" / name
    if not (BINARY.exists() and chain.exists()):
        pytest.skip(f"needs a real geth and its chain {name}: `make services` installs them")
    shutil.copytree(chain, folder / "data")
    port = _free_port()
    with (folder / "log").open("wb") as log, subprocess.Popen(_command(folder / "data", port), stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, folder / "log")
            yield url
        finally:
            process.terminate()


def ask(url: str, method: str, *parameters: Any) -> Any:
    """One JSON-RPC answer as plain Python values: what geth itself says, with nothing of the project in between."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer: dict[str, Any] = json.loads(urllib3.request("POST", url, json=request, retries=False, timeout=60).data)
    return answer["result"]


def _command(data: Path, port: int) -> list[str]:
    return [
        *(str(BINARY), "--datadir", str(data), "--cache", "256", "--verbosity", "2"),
        *("--http", "--http.port", str(port), "--http.api", "eth,net,web3,debug", "--graphql"),
        *("--nodiscover", "--maxpeers", "0", "--port", "0", "--authrpc.port", "0", "--ipcdisable"),
    ]


@retry(retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(60), wait=wait_fixed(0.1))
def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    """Waits until geth answers and has indexed its transactions: before that, it finds no receipt by its hash."""
    if process.poll() is not None:
        raise RuntimeError(f"geth ended at once: {log.read_text()[-2000:]}")
    try:
        return ask(url, "eth_syncing") is False
    except urllib3.exceptions.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
