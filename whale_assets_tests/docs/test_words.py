"""What the pages tell people to type, follow and expect is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from whale_assets.assets.finality import CONFIRMATIONS
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS
from whale_assets.cli.main import main
from whale_assets_tests.docs.pages import FOLDER, PROJECT, read

PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md", *sorted(FOLDER.glob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "whale_assets").rglob("*.py"))


def lines_to_type(text: str) -> Iterator[str]:
    """The lines of all shell blocks of a page."""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `whale-assets` in the lines to type."""
    for line in lines_to_type(text):
        words = shlex.split(line, comments=True)
        for place, word in enumerate(words):
            if word.rpartition("/")[2] == "whale-assets" and all("=" in before for before in words[:place]):
                yield words[place + 1 :]


def examples() -> Iterator[list[str]]:
    """The arguments of every example that a command's help tells."""
    for example in re.findall(
        r"Example: whale-assets (.*?)(?:\. |, then|\n\n|\n```)", read("commands.md"), flags=re.DOTALL
    ):
        yield shlex.split(example)


def parse(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads a command's arguments as it would, without doing anything. Raises click.UsageError for what it refuses."""
    command: click.Command = main
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(click.Context(command), name)
        if found is None:
            raise click.UsageError(f"no such command: {name}")
        command = found
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):  # files of the person who reads the page
            monkeypatch.setattr(parameter.type, "exists", False)
    command.make_context(str(command.name), list(arguments))


@each_page
def test_what_a_page_tells_to_type_is_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in commands(page.read_text(encoding="utf-8")):
        parse(arguments, monkeypatch)


def test_every_example_of_a_command_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(examples())
    assert len(found) == 28
    for arguments in found:
        parse(arguments, monkeypatch)


def test_a_command_that_does_not_exist_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    [renamed] = commands("```sh\nWHALE_SOURCE=auto .venv/bin/whale-assets backfill --form 1 # oops\n```")
    with pytest.raises(click.UsageError):
        parse(renamed, monkeypatch)


@each_page
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", text)) | {
        target for line in lines_to_type(text) for target in re.findall(r"^make ([a-z-]+)", line)
    }
    assert {target for target in named if not re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)} == set()


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    paths = [link.partition("#")[0] for link in links if "://" not in link]
    assert [path for path in paths if path and not (page.parent / path).exists()] == []


def test_every_error_in_the_table_of_errors_is_one_of_the_programs() -> None:
    _, _, table = read("operating.md").partition("| the line says |")
    said = [line.split(" | ")[0] for line in table.partition("\n\n")[0].splitlines() if line.startswith("| `")]
    fragments = [fragment for cell in said for fragment in re.findall("`(.+?)`", cell)]
    assert len(fragments) > 20
    assert [fragment for fragment in fragments if fragment not in SOURCE] == []


def test_figures_in_the_pages_are_the_programs() -> None:
    assert f"{LOOKBACK_BLOCKS:,} blocks" in read("proof.md")
    assert f"{LOOKBACK_BLOCKS:,} blocks" in read("operating.md")
    assert f"{LOOKBACK_BLOCKS:,} blocks" in read("how-data-flows.md")
    assert f"{CONFIRMATIONS} confirmations" in read("proof.md")
