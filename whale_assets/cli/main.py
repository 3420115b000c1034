"""The command `whale-assets`.

Belongs here: finding a subcommand, and turning errors into one line and an exit code. Does not: any subcommand.
Exit codes: 0 done, 1 it failed, 2 wrong use, 130 stopped by Ctrl-C.
"""

import gc
import importlib
from functools import cache
from typing import Any, cast

import click

from whale_assets.errors import WhaleError

COMMANDS = {
    "backfill": "fetch ranges of blocks and compute every table of them",
    "backup": "copy the store, as it is in this moment, into a folder",
    "config": "show the settings, measure the node",
    "demo": "the whole job on a simulated node, in a minute",
    "explain": "tell how the dollars of a transaction came about",
    "follow": "carry the chain of a node to Kafka",
    "import": "take in a list of tokens, labels, prices or addresses to watch",
    "migrate": "make the tables, or bring them to this version",
    "prices": "print what a token cost over blocks, or write it to a file",
    "restore": "put a backup into a store of any kind of database",
    "show": "print what the store holds: the feed, whales, suspects, flows",
    "simulate": "run a simulated node",
    "status": "which ranges are there, and in which state",
    "verify": "prove the store again, offline or against the node",
    "watch": "print whales as they arrive",
    "what-if": "what other settings would report, without changing anything",
}
"""Each is `command` in the module of its name; they are imported when asked for: Dagster is slow to load."""


INTERRUPTED = 130


@cache
def loaded(name: str) -> click.Command:
    """A subcommand. What it imports stays to the end: to search that for garbage would take a quarter of a second, of
    one that a short command needs."""
    gc.disable()
    command = importlib.import_module(f"whale_assets.cli.{name.replace('-', '_')}_command").command
    gc.freeze()
    gc.enable()
    return cast(click.Command, command)


class Failure(click.ClickException):
    """An error in one line."""

    def __init__(self, error: WhaleError) -> None:
        super().__init__(" ".join(str(error).split()))
        self.exit_code: int = error.exit_code  # type: ignore[misc]  # click reads it from the instance


class Commands(click.Group):
    """The subcommands, loaded when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them."""
        return loaded(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists them without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs one; what it raises for the person is printed as a line."""
        try:
            return super().invoke(ctx)
        except WhaleError as error:
            raise Failure(error) from None
        except KeyboardInterrupt:
            click.echo("\nstopped; the same command goes on where it was", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=Commands, context_settings={"max_content_width": 100})
@click.version_option(package_name="whale-assets")
def main() -> None:
    """Who moved a lot of money on Ethereum, what it was worth at that block, and is it suspicious?

    Settings are environment variables: `whale-assets config` shows them. Exit codes: 0 done, 1 it failed, 2 wrong
    use, 130 stopped by Ctrl-C.
    """
