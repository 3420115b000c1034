"""A real geth, started for tests: on a copy of a chain that `make services` imported, or on a new one that it seals.

Belongs here: starting it, knowing when it is ready, and stopping it. Does not: what it is asked.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from whale_assets_tests.services.ports import free_port

SERVICES = Path(__file__).parents[2] / ".services"
BINARY = SERVICES / "bin" / "geth"


@contextmanager
def serve_chain(name: str, folder: Path) -> Iterator[str]:
    """Serves a copy of the chain, made in `folder`, and yields the URL. Skips the test where there is no such chain."""
    chain = SERVICES / "chains" / name
    if not (BINARY.exists() and chain.exists()):
        pytest.skip(f"needs a real geth and its chain {name}: `make services` installs them")
    shutil.copytree(chain, folder / "data")
    with _running(folder, _has_indexed) as url:
        yield url


@contextmanager
def seal_chain(folder: Path, *options: str) -> Iterator[str]:
    """Runs a geth that seals what it is sent into blocks at once, and yields the URL. Skips where there is no geth."""
    if not BINARY.exists():
        pytest.skip("needs a real geth: `make services` installs it")
    with _running(folder, _has_account, "--dev", "--dev.period", "0", *options) as url:
        yield url


@contextmanager
def live_chain(folder: Path, seconds: int, port: int) -> Iterator[str]:
    """Runs a geth that seals a block every so many seconds, none for 0, and yields the URL; a folder that was used
    before goes on where it was."""
    if not BINARY.exists():
        pytest.skip("needs a real geth: `make services` installs it")
    folder.mkdir(exist_ok=True)
    with _running(folder, _has_account, "--dev", "--dev.period", str(seconds), port=port) as url:
        yield url


@contextmanager
def _running(folder: Path, is_ready: Callable[[str], bool], *options: str, port: int = 0) -> Iterator[str]:
    port = port or free_port()
    command = [*_command(folder / "data", port), *options]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, is_ready, process, folder / "log")
            yield url
        finally:
            process.terminate()
            process.wait()


class Refused(Exception):
    """geth answers with an error: for a moment after its start, that it still indexes."""


@retry(retry=retry_if_exception_type(Refused), stop=stop_after_delay(20), wait=wait_fixed(0.2), reraise=True)
def ask(url: str, method: str, *parameters: Any) -> Any:
    """One JSON-RPC answer as plain Python values: what geth itself says, with nothing of the project in between."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer: dict[str, Any] = json.loads(urllib3.request("POST", url, json=request, retries=False, timeout=60).data)
    if "result" not in answer:
        raise Refused(f"{method}: {answer}")
    return answer["result"]


def _command(data: Path, port: int) -> list[str]:
    return [
        *(str(BINARY), "--datadir", str(data), "--cache", "256", "--verbosity", "2"),
        *("--http", "--http.port", str(port), "--http.api", "eth,net,web3,debug,dev", "--graphql"),
        *("--nodiscover", "--maxpeers", "0", "--port", "0", "--authrpc.port", "0", "--ipcdisable"),
    ]


@retry(retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(60), wait=wait_fixed(0.1))
def _wait_until_ready(url: str, is_ready: Callable[[str], bool], process: subprocess.Popen[bytes], log: Path) -> bool:
    """Waits until geth answers that it is ready."""
    if process.poll() is not None:
        raise RuntimeError(f"geth ended at once: {log.read_text()[-2000:]}")
    try:
        return is_ready(url)
    except urllib3.exceptions.HTTPError:
        return False


def _has_indexed(url: str) -> bool:
    """Before that, geth finds no receipt by its hash."""
    return ask(url, "eth_syncing") is False


def _has_account(url: str) -> bool:
    """A geth that seals blocks calls itself syncing until there are some."""
    return bool(ask(url, "eth_accounts"))
