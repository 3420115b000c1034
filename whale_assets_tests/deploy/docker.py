"""A docker for containers that buildah runs: it knows as much of `docker compose` as deploy/shutdown.sh asks.

Belongs here: being asked by a program of that name, and answering from a machine. Does not: how a service runs or ends.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import NamedTuple

from whale_assets_tests.deploy.compose import OURS
from whale_assets_tests.deploy.image import InContainer

PROGRAM = """\
#!{python}
import sys
from multiprocessing.connection import Client
with Client({address!r}) as daemon:
    daemon.send(sys.argv[1:])
    code, out, err = daemon.recv()
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class Answer(NamedTuple):
    """What the program ends with and prints."""

    code: int = 0
    out: str = ""
    err: str = ""


@contextmanager
def docker_of(machine: InContainer, folder: Path) -> Iterator[dict[str, int]]:
    """Puts the program `docker` into a folder, for as long as the block lasts; yields the services that it has stopped,
    each with the code that its process ended with."""
    stopped: dict[str, int] = {}
    with Listener(str(folder / "docker.sock")) as listener:
        program = folder / "docker"
        program.write_text(PROGRAM.format(python=sys.executable, address=listener.address))
        program.chmod(0o755)

        def serve() -> None:
            while True:
                with listener.accept() as client:
                    words: list[str] | None = client.recv()
                    if words is None:
                        return
                    client.send(tuple(answer(machine, words, stopped)))

        daemon = threading.Thread(target=serve, name="docker")
        daemon.start()
        try:
            yield stopped
        finally:
            with Client(listener.address) as client:
                client.send(None)
            daemon.join()


def answer(machine: InContainer, words: list[str], stopped: dict[str, int]) -> Answer:
    """What it does, and says."""
    running = [name for name, process in machine.processes.items() if process.poll() is None]
    match words:
        case ["compose", "version"]:
            return Answer()
        case ["compose", "--project-directory", _, "--file", _, *asked]:
            match asked:
                case ["ps", "--services", "--filter", "status=running"]:
                    return Answer(out="\n".join([*running, "mysql", "kafka"]))
                case ["stop", *names]:
                    for name in names or running:
                        stopped[name] = machine.ended(OURS[name])
                    return Answer()
                case ["exec", "-T", name, *command] if name in running:
                    return said(machine, name, *command)
                case ["run", "--rm", "-T", "--no-deps", name]:
                    return said(machine, name)
    return Answer(125, err=f"this docker does not know: {' '.join(words)}\n")


def said(machine: InContainer, name: str, *command: str) -> Answer:
    """What a process of a service says."""
    ended = machine.run(OURS[name], *command)
    return Answer(ended.returncode, ended.stdout, ended.stderr)
