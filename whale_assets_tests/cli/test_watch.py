"""`whale-assets watch` as people and programs meet it."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.cli.watching import STYLES, on_terminal, watching
from whale_assets_tests.docs.pages import read
from whale_assets_tests.runs.world import world

FIRST, COUNT = 20_000_000, 30
BLOCKS = BlockRange(FIRST, FIRST + COUNT - 1)
FROM = ("--from", str(FIRST))
Feed = list[str]


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    return generate(blocks=COUNT, transactions_per_block=40)


@pytest.fixture(scope="module")
def node(chain: GeneratedChain) -> Iterator[dict[str, str]]:
    """The settings of somebody who has a node, and a store that is not there."""
    with running(chain) as url:
        yield {"WHALE_NODE_URL": url, "WHALE_SQL_URL": "sqlite:////nowhere/whale.db", "WHALE_EXPLORER": "none"}


@pytest.fixture(scope="module")
def feed(node: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """What `show feed` tells of the same blocks, from a store that a backfill has filled."""
    folder = tmp_path_factory.mktemp("feed")
    with world(folder, node["WHALE_NODE_URL"], 10) as made:
        made.fill(BLOCKS.first, BLOCKS.last)
    environment = {"WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}", "WHALE_LAKE": str(folder / "lake")}
    told = subprocess.run(
        [sys.executable, "-c", "from whale_assets.cli.main import main; main(['show', 'feed'])"],
        env={**environment, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()


def test_a_pipe_gets_the_lines_of_the_feed_and_nothing_else(node: dict[str, str], feed: Feed) -> None:
    with watching(node, *FROM) as process:
        assert process.stdout
        assert [process.stdout.readline().rstrip("\n") for _ in feed] == feed
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate()
    assert (process.returncode, rest, said) == (130, "", "")
    assert len(feed) > 20


def test_a_block_is_told_when_it_comes(node: dict[str, str], chain: GeneratedChain) -> None:
    with watching(node, "--json") as process:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        assert first["block_number"] == chain.head
        chain.grow(3)
        while json.loads(process.stdout.readline())["block_number"] < chain.head:
            pass
        process.terminate()
        process.communicate()
    chain.tip -= 3
    assert process.returncode == 143, "as shells tell of SIGTERM"


def test_each_line_of_json_has_the_fields_that_its_page_tells(node: dict[str, str], feed: Feed) -> None:
    told = re.findall(r"^\| `(\w+)` \|", read("watch.md"), flags=re.MULTILINE)
    with watching(node, *FROM, "--json") as process:
        assert process.stdout
        rows = [json.loads(process.stdout.readline()) for _ in feed]
    assert {tuple(row) for row in rows} == {tuple(told)}
    assert [f"{row['sentence']} " in line for row, line in zip(rows, feed, strict=True)] == [True] * len(feed)
    assert {row["event"] for row in rows} == {"transaction"}


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_who_has_seen_enough_ends_it(node: dict[str, str], arguments: tuple[str, ...]) -> None:
    with watching(node, *FROM, *arguments) as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
        assert process.wait() == 0


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("colour", [{}, {"NO_COLOR": "1"}], ids=["colour", "no colour"])
def test_a_terminal_shows_the_lines_above_a_line_of_how_things_stand(
    node: dict[str, str], feed: Feed, columns: int, colour: dict[str, str]
) -> None:
    with on_terminal(node | colour, columns, *FROM) as (process, terminal):
        terminal.read_until(
            rf"head {BLOCKS.last:,}, [\d,]+ days ago · {COUNT} blocks · {len(feed)} whales · \$[\d.]+\w seen"
        )
        process.send_signal(signal.SIGINT)
        terminal.read_until(r"\x1b\[2K$")
    *lines, last = terminal.screen()
    assert last == "", "nothing of the last line stays"
    assert all(len(line) <= columns for line in lines)
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(feed).split())
    styles = set(re.findall(r"\x1b\[([0-9;]*)m", terminal.written))
    has_colours = any(code in {"32", "36"} for style in styles for code in style.split(";"))
    assert has_colours == (not colour)


def test_a_terminal_beside_a_pipe_gets_the_status_alone(node: dict[str, str], feed: Feed) -> None:
    assert STYLES.sub("", "\x1b[2mx\x1b[0m") == "x"
    with watching(node, *FROM) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in feed]
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "reason"),
    [
        (["--threshold", "0"], {}, 2, "no number of dollars above 0"),
        (["--threshold", "nan"], {}, 2, "no number of dollars above 0"),
        (["--from", "-1"], {}, 2, "'--from'"),
        (["--source", "kafka"], {}, 2, "--source kafka needs WHALE_KAFKA"),
        (["--source", "geth"], {}, 2, "'geth' is not one of"),
        ([], {}, 1, "127.0.0.1:9 refuses the connection"),
        (["--lookup"], {"WHALE_SQL_URL": "oracle://x"}, 2, "supported: sqlite"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    whale_assets: Command, arguments: list[str], variables: dict[str, str], code: int, reason: str
) -> None:
    result = whale_assets("watch", *arguments, **variables)
    assert (result.exit_code, result.stdout) == (code, "")
    assert reason in result.stderr


def test_neither_dagster_nor_a_database_is_loaded() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, whale_assets.cli.watch_command; print(*sys.modules)"],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"dagster", "sqlalchemy", "kafka"}.isdisjoint(loaded)


def test_a_higher_threshold_shows_less_and_ether_alone_less_still(node: dict[str, str], feed: Feed) -> None:
    for arguments in (("--threshold", "5000000"), ("--ether-only",)):
        with watching(node, *FROM, *arguments, "--json") as process:
            assert process.stdout
            [row, *_] = [json.loads(process.stdout.readline()) for _ in range(2)]
            assert row["value_usd"] >= (5_000_000 if "--threshold" in arguments else 100_000)
