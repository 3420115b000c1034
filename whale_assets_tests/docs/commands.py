"""What every command says of itself by `--help`."""

from collections.abc import Iterator

import click
from click.testing import CliRunner

from whale_assets.cli.main import main

WIDTH = 80


def reference() -> str:
    """A section a command, groups before what is in them."""
    return "\n".join(f"## {' '.join(path)}\n\n```text\n{help_of(path)}```\n" for path in paths(main, ("whale-assets",)))


def paths(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words by which a command is called, and those of all its subcommands."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from paths(found, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """What a terminal of 80 columns shows."""
    result = CliRunner().invoke(main, [*path[1:], "--help"], prog_name=path[0], terminal_width=WIDTH)
    return result.output
