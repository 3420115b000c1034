"""A copy of the files that a deployment is made from, with secrets of its own.

Belongs here: copying, and running `deploy/secrets.sh` there. Does not: what is expected.
"""

import shutil
import subprocess
from pathlib import Path

from whale_assets_tests.deploy.compose import TOP

FILES = ("docker-compose.yml", "Dockerfile", ".dockerignore", "constraints.txt", "pyproject.toml", "README.md")


def copied(folder: Path) -> Path:
    """A folder with all that the image and the compose file are made from."""
    for file in FILES:
        shutil.copy(TOP / file, folder)
    for part in ("deploy", "whale_assets"):
        shutil.copytree(TOP / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def with_secrets(folder: Path) -> Path:
    """The same, and its secrets."""
    make_secrets(copied(folder))
    return folder


def make_secrets(folder: Path) -> str:
    """Answers what `deploy/secrets.sh` prints."""
    return subprocess.run([folder / "deploy" / "secrets.sh"], check=True, capture_output=True, text=True).stdout
