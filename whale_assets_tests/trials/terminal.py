"""The command as a person runs it: a process of its own, in a folder of its own.

Belongs here: starting it, ending it, and what it leaves. Does not: what is expected.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings

COMMAND = str(Path(sys.executable).with_name("whale-assets"))


@dataclass(frozen=True)
class Terminal:
    """A folder to work in, and the settings of that person's environment."""

    folder: Path
    settings: Mapping[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begins a command; its output waits in pipes."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
        self.folder.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env={**clean, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Runs a command to its end: exit code, what it printed, and what it said beside."""
        with self.start(*arguments) as process:
            printed, said = process.communicate()
        return process.returncode, printed, said

    @contextmanager
    def stores(self) -> Iterator[Stores]:
        """What the commands stored."""
        opened = open_stores(
            read_settings(
                {
                    **self.settings,
                    "WHALE_SQL_URL": f"sqlite:///{self.folder / '.whale' / 'whale.db'}",
                    "WHALE_LAKE": str(self.folder / ".whale" / "lake"),
                }
            )
        )
        yield opened
        opened.close()

    @contextmanager
    def dagster(self) -> Iterator[dg.DagsterInstance]:
        """Dagster's storage, as the commands left it."""
        with dg.DagsterInstance.from_config(str(self.folder / ".whale" / "dagster")) as instance:
            yield instance
