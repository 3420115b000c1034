"""The project's image, really built, and the services of docker-compose.yml run from it.

Belongs here: building, and what a process in a container is given. Does not: the services (`machine.py`), or what is
expected. No engine is needed: buildah builds and runs by chroot, on the network of this machine.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from whale_assets_tests.deploy.compose import Service
from whale_assets_tests.deploy.machine import Around, Machine
from whale_assets_tests.services.geth import SERVICES

STORAGE = (SERVICES / "buildah").resolve()
BUILDAH = ["buildah", "--root", f"{STORAGE}/storage", "--runroot", f"{STORAGE}/run", "--storage-driver", "vfs"]
BASE = "localhost/python"
ENDS_WITHIN = 30
"""Seconds."""
BY_CHROOT = {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def buildah(*words: str) -> str:
    """What it prints. Skips the test where there is none."""
    if shutil.which("buildah") is None or not STORAGE.exists():
        pytest.skip("needs buildah, and an image to build on: `make services` installs both")
    return subprocess.run(
        [*BUILDAH, *words], env=BY_CHROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def built(project: Path) -> str:
    """The image that the project's Dockerfile makes."""
    image = f"localhost/whale-assets-{os.getpid()}"
    buildah("build", "--quiet", "--pull-never", "--build-arg", f"BASE={BASE}", "--tag", image, str(project))
    return image


class InContainer(Machine):
    """The services, as processes in a container with what compose gives each."""

    def __init__(self, around: Around, container: str) -> None:
        super().__init__(around)
        self.container = container

    @property
    def paths(self) -> dict[str, Path]:
        """In a container, paths are as the file says."""
        return {}

    def environment(self, service: Service) -> dict[str, str]:
        """Of buildah, which passes on nothing."""
        return BY_CHROOT

    def command(self, service: Service, words: Sequence[str]) -> list[str]:
        """Buildah, who it runs as, what the service is given, and the words."""
        owner = (self.project / ".whale" / "secrets").stat()
        given = ["--user", f"{owner.st_uid}:{owner.st_gid}"]
        for name, value in self.settings(service).items():
            given += ["--env", f"{name}={value}"]
        for place, path in self.mounts(service).items():
            given += ["--volume", f"{path}:{place}"]
        return [*BUILDAH, "run", *given, self.container, "--", *super().command(service, words)]

    def mounts(self, service: Service) -> dict[str, Path]:
        """What is where in the container."""
        secrets = {f"/run/secrets/{name}": self.project / ".whale/secrets" / name for name in service.secrets}
        mounts = {"/opt/dagster/workspace.yaml": self.home / "workspace.yaml", **secrets}
        for source, place in service.volumes.items():
            if place == "/run/mysqld":
                mounts["/run/mysqld/mysqld.sock"] = self.socket
            elif source.startswith("./"):
                mounts[place] = self.project / source
            else:
                mounts[place] = self.volume(source)
        return mounts

    def volume(self, name: str) -> Path:
        """A volume that compose makes, into which everybody may write, as the image has it."""
        folder = self.project / "volumes" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o1777)
        return folder

    def process(self, service: Service) -> psutil.Process:
        """The service's own, below those of buildah."""
        found = psutil.Process(self.processes[service.name].pid)
        while found.cmdline()[0].startswith("buildah"):
            [found] = found.children()
        return found

    def ended(self, service: Service) -> int:
        """Has a service end, as docker does; answers with which code."""
        self.process(service).terminate()
        return self.processes[service.name].wait(ENDS_WITHIN)
