"""Nodes that are no use: one line that says which host, what came and what to do; exit code 1; nothing stored."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partialmethod
from pathlib import Path

import pytest
from click.testing import Result

from whale_assets.io import sqlite
from whale_assets.io.stores import open_stores
from whale_assets.settings import Settings, read_settings
from whale_assets.simulator import Faults, GeneratedChain, generate, running
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.cli.conftest import Command

KEY = "Geheim1234567890"
FIRST, LAST = 100, 129


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=LAST - FIRST + 1, transactions_per_block=10, first_block=FIRST)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def node(chain: GeneratedChain, faults: Faults, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """host:port of a simulated node, which is the one of the settings; its URL holds a key wherever one can."""
    with running(chain, faults) as url:
        host = url.removeprefix("http://")
        environment |= {
            "WHALE_NODE_URL": f"http://user:{KEY}@{host}/?key={KEY}",
            "WHALE_NODE_TIMEOUT": "5",
            "DAGSTER_HOME": str(tmp_path / "dagster"),
        }
        yield host


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks as often as always, and waits for nothing in between."""
    waits_for_nothing = partialmethod(Patience.__init__, sleep=lambda seconds, interrupted: None)
    monkeypatch.setattr(Patience, "__init__", waits_for_nothing)


def one_line(result: Result) -> str:
    """What was said of what went wrong: in one line, with no key."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert KEY not in result.output
    *_, line = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return line


def nothing_stored(folder: Path) -> bool:
    """Whether the store knows its chain and nothing else."""
    with closing(sqlite3.connect(folder / "whale.db")) as database:
        [(certificates,)] = database.execute("SELECT count(*) FROM block_ranges")
        [(blocks,)] = database.execute("SELECT count(*) FROM blocks")
    return (certificates, blocks, list((folder / "lake").rglob("*.parquet"))) == (0, 0, [])


def settings_of(environment: dict[str, str]) -> Settings:
    return read_settings({name: value for name, value in environment.items() if name.startswith("WHALE_")})


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unauthorized", "HTTP 401: check the user or the key"),
        ("forbidden", "HTTP 403: check the user or the key"),
        ("not_found", "HTTP 404: check the path"),
        ("web_page", "a web page (HTTP 200): is this an Ethereum node's HTTP-RPC port?"),
        ("not_ethereum", "is this an Ethereum node?"),
        ("empty", "answers nothing at all"),
        ("unavailable", "is busy (HTTP 503)"),
        ("truncated", "answers what is not in the schema"),
    ],
)
def test_what_answers_and_is_no_node_is_named(
    whale_assets: Command, node: str, faults: Faults, tmp_path: Path, kind: str, said: str
) -> None:
    faults.add(kind, times=None)
    line = one_line(whale_assets("backfill", "--from", str(FIRST)))
    assert said in line
    assert node in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"https://127.0.0.1:{{port}}/{KEY}", "no secure connection"),
        (f"http://no-such-host.invalid/{KEY}", "no-such-host.invalid: no host has this name"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_by_its_host(
    whale_assets: Command, node: str, tmp_path: Path, url: str, said: str
) -> None:
    line = one_line(whale_assets("backfill", "--from", "1", WHALE_NODE_URL=url.format(port=node.rpartition(":")[2])))
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_blocks_past_the_head_are_told_with_the_numbers(whale_assets: Command, node: str, tmp_path: Path) -> None:
    line = one_line(whale_assets("backfill", "--from", "500"))
    assert f"block 500 is past the node's head, block {LAST}" in line
    assert list(tmp_path.iterdir()) == []


def test_a_node_that_knows_nothing_final_says_so(
    whale_assets: Command, node: str, chain: GeneratedChain, tmp_path: Path
) -> None:
    chain.finality_lag = None
    assert "knows no finalized block" in one_line(whale_assets("backfill", "--from", "100", "--to", "finalized"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.trial
def test_pruned_history_is_told_and_nothing_of_its_range_is_stored(
    whale_assets: Command, node: str, chain: GeneratedChain, tmp_path: Path
) -> None:
    chain.pruned_below = 115
    line = one_line(whale_assets("backfill", "--from", "110", "--to", "119"))
    assert "the node no longer holds these blocks" in line
    assert "asked for blocks 110 to 119" in line
    assert nothing_stored(tmp_path)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("wrong_gas", "gas does not add up"),
        pytest.param("wrong_type", "value", marks=pytest.mark.trial),
        pytest.param("missing_transaction", "block 10", marks=pytest.mark.trial),
    ],
)
def test_blocks_that_contradict_themselves_are_never_stored_and_named(
    whale_assets: Command, node: str, faults: Faults, tmp_path: Path, kind: str, said: str
) -> None:
    """Asked again, then by the other source, which says so; then it fails."""
    faults.add(kind, times=10**6)
    result = whale_assets("backfill", "--from", "100", "--to", "109")
    line = one_line(result)
    assert said in line
    assert "from here on by JSON-RPC" in result.stderr
    assert nothing_stored(tmp_path)


@pytest.mark.parametrize(
    ("identity", "range_size", "code", "said"),
    [
        (ChainIdentity(5, "0xa"), 10, 1, "use another store, or another node"),
        (None, 20, 2, "the store was begun with 20"),
    ],
)
def test_another_chain_and_another_range_size_than_the_stores_are_refused(
    whale_assets: Command,
    node: str,
    chain: GeneratedChain,
    environment: dict[str, str],
    identity: ChainIdentity | None,
    range_size: int,
    code: int,
    said: str,
) -> None:
    stores = open_stores(settings_of(environment))
    stores.sql.claim(identity or ChainIdentity(chain.chain_id, chain.hash_of(0)), range_size)
    stores.close()
    result = whale_assets("backfill", "--from", "100", "--to", "100")
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert not Path(environment["DAGSTER_HOME"]).exists()


def test_a_store_that_another_process_has_locked_is_told(
    whale_assets: Command, node: str, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_WAIT", 0.1)
    held = open_stores(settings_of(environment))
    with held.sql.writing("holding the lock"):
        assert "database is locked" in one_line(whale_assets("backfill", "--from", "100", "--to", "100"))
    held.close()
