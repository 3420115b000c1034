"""`whale-assets` as scripts and people meet it: exit codes, one line an error, nothing touched."""

from pathlib import Path

import pytest

from whale_assets.cli import status_command
from whale_assets.cli.main import COMMANDS
from whale_assets_tests.cli.conftest import Command

KEY = "Geheim1234567890"


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_every_command_is_listed_with_what_it_does(whale_assets: Command) -> None:
    told = whale_assets("--help").stdout
    assert all(f"  {name} " in told and what in told for name, what in COMMANDS.items())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_an_example(whale_assets: Command, command: str) -> None:
    subcommands = ("tokens", "labels", "prices") if command == "import" else ("",)
    for subcommand in subcommands:
        help_ = " ".join(whale_assets(command, *filter(None, [subcommand]), "--help").stdout.split())
        assert f"Example: whale-assets {command} {subcommand}".rstrip() in help_


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["backfill"], "Missing option '--from'"),
        (["backfill", "--from", "1", "--frm", "2"], "--frm"),
        (["backfill", "--from", "-1"], "'-1' is no block number"),
        (["backfill", "--from", "soon"], "'soon' is no block number"),
        (["backfill", "--from", "5", "--to", "3"], "runs backwards: swap them"),
        (["backfill", "--from", "1.5e6"], "'1.5e6' is no block number"),
        (["config", "--measure-node", "--count", "0"], "1<=x<=500"),
        (["import", "tokens", "nowhere.csv"], "'nowhere.csv' does not exist"),
        (["simulate", "--port", "0"], "1<=x<=65535"),
    ],
)
def test_wrong_use_ends_with_code_2_and_touches_nothing(
    whale_assets: Command, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    result = whale_assets(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_node_that_is_not_there_is_told_in_one_line_without_its_key(whale_assets: Command, tmp_path: Path) -> None:
    url = f"http://user:{KEY}@127.0.0.1:9/{KEY}?key={KEY}"
    result = whale_assets("backfill", "--from", "1", WHALE_NODE_URL=url)
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = [line for line in result.stderr.splitlines() if line.strip()]
    assert line.startswith("Error: 127.0.0.1:9 refuses the connection: is the node running")
    assert KEY not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_not_supported_is_wrong_use(whale_assets: Command) -> None:
    result = whale_assets("status", WHALE_SQL_URL=f"oracle://whale:{KEY}@db.example/whale")
    assert result.exit_code == 2
    assert "names the database 'oracle'; supported: sqlite" in result.stderr
    assert KEY not in result.output


def test_a_store_that_cannot_be_made_is_told_in_one_line(whale_assets: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = whale_assets("status", WHALE_SQL_URL=f"sqlite:///{tmp_path}/file/whale.db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: the folder of the database cannot be made: ")
    assert len(result.stderr.splitlines()) == 1


def test_ctrl_c_ends_with_code_130_and_a_sentence(whale_assets: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_command, "open_stores", stop)
    result = whale_assets("status")
    assert (result.exit_code, result.stdout) == (130, "")
    assert "the same command goes on where it was" in result.stderr
